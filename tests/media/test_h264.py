"""The encoder against a decoder that is not ours: FFmpeg's, told to call out at anything it does not like."""

from __future__ import annotations

import re
from io import BytesIO

import av
import av.logging
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockleo.media.cavlc import unsigned
from mockleo.media.h264 import (
    Band,
    Format,
    Macroblock,
    inter_slice,
    intra_slice,
    picture_parameters,
    sequence_parameters,
)

COLUMNS, ROWS = 3, 2
FORMAT = Format(width=16 * COLUMNS, height=16 * ROWS, frames_per_second=24)

LIGHT = st.integers(0, 255)
CELLS = st.lists(LIGHT, min_size=16, max_size=16).map(tuple)
FLAT = st.tuples(LIGHT, LIGHT, LIGHT)
PICTURE = st.lists(FLAT, min_size=COLUMNS * ROWS, max_size=COLUMNS * ROWS)
CELLED_PICTURE = st.lists(
    st.tuples(st.one_of(LIGHT, CELLS), LIGHT, LIGHT), min_size=COLUMNS * ROWS, max_size=COLUMNS * ROWS
)


def decoded(units: list[bytes], *, frames: int) -> list[av.VideoFrame]:
    """What FFmpeg makes of the stream. Fails if it has anything to say about it."""
    parameters = [sequence_parameters(FORMAT), picture_parameters()]
    stream = b"".join(b"\0\0\0\1" + unit for unit in [*parameters, *units])
    before = av.logging.get_level()
    av.logging.set_level(av.logging.WARNING)
    try:
        with (
            av.logging.Capture(local=False) as said,
            av.open(BytesIO(stream), "r", format="h264", options={"framerate": "24"}) as container,
        ):
            video = container.streams.video[0]
            video.thread_type = "NONE"
            video.codec_context.options = {"err_detect": "crccheck+bitstream+buffer+explode"}
            found = list(container.decode(video))
    finally:
        av.logging.set_level(before)
    assert said == []
    assert len(found) == frames
    return found


def plane(frame: av.VideoFrame, number: int) -> list[bytes]:
    """The rows of a plane without the padding behind them."""
    part = frame.planes[number]
    data = bytes(part)
    return [data[at * part.line_size :][: part.width] for at in range(part.height)]


def shown(frame: av.VideoFrame, at: int) -> tuple[list[int], set[int], set[int]]:
    """The 256 pixels of a macroblock, and the values its chroma has."""
    x, y = at % COLUMNS, at // COLUMNS
    luma = [value for row in plane(frame, 0)[16 * y :][:16] for value in row[16 * x :][:16]]
    blue, red = (
        {value for row in plane(frame, n)[8 * y :][:8] for value in row[8 * x :][:8]} for n in (1, 2)
    )
    return luma, blue, red


@settings(deadline=None, max_examples=40)
@given(PICTURE)
def test_a_flat_macroblock_is_decoded_to_the_very_colour(blocks: list[Macroblock]) -> None:
    data = Band(columns=COLUMNS, rows=ROWS).intra(blocks)
    (frame,) = decoded([intra_slice(data, first_macroblock=0, picture_id=0)], frames=1)
    for at, (luma, blue, red) in enumerate(blocks):
        assert shown(frame, at) == ([luma] * 256, {blue}, {red})


