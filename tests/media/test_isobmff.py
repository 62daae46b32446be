import struct
from collections.abc import Iterator

import pytest

from mockleo.media.isobmff import Film, mp4

SAMPLES = [[b"\x65first", b"\x65half"], [b"\x61second"], [b"\x65third, longer than the others"]]
PARENTS = {b"moov", b"trak", b"mdia", b"minf", b"dinf", b"stbl"}

FILM = Film(
    width=832,
    height=480,
    frames_per_second=25,
    samples=SAMPLES,
    keys=[0, 2],
    sequence_parameters=b"\x67\x42\xc0\x1esequence",
    picture_parameters=b"\x68picture",
    note=b"a note",
)


def boxes(data: bytes, path: str = "") -> Iterator[tuple[str, int, bytes]]:
    """Path, place in the file and content of every box, parents before children; sizes have to add up."""
    at = 0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        assert 8 <= size <= len(data) - at
        name, content = f"{path}/{kind.decode()}", data[at + 8 : at + size]
        yield name, at, content
        if kind in PARENTS:
            yield from boxes(content, name)
        at += size


CONTENT = {path: content for path, _, content in boxes(mp4(FILM))}
TABLE = "/moov/trak/mdia/minf/stbl"


def test_the_index_comes_before_the_data() -> None:
    top = [path for path, _, _ in boxes(mp4(FILM)) if path.count("/") == 1]
    assert top == ["/ftyp", "/free", "/moov", "/mdat"]
    assert CONTENT["/free"] == b"a note"


def test_every_sample_is_where_the_index_says() -> None:
    file = mp4(FILM)
    _, fixed, count, *sizes = struct.unpack(">III3I", CONTENT[f"{TABLE}/stsz"])
    assert (fixed, count) == (0, 3)
    _, chunks, at = struct.unpack(">III", CONTENT[f"{TABLE}/stco"])
    assert chunks == 1
    assert struct.unpack(">IIIII", CONTENT[f"{TABLE}/stsc"]) == (0, 1, 1, 3, 1)
    for size, units in zip(sizes, SAMPLES, strict=True):
        sample = file[at : at + size]
        found = []
        while sample:
            (length,) = struct.unpack_from(">I", sample)
            found.append(sample[4 : 4 + length])
            sample = sample[4 + length :]
        assert found == units
        at += size
    assert at == len(file)


def test_the_keys_are_counted_from_one() -> None:
    assert struct.unpack(">IIII", CONTENT[f"{TABLE}/stss"]) == (0, 2, 1, 3)


def test_all_three_durations_agree() -> None:
    # 3 frames at 25 a second are 0.12 s.
    for path in ("/moov/mvhd", "/moov/trak/mdia/mdhd"):
        scale, duration = struct.unpack_from(">II", CONTENT[path], 12)
        assert duration / scale == pytest.approx(0.12)
    assert struct.unpack_from(">I", CONTENT["/moov/trak/tkhd"], 20) == (duration,)
    assert struct.unpack(">IIII", CONTENT[f"{TABLE}/stts"]) == (0, 1, 3, duration // 3)


def test_the_size_is_told_twice() -> None:
    assert struct.unpack_from(">II", CONTENT["/moov/trak/tkhd"], 76) == (832 << 16, 480 << 16)
    entry = CONTENT[f"{TABLE}/stsd"]
    assert entry[12:16] == b"avc1"
    assert struct.unpack_from(">HH", entry, 8 + 8 + 24) == (832, 480)


def test_the_headers_are_as_long_as_the_standard_says() -> None:
    lengths = {"/moov/mvhd": 100, "/moov/trak/tkhd": 84, "/moov/trak/mdia/mdhd": 24}
    assert {path: len(CONTENT[path]) for path in lengths} == lengths
    # The sample entry: its own header, 78 bytes, then the decoder's configuration.
    assert CONTENT[f"{TABLE}/stsd"][8 + 86 + 4 : 8 + 86 + 8] == b"avcC"


def test_the_decoder_is_told_profile_and_level() -> None:
    entry = CONTENT[f"{TABLE}/stsd"]
    configuration = entry[entry.index(b"avcC") + 4 :]
    assert configuration == (
        b"\x01\x42\xc0\x1e\xff\xe1\x00\x0c\x67\x42\xc0\x1esequence\x01\x00\x08\x68picture"
    )
