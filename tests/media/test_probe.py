from __future__ import annotations

import struct
from io import BytesIO
from typing import TYPE_CHECKING

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockleo.media.picture import Picture, jpeg, png, webp
from mockleo.media.probe import ENTRIES_MAX, Probe, probe
from mockleo.media.scene import glb, obj
from mockleo.media.sound import wav
from mockleo.media.textures import texture_map
from mockleo.media.video import Clip, mp4

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

PICTURE = Picture(seed=1, prompt="a lazy cat", width=70, height=41)
CLIP = Clip(seed=1, prompt="a lazy cat", width=100, height=50, duration_ms=1_500)

# Everything that is drawn here, and what it is.
DRAWN: dict[str, tuple[bytes, Probe]] = {
    "jpeg": (jpeg(PICTURE), Probe(media_type="image", width=70, height=41)),
    "png": (png(PICTURE), Probe(media_type="image", width=70, height=41)),
    "transparent png": (png(PICTURE, transparent=True), Probe(media_type="image", width=70, height=41)),
    "webp": (webp(PICTURE), Probe(media_type="image", width=70, height=41)),
    "texture": (
        texture_map("NORMAL", seed=1, prompt="", size_px=33),
        Probe(media_type="image", width=33, height=33),
    ),
    "mp4": (
        mp4(CLIP),
        Probe(media_type="video", width=100, height=50, duration_s=1.5, frames_per_second=24),
    ),
    "glb": (glb(seed=1, prompt=""), Probe(media_type="model")),
    "wav": (wav(seed=1, prompt="", duration_ms=1_250), Probe(media_type="audio", duration_s=1.25)),
}


@pytest.mark.parametrize("name", DRAWN)
def test_what_is_drawn_here_is_recognised(name: str) -> None:
    data, truth = DRAWN[name]
    assert probe(data) == truth


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"GIF89a",
        obj(seed=1),
        b"<svg/>",
        b"\xff\xd8",
        b"RIFF\0\0\0\0AVI ",
        b"%PDF-1.7",
        b"\0" * 64,
    ],
)
def test_what_is_nothing_of_these_is_not_guessed_at(data: bytes) -> None:
    assert probe(data) is None


@pytest.mark.parametrize(
    "options", [{"progressive": True}, {"subsampling": 0}, {"exif": b"Exif\0\0" + b"x" * 9_000}]
)
def test_jpegs_of_other_kinds(options: dict[str, object]) -> None:
    assert probe(reencoded("JPEG", **options)) == Probe(media_type="image", width=70, height=41)


def test_a_jpeg_may_bring_its_tables_first() -> None:
    tables = b"".join(struct.pack(">BBH", 0xFF, kind, 6) + b"\0\1\0\1" for kind in (0xC4, 0xCC, 0xDB))
    padding = b"\xff\xff"
    frame = struct.pack(">BBHBHHB", 0xFF, 0xC9, 8, 8, 41, 70, 1)
    assert probe(b"\xff\xd8" + tables + padding + frame) == Probe(media_type="image", width=70, height=41)


@pytest.mark.parametrize(
    "options", [{"lossless": True}, {"exif": b"Exif\0\0MM\0*\0\0\0\x08"}, {"quality": 5}]
)
def test_webps_of_other_kinds(options: dict[str, object]) -> None:
    assert probe(reencoded("WEBP", **options)) == Probe(media_type="image", width=70, height=41)


def reencoded(kind: str, **options: object) -> bytes:
    from PIL import Image

    file = BytesIO()
    Image.open(BytesIO(png(PICTURE))).save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize("container", ["mp4", "mov"])
@pytest.mark.parametrize("index_first", [True, False])
def test_films_of_another_maker(container: str, index_first: bool, tmp_path: Path) -> None:
    options = {"movflags": "faststart"} if index_first else {}
    file = tmp_path / f"film.{container}"
    film(str(file), options)
    found = probe(file.read_bytes())
    assert found is not None
    assert (found.media_type, found.width, found.height) == ("video", 64, 48)
    assert found.duration_s == pytest.approx(1, abs=0.1)
    assert found.frames_per_second == pytest.approx(25)


def test_sound_in_a_container_for_films_is_sound() -> None:
    file = BytesIO()
    with av.open(file, "w", format="ipod") as container:
        speak(container, container.add_stream("aac", rate=48_000), seconds=1)
    found = probe(file.getvalue())
    assert found is not None
    assert (found.media_type, found.width, found.frames_per_second) == ("audio", None, None)
    assert found.duration_s == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("rate", [48_000, 44_100, 22_050])
@pytest.mark.parametrize("announced", [True, False])
def test_mp3s(rate: int, announced: bool) -> None:
    file = BytesIO()
    with av.open(file, "w", format="mp3", options={} if announced else {"write_xing": "0"}) as container:
        speak(container, container.add_stream("mp3", rate=rate), seconds=2)
    found = probe(file.getvalue())
    assert found is not None
    assert found.media_type == "audio"
    assert found.duration_s == pytest.approx(2, abs=0.15)


