"""The client's own clock, faster: found, set, and refused where it could not work."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mockleo.harness.runner import speed
from mockleo.harness.runner.speed import NoSpeed, environment, library, refuse_deaf
from tests.harness.faketime import needs_faketime

if TYPE_CHECKING:
    from pathlib import Path

AT_MS = 1_800_000_000_000


def elf(*, is_64: bool = True, little: bool = True, dynamic: bool = True, rest: bytes = b"") -> bytes:
    """The head of an ELF file with two program headers."""
    order = "little" if little else "big"
    table, size = (64, 56) if is_64 else (52, 32)
    head = bytearray(table + 2 * size)
    head[:7] = b"\x7fELF" + bytes([2 if is_64 else 1, 1 if little else 2, 1])

    def put(at: int, length: int, value: int) -> None:
        head[at : at + length] = value.to_bytes(length, "little" if order == "little" else "big")

    put(32 if is_64 else 28, 8 if is_64 else 4, table)
    put(54 if is_64 else 42, 2, size)
    put(56 if is_64 else 44, 2, 2)
    put(table, 4, 1)
    put(table + size, 4, 3 if dynamic else 1)
    return bytes(head) + rest


def program(folder: Path, content: bytes, name: str = "client") -> str:
    path = folder / name
    path.write_bytes(content)
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("is_64", [True, False])
@pytest.mark.parametrize("little", [True, False])
def test_a_static_binary_is_refused_and_another_is_not(tmp_path: Path, is_64: bool, little: bool) -> None:
    refuse_deaf([program(tmp_path, elf(is_64=is_64, little=little))])
    static = program(tmp_path, elf(is_64=is_64, little=little, dynamic=False))
    with pytest.raises(NoSpeed, match=r"static binary.*without --speed"):
        refuse_deaf([static])


def test_a_go_program_is_refused_also_where_it_is_dynamic(tmp_path: Path) -> None:
    with pytest.raises(NoSpeed, match="Go program"):
        refuse_deaf([program(tmp_path, elf(rest=b"\0" * 99 + b"\xff Go buildinf:\x08\x02"))])


@pytest.mark.parametrize(
    "first",
    ["#!{}", "#! {} -u", "#!/usr/bin/env {}", "#!/usr/bin/env -S {} --flag", "#!/usr/bin/env -S A=1 {} -x"],
)
def test_of_a_script_the_interpreter_counts(tmp_path: Path, first: str) -> None:
    static = program(tmp_path, elf(dynamic=False), "interpreter")
    dynamic = program(tmp_path, elf(), "other")
    with pytest.raises(NoSpeed, match="interpreter: it is a static binary"):
        refuse_deaf([program(tmp_path, f"{first.format(static)}\nprint()\n".encode())])
    refuse_deaf([program(tmp_path, f"{first.format(dynamic)}\nprint()\n".encode())])


def test_a_relative_path_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, elf(dynamic=False))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NoSpeed, match="static"):
        refuse_deaf(["./client"])


def test_what_is_not_known_is_not_refused(tmp_path: Path) -> None:
    refuse_deaf(["no-such-command-anywhere"])
    refuse_deaf([program(tmp_path, b"")])
    refuse_deaf([program(tmp_path, b"#!\n")])
    refuse_deaf([program(tmp_path, b"#!/no/such/interpreter\n")])
    itself = program(tmp_path, f"#!{tmp_path}/loop\n".encode(), "loop")
    refuse_deaf([itself])
    refuse_deaf([sys.executable])


def test_a_missing_library_is_told_with_what_would_help(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(speed.VARIABLE, raising=False)
    monkeypatch.setattr(speed, "_PLACES", ())
    with pytest.raises(NoSpeed, match=r"apt install faketime.*brew install.*MOCKLEO_LIBFAKETIME"):
        library()
    monkeypatch.setenv(speed.VARIABLE, "/no/such/library.so")
    with pytest.raises(NoSpeed, match=r"MOCKLEO_LIBFAKETIME: there is no file /no/such/library\.so"):
        library()


def test_the_users_own_preloads_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lib.so").touch()
    monkeypatch.setenv(speed.VARIABLE, str(tmp_path / "lib.so"))
    monkeypatch.setattr(speed, "_is_mac", lambda: False)
    told = environment(60, at_ms=AT_MS, beside={"LD_PRELOAD": "/a.so"})
    assert told["LD_PRELOAD"] == f"{tmp_path}/lib.so:/a.so"
    assert told["FAKETIME"] == "@2027-01-15 08:00:00 x60"
    assert environment(2.5, at_ms=AT_MS, beside={})["FAKETIME"].endswith(" x2.5")


SLEEPERS = {
    sys.executable: "import time; began = time.time(); time.sleep(30); print(began, time.time())",
    "node": "const b = Date.now(); setTimeout(() => console.log(b / 1000, Date.now() / 1000), 30000)",
}


@needs_faketime
@pytest.mark.parametrize("interpreter", sorted(SLEEPERS))
def test_half_a_minute_of_a_client_is_no_half_a_minute(interpreter: str) -> None:
    if shutil.which(interpreter) is None:
        pytest.skip(f"{interpreter} is not here")
    told = {**os.environ, **environment(60, at_ms=AT_MS, beside=os.environ)}
    flag = "-e" if interpreter == "node" else "-c"
    done = subprocess.run(
        [interpreter, flag, SLEEPERS[interpreter]],
        env=told,
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    )
    began, ended = map(float, done.stdout.split())
    assert 29 <= ended - began < 90
    assert AT_MS / 1000 - 1 <= began < AT_MS / 1000 + 300