@settings(deadline=None, max_examples=40)
@given(CELLED_PICTURE)
def test_cells_are_decoded_to_nearly_their_brightness(blocks: list[Macroblock]) -> None:
    data = Band(columns=COLUMNS, rows=ROWS).intra(blocks)
    (frame,) = decoded([intra_slice(data, first_macroblock=0, picture_id=0)], frames=1)
    for at, (luma, blue, red) in enumerate(blocks):
        cells = (luma,) * 16 if isinstance(luma, int) else luma
        pixels, *colours = shown(frame, at)
        assert colours == [{blue}, {red}]
        for number, value in enumerate(pixels):
            # Sixteen coefficients, each rounded by half a grey step at most.
            assert abs(value - cells[number // 64 * 4 + number % 16 // 4]) <= 8


@settings(deadline=None, max_examples=30)
@given(
    CELLED_PICTURE, st.lists(st.tuples(st.integers(0, COLUMNS * ROWS - 1), FLAT), max_size=24), st.booleans()
)
def test_pictures_between_change_what_is_told_and_keep_the_rest(
    first: list[Macroblock], changes: list[tuple[int, Macroblock]], restart: bool
) -> None:
    band = Band(columns=COLUMNS, rows=ROWS)
    units = [intra_slice(band.intra(first), first_macroblock=0, picture_id=0)]
    blocks, steps = first, [first]
    for frame, (at, block) in enumerate(changes, 1):
        blocks = [*blocks[:at], block, *blocks[at + 1 :]]
        steps.append(blocks)
        units.append(inter_slice(band.inter(blocks), first_macroblock=0, frame=frame))
    if restart:
        units.append(intra_slice(band.intra(first), first_macroblock=0, picture_id=1))
        steps.append(first)

    frames = decoded(units, frames=len(steps))
    for frame_before, frame_after, before, after in zip(frames, frames[1:], steps, steps[1:], strict=False):
        for at, (luma, blue, red) in enumerate(after):
            if isinstance(luma, int):
                assert shown(frame_after, at) == ([luma] * 256, {blue}, {red})
            elif before[at] == after[at]:
                assert shown(frame_after, at) == shown(frame_before, at)


def test_two_bands_make_one_picture() -> None:
    upper, lower = Band(columns=COLUMNS, rows=1), Band(columns=COLUMNS, rows=1)
    above, below, later = ([(level, 90, 160)] * COLUMNS for level in (40, 200, 120))
    units = [
        intra_slice(upper.intra(above), first_macroblock=0, picture_id=0),
        intra_slice(lower.intra(below), first_macroblock=COLUMNS, picture_id=0),
        inter_slice(unsigned(COLUMNS), first_macroblock=0, frame=1),
        inter_slice(lower.inter(later), first_macroblock=COLUMNS, frame=1),
    ]
    first, second = decoded(units, frames=2)
    assert [shown(first, at)[0][0] for at in (0, COLUMNS)] == [40, 200]
    assert [shown(second, at)[0][0] for at in (0, COLUMNS)] == [40, 120]


def test_a_change_of_nothing_is_a_handful_of_bytes() -> None:
    band = Band(columns=COLUMNS, rows=ROWS)
    blocks: list[Macroblock] = [(90, 128, 128)] * (COLUMNS * ROWS)
    band.intra(blocks)
    assert len(inter_slice(band.inter(blocks), first_macroblock=0, frame=1)) <= 6


def test_what_was_changed_stays_changed_and_can_be_changed_back() -> None:
    band = Band(columns=COLUMNS, rows=ROWS)
    first: list[Macroblock] = [(90, 128, 128)] * (COLUMNS * ROWS)
    second = [*first[:2], (200, 128, 128), *first[3:]]
    nothing = unsigned(COLUMNS * ROWS)
    band.intra(first)
    assert band.inter(second) != nothing
    assert band.inter(second) == nothing
    assert band.inter(first) != nothing


@pytest.mark.parametrize("frames_per_second", [1, 24, 60])
def test_the_stream_alone_tells_its_rate(frames_per_second: int) -> None:
    format_ = Format(width=16, height=16, frames_per_second=frames_per_second)
    data = Band(columns=1, rows=1).intra([(90, 128, 128)])
    slice_ = intra_slice(data, first_macroblock=0, picture_id=0)
    units = (sequence_parameters(format_), picture_parameters(), slice_)
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    packet = av.Packet(b"".join(b"\0\0\0\1" + unit for unit in units))
    assert len([*decoder.decode(packet), *decoder.decode()]) == 1
    assert decoder.framerate == frames_per_second


@given(
    st.lists(st.sampled_from(["0" * 8, "00000001", "00000011", "11111111", "0"]), max_size=24).map("".join)
)
def test_no_start_code_is_inside_a_unit(data: str) -> None:
    unit = inter_slice(data, first_macroblock=0, frame=0)
    assert not re.search(rb"\x00\x00[\x00-\x02]", unit)
    plain = re.sub(rb"\x00\x00\x03", b"\x00\x00", unit[1:])
    header = unsigned(0) + unsigned(5) + unsigned(0) + "0000" + "000" + "1" + "010"
    assert format(int.from_bytes(plain), f"0{8 * len(plain)}b").rstrip("0") == header + data + "1"


# Table A-1 of the standard. Where two limits pull, the stricter one decides.
@pytest.mark.parametrize(
    ("width", "height", "frames_per_second", "level_idc"),
    [
        (16, 16, 24, 10),
        (176, 144, 15, 10),
        (176, 144, 30, 11),
        (352, 288, 30, 13),
        (832, 480, 24, 30),
        (832, 480, 30, 31),
        (1280, 720, 30, 31),
        (1280, 720, 60, 32),
        (1920, 1080, 24, 40),
        (1920, 1080, 60, 42),
        (3840, 2160, 30, 51),
        (4096, 4096, 24, 60),
        (4096, 4096, 240, 62),
        # 256 macroblocks across are too many for a level that allows few in all.
        (4096, 16, 1, 40),
    ],
)
def test_the_level_is_the_lowest_that_allows_it(
    width: int, height: int, frames_per_second: int, level_idc: int
) -> None:
    format_ = Format(width=width, height=height, frames_per_second=frames_per_second)
    assert format_.level_idc == level_idc
    assert sequence_parameters(format_)[3] == level_idc


@pytest.mark.parametrize(("width", "height"), [(15, 16), (16, 15), (0, 16)])
def test_odd_sizes_are_a_mistake(width: int, height: int) -> None:
    with pytest.raises(AssertionError, match="even sizes"):
        Format(width=width, height=height, frames_per_second=24)


def test_what_no_level_allows_is_a_mistake() -> None:
    with pytest.raises(AssertionError, match=r"no level of H\.264"):
        sequence_parameters(Format(width=4096, height=4096, frames_per_second=300))