# The header's first bytes, its channels, how far the count of frames is behind it, and frames a second.
@pytest.mark.parametrize(
    ("header", "channels", "behind", "frames_per_second"),
    [
        (b"\xff\xfb\x90", b"\x40", 32, 44_100 / 1_152),
        (b"\xff\xfb\x90", b"\xc0", 17, 44_100 / 1_152),
        (b"\xff\xf3\x94", b"\x40", 17, 24_000 / 576),
        (b"\xff\xf3\x94", b"\xc0", 9, 24_000 / 576),
        (b"\xff\xe3\x98", b"\xc0", 9, 8_000 / 576),
    ],
)
@pytest.mark.parametrize("tag", [b"", b"ID3\4\0\0\0\0\1\2" + bytes(130)])
def test_the_count_of_frames_is_believed(
    tag: bytes, header: bytes, channels: bytes, behind: int, frames_per_second: float
) -> None:
    data = tag + header + channels + bytes(behind) + b"Xing" + struct.pack(">II", 1, 700)
    found = probe(data)
    assert found is not None
    assert found.media_type == "audio"
    assert found.duration_s == pytest.approx(700 / frames_per_second)


def film(file: str, options: dict[str, str]) -> None:
    """A second of 64 x 48 at 25 frames a second, with sound."""
    with av.open(file, "w", options=options) as output:
        stream = output.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        sound = output.add_stream("aac", rate=48_000)
        for _ in range(25):
            output.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
        output.mux(stream.encode())
        speak(output, sound, seconds=1)


def speak(output: av.container.OutputContainer, stream: av.AudioStream, *, seconds: int) -> None:
    """Silence, which the encoder is told in pieces as large as it takes."""
    rate = stream.rate
    for at in range(0, rate * seconds, 1_152):
        frame = av.AudioFrame(format="s16", layout="mono", samples=min(1_152, rate * seconds - at))
        frame.planes[0].update(bytes(frame.planes[0].buffer_size))
        frame.sample_rate, frame.pts = rate, at
        output.mux(stream.encode(frame))
    output.mux(stream.encode())


# -- parts of files


def test_a_head_is_enough_where_the_size_stands_in_it() -> None:
    for name, length in (("jpeg", 1_000), ("png", 24), ("webp", 30), ("mp4", 2_000)):
        data, truth = DRAWN[name]
        assert probe(data[:length], size_bytes=len(data)) == truth


def test_the_duration_of_a_sound_goes_by_the_whole_file() -> None:
    data, truth = DRAWN["wav"]
    assert probe(data[:64], size_bytes=len(data)) == truth
    assert probe(data[: 44 + 24_000]) == Probe(media_type="audio", duration_s=0.5)


def test_what_is_cut_off_is_still_recognised() -> None:
    for data, truth in DRAWN.values():
        found = probe(data[:16])
        assert found is not None
        assert found.media_type == truth.media_type


def box(kind: bytes, *content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + sum(map(len, content)), kind) + b"".join(content)


FILE_TYPE = box(b"ftyp", b"isom")
# Version 1: 64-bit times. A thousand ticks a second, 2,500 of them.
LONG_HEADER = box(b"mvhd", b"\1\0\0\0", bytes(16), struct.pack(">IQ", 1_000, 2_500))


@pytest.mark.parametrize(
    ("data", "duration_s"),
    [
        (FILE_TYPE + box(b"moov", LONG_HEADER), 2.5),
        # A size of 1: the real one follows in 64 bits. A size of 0: to the end.
        (FILE_TYPE + struct.pack(">I4sQ", 1, b"moov", 16 + len(LONG_HEADER)) + LONG_HEADER, 2.5),
        (FILE_TYPE + struct.pack(">I4s", 0, b"moov") + LONG_HEADER, 2.5),
        # QuickTime without a file type, as old cameras write it.
        (box(b"wide") + box(b"mdat", b"data") + box(b"moov", LONG_HEADER), 2.5),
        # Unknown duration, no time scale, no header, sizes that lie.
        (FILE_TYPE + box(b"moov", box(b"mvhd", bytes(12), struct.pack(">II", 1_000, 0xFFFFFFFF))), None),
        (FILE_TYPE + box(b"moov", box(b"mvhd", bytes(12), struct.pack(">II", 0, 9))), None),
        (FILE_TYPE + box(b"moov"), None),
        (FILE_TYPE + struct.pack(">I4s", 7, b"moov") + LONG_HEADER, None),
        (FILE_TYPE + box(b"moov", b"\0\0\0\7fre", LONG_HEADER), None),
        (FILE_TYPE + struct.pack(">I4sQ", 1, b"free", 1 << 63) + box(b"moov", LONG_HEADER), None),
        (FILE_TYPE + box(b"moov", struct.pack(">I4s", 1 << 31, b"mvhd") + bytes(4)), None),
        (FILE_TYPE, None),
    ],
)
def test_boxes_of_all_kinds(data: bytes, duration_s: float | None) -> None:
    assert probe(data) == Probe(media_type="video", duration_s=duration_s)


