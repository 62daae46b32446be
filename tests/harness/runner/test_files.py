"""The files that a client has left."""

from __future__ import annotations

import os
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from mockleo.harness.runner import files
from mockleo.harness.runner.files import saved

if TYPE_CHECKING:
    from pathlib import Path


def picture(kind: str) -> bytes:
    out = BytesIO()
    Image.effect_noise((64, 64), 40).convert("RGB").save(out, kind)
    return out.getvalue()


def box(kind: bytes, content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + kind + content


FILM = box(b"ftyp", b"isom" * 4) + box(b"moov", b"x" * 50) + box(b"mdat", b"y" * 400)
HTML = b"<!doctype html><title>503</title>"


@pytest.mark.parametrize(
    ("name", "content", "kind", "is_whole"),
    [
        ("a.jpg", picture("jpeg"), "jpg", True),
        ("a.png", picture("png"), "png", True),
        ("a.webp", picture("webp"), "webp", True),
        ("a", picture("png"), "png", True),
        ("a.txt", picture("png"), "png", True),
        ("a.jpg", picture("jpeg")[:-400], "jpg", False),
        ("a.png", picture("png")[:-400], "png", False),
        ("a.png", picture("png")[:600] + b"\0" * 90 + picture("png")[690:], "png", False),
        ("a.webp", picture("webp")[:-400], "webp", False),
        ("a.jpg", HTML, "", False),
        ("a.jpg", b"", "", False),
        ("a", HTML, "", False),
        ("a.mp4", FILM, "mp4", True),
        ("a.mp4", FILM[:-1], "mp4", False),
        ("a.mp4", FILM + b"\0\0\0\1wide", "mp4", False),
        ("a.mp4", HTML, "", False),
    ],
)
def test_what_it_is_and_whether_it_is_whole(
    tmp_path: Path, name: str, content: bytes, kind: str, is_whole: bool
) -> None:
    (tmp_path / name).write_bytes(content)
    (found,) = saved(tmp_path)
    assert (found.name, found.bytes, found.kind, found.is_whole) == (name, len(content), kind, is_whole)


@pytest.mark.parametrize(
    "name", [".hidden.jpg", ".cache/a.jpg", "deep/.git/a.jpg", "jobs.json", "log.txt", "a.jpg.part", "a.md"]
)
def test_what_is_no_result_is_left_out(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(HTML)
    assert list(saved(tmp_path)) == []


def test_folders_are_gone_through_in_order(tmp_path: Path) -> None:
    for name in ("b/2.png", "b/1.png", "a/3.png", "z.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(picture("png"))
    found = list(saved(tmp_path))
    assert [file.name for file in found] == ["z.png", "a/3.png", "b/1.png", "b/2.png"]
    assert len({file.digest for file in found}) >= 1


def test_links_and_pipes_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "link.jpg").symlink_to("/etc/hostname")
    os.mkfifo(tmp_path / "pipe.jpg")
    assert list(saved(tmp_path)) == []


def test_a_huge_tree_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_FILES_MOST", 5)
    monkeypatch.setattr(files, "_LOOKED_AT_MOST", 20)
    for nth in range(30):
        (tmp_path / f"{nth:02}.jpg").write_bytes(b"x")
    assert len(list(saved(tmp_path))) == 5
    for nth in range(30):
        (tmp_path / f"{nth:02}.jpg").rename(tmp_path / f"{nth:02}.json")
    (tmp_path / "99.jpg").write_bytes(b"x")
    assert list(saved(tmp_path)) == []


def test_of_a_huge_file_only_the_size_is_told(tmp_path: Path) -> None:
    with (tmp_path / "a.png").open("wb") as file:
        file.write(picture("png"))
        file.truncate(1 << 40)
    (found,) = saved(tmp_path)
    assert (found.bytes, found.kind, found.is_whole, found.digest) == (1 << 40, "", False, "")


def test_a_file_that_cannot_be_read_is_not_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x")

    def refuse(_path: Path) -> bytes:
        raise PermissionError

    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)
    (found,) = saved(tmp_path)
    assert not found.is_whole