@pytest.mark.parametrize(("version", "times"), [(b"\0", bytes(20)), (b"\1", bytes(32))])
def test_a_track_tells_its_size_in_either_version(version: bytes, times: bytes) -> None:
    # After version, flags and times: two empty words, layer, group, volume, an empty half word, the matrix.
    header = box(b"tkhd", version, bytes(3), times, bytes(16 + 36), struct.pack(">II", 70 << 16, 41 << 16))
    handler = box(b"mdia", box(b"hdlr", bytes(8), b"vide"))
    found = probe(FILE_TYPE + box(b"moov", box(b"trak", header, handler)))
    assert found == Probe(media_type="video", width=70, height=41)


@pytest.mark.parametrize("brand", [b"avif", b"heic", b"mif1"])
def test_stills_in_boxes_are_images(brand: bytes) -> None:
    assert probe(box(b"ftyp", brand)) == Probe(media_type="image")


def test_a_table_longer_than_sane_is_not_added_up() -> None:
    def one_track(entries: int) -> bytes:
        handler = box(b"hdlr", bytes(8), b"vide")
        header = box(b"mdhd", bytes(12), struct.pack(">II", 1, 10))
        table = box(b"stts", struct.pack(">II", 0, entries), struct.pack(">II", 1, 1) * entries)
        return FILE_TYPE + box(
            b"moov", box(b"trak", box(b"mdia", handler, header, box(b"minf", box(b"stbl", table))))
        )

    sane, insane = probe(one_track(ENTRIES_MAX)), probe(one_track(ENTRIES_MAX + 1))
    assert sane is not None
    assert insane is not None
    assert (sane.duration_s, sane.frames_per_second) == (10, ENTRIES_MAX / 10)
    assert (insane.duration_s, insane.frames_per_second) == (10, None)


# -- hostile files


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(sorted(DRAWN)),
    st.lists(st.tuples(st.integers(0, 1_200), st.integers(0, 255)), max_size=12),
    st.integers(0, 6_000),
    st.integers(-1, 1 << 70),
)
def test_a_spoilt_file_raises_nothing(
    name: str, changes: Sequence[tuple[int, int]], length: int, size_bytes: int
) -> None:
    data = bytearray(DRAWN[name][0][:length])
    for at, value in changes:
        if at < len(data):
            data[at] = value
    assert_sane(probe(bytes(data), size_bytes=size_bytes))


SIGNATURES = (
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    b"RIFF\0\0\0\0WEBPVP8 ",
    b"RIFF\0\0\0\0WEBPVP8L",
    b"RIFF\0\0\0\0WEBPVP8X",
    b"RIFF\0\0\0\0WAVEfmt ",
    b"ID3\4\0\0\0\0\0\0",
    b"\xff\xfb",
    b"glTF",
    b"\0\0\0\x08ftyp\0\0\0\0moov",
)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(SIGNATURES), st.binary(max_size=400))
def test_any_bytes_after_a_signature_raise_nothing(signature: bytes, rest: bytes) -> None:
    assert_sane(probe(signature + rest))


KINDS = st.sampled_from(
    [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"mvhd", b"mdhd", b"tkhd", b"stts", b"hdlr"]
)
TREE = st.recursive(
    st.binary(max_size=120),
    lambda inner: st.lists(st.tuples(KINDS, inner, st.integers(-9, 9)), max_size=4).map(
        lambda parts: b"".join(
            struct.pack(">I4s", max(0, 8 + len(content) + lie), kind) + content
            for kind, content, lie in parts
        )
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=200)
@given(TREE)
def test_any_tree_of_boxes_raises_nothing(tree: bytes) -> None:
    assert_sane(probe(FILE_TYPE + box(b"moov", tree)))


def assert_sane(found: Probe | None) -> None:
    if found is not None:
        for number in (found.width, found.height, found.duration_s, found.frames_per_second):
            assert number is None or number > 0


def nested(depth: int) -> bytes:
    data = b""
    for _ in range(depth):
        data = box(b"moov", data)
    return FILE_TYPE + data


@pytest.mark.parametrize(
    "hostile",
    [
        lambda: b"\xff" * 4_000_000,
        lambda: b"\xff\xd8" + b"\xff" * 4_000_000,
        lambda: b"\xff\xd8" + b"\xff\xe0\0\2" * 1_000_000,
        lambda: FILE_TYPE + box(b"free") * 500_000,
        lambda: FILE_TYPE + box(b"moov", box(b"trak") * 500_000),
        lambda: FILE_TYPE + box(b"moov", *[box(b"trak", box(b"mdia") * 2_000)] * 200),
        lambda: FILE_TYPE + bytes(1_000_000),
        lambda: nested(3_000),
        lambda: b"RIFF\0\0\0\0WAVE" + b"junk\0\0\0\0" * 500_000,
    ],
)
def test_the_work_does_not_grow_with_the_file(
    hostile: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted in reads, not in seconds."""
    from mockleo.media.probe import Window

    reads = 0
    take = Window.take

    def counted(window: Window, at: int, count: int) -> bytes:
        nonlocal reads
        reads += 1
        assert count < 100
        return take(window, at, count)

    monkeypatch.setattr(Window, "take", counted)
    probe(hostile())
    assert reads < 50_000
