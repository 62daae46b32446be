from __future__ import annotations

import struct
from fractions import Fraction
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING

import av
import av.logging
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockleo.media.video import Clip, mp4

if TYPE_CHECKING:
    from collections.abc import Callable


def a_clip(
    *,
    seed: int = 1,
    prompt: str = "a lazy cat",
    width: int = 96,
    height: int = 64,
    duration_ms: int = 500,
    index: int = 0,
    frames_per_second: int = 24,
) -> Clip:
    return Clip(
        seed=seed,
        prompt=prompt,
        width=width,
        height=height,
        duration_ms=duration_ms,
        index=index,
        frames_per_second=frames_per_second,
    )


def watched(clip: Clip) -> list[av.VideoFrame]:
    """All frames. Fails if FFmpeg has anything to say, or if the file says other things than were asked."""
    before = av.logging.get_level()
    av.logging.set_level(av.logging.WARNING)
    try:
        with av.logging.Capture(local=False) as said, av.open(BytesIO(mp4(clip)), "r") as container:
            (stream,) = container.streams
            assert isinstance(stream, av.VideoStream)
            stream.thread_type = "NONE"
            stream.codec_context.options = {"err_detect": "crccheck+bitstream+buffer+explode"}
            frames = list(container.decode(stream))
            assert (stream.codec_context.name, stream.profile) == ("h264", "Constrained Baseline")
            assert (stream.width, stream.height) == (clip.width, clip.height)
            assert stream.average_rate == stream.guessed_rate == clip.frames_per_second
            assert stream.duration is not None
            assert stream.time_base is not None
            assert stream.duration * stream.time_base == Fraction(clip.frames, clip.frames_per_second)
    finally:
        av.logging.set_level(before)
    assert said == []
    assert len(frames) == clip.frames
    assert {(frame.width, frame.height) for frame in frames} == {(clip.width, clip.height)}
    assert [frame.time for frame in frames] == pytest.approx(
        [number / clip.frames_per_second for number in range(clip.frames)]
    )
    keys = [number for number, frame in enumerate(frames) if frame.key_frame]
    assert keys == list(range(0, clip.frames, clip.frames_per_second)) == indexed_keys(mp4(clip))
    return frames


def indexed_keys(file: bytes) -> list[int]:
    """The pictures, from 0 on, that the index lets a player start at. FFmpeg looks for itself instead."""
    at = file.index(b"stss") + 8
    count = int.from_bytes(file[at : at + 4])
    return [key - 1 for (key,) in struct.iter_unpack(">I", file[at + 4 : at + 4 + 4 * count])]


def luma(frame: av.VideoFrame) -> bytes:
    part = frame.planes[0]
    data = bytes(part)
    return b"".join(data[at * part.line_size :][: part.width] for at in range(part.height))


@pytest.mark.parametrize(
    ("width", "height", "duration_ms", "frames_per_second", "frames"),
    [
        (832, 480, 5_000, 24, 120),
        (480, 832, 5_040, 24, 121),
        (1280, 720, 3_000, 30, 90),
        (1920, 1080, 2_000, 24, 48),
        (2, 2, 1_000, 24, 24),
        (16, 16, 0, 24, 1),
        (18, 30, 2_100, 10, 21),
        (100, 50, 3_000, 60, 180),
        (4096, 2, 100, 24, 2),
        (64, 64, 70_000, 1, 70),
    ],
)
def test_it_plays_in_the_size_rate_and_length_asked_for(
    width: int, height: int, duration_ms: int, frames_per_second: int, frames: int
) -> None:
    clip = a_clip(width=width, height=height, duration_ms=duration_ms, frames_per_second=frames_per_second)
    assert len(watched(clip)) == clip.frames == frames


@settings(deadline=None, max_examples=25)
@given(
    seed=st.integers(),
    prompt=st.text(alphabet=st.characters()),
    width=st.integers(1, 100).map(lambda half: 2 * half),
    height=st.integers(1, 100).map(lambda half: 2 * half),
    duration_ms=st.integers(0, 2_500),
    frames_per_second=st.integers(1, 60),
)
def test_every_clip_plays(
    seed: int, prompt: str, width: int, height: int, duration_ms: int, frames_per_second: int
) -> None:
    watched(
        a_clip(
            seed=seed,
            prompt=prompt,
            width=width,
            height=height,
            duration_ms=duration_ms,
            frames_per_second=frames_per_second,
        )
    )


def test_pictures_are_numbered_as_the_standard_says() -> None:
    """FFmpeg forgives wrong numbers; chips that decode do not."""
    clip = a_clip(duration_ms=3_000)
    with av.open(BytesIO(mp4(clip)), "r") as container:
        samples = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    headers = [[slice_header(unit) for unit in units(sample)] for sample in samples]
    # Both slices of a picture agree, and cover it: 6 x 4 macroblocks, the lowest 6 of them in the bar.
    assert {tuple(first for first, *_ in slices) for slices in headers} == {(0, 18)}
    assert all(upper[1:] == lower[1:] for upper, lower in headers)
    numbers = [(kind, frame, picture) for (_, kind, frame, picture), _ in headers]
    assert [(kind, frame) for kind, frame, _ in numbers] == [
        ("P" if number % 24 else "IDR", number % 24 % 16) for number in range(72)
    ]
    keys = [picture for kind, _, picture in numbers if kind == "IDR"]
    assert all(one != next_one for one, next_one in pairwise(keys))


def units(sample: bytes) -> list[bytes]:
    found = []
    while sample:
        length = int.from_bytes(sample[:4])
        found.append(sample[4 : 4 + length])
        sample = sample[4 + length :]
    return found


def slice_header(unit: bytes) -> tuple[int, str, int, int | None]:
    """first_mb_in_slice, the kind of picture, frame_num, idr_pic_id (of an IDR picture)."""
    bits = "".join(format(value, "08b") for value in unit[1:16].replace(b"\0\0\3", b"\0\0"))
    at = 0

    def unsigned() -> int:
        nonlocal at
        zeros = bits.index("1", at) - at
        at += 2 * zeros + 1
        return int(bits[at - zeros - 1 : at], 2) - 1

    first, slice_type, parameters = unsigned(), unsigned(), unsigned()
    frame = int(bits[at : at + 4], 2)
    at += 4
    assert parameters == 0
    if unit[0] & 31 == 5:
        assert slice_type == 7
        return first, "IDR", frame, unsigned()
    assert (unit[0] & 31, slice_type) == (1, 5)
    return first, "P", frame, None


def test_the_bar_fills_from_left_to_right_and_the_rest_stands_still() -> None:
    frames = [luma(frame) for frame in watched(a_clip(width=320, height=160, duration_ms=2_000))]
    pixels = [frame[-320:] for frame in frames]
    full = [sum(value > 150 for value in row) for row in pixels]
    assert full == sorted(full)
    assert full[0] < 32
    assert full[-1] == 320
    assert all(row == bytes(sorted(row, reverse=True)) for row in pixels)
    assert len({frame[: 320 * 144] for frame in frames}) == 1


def test_the_prompt_is_written_in_white_on_something_darker() -> None:
    pages = [watched(a_clip(width=640, height=320, prompt=prompt))[0] for prompt in ("WWWW", "")]
    # Without the bar, which is as bright.
    written, empty = (luma(page)[: 640 * 288] for page in pages)
    assert sum(value > 225 for value in written) > 1_000
    assert sum(value < 60 for value in written) > 10_000
    assert sum(value > 225 for value in empty) == 0


def test_eight_seconds_of_full_hd_stay_small() -> None:
    prompt = "a busy street, " * 30
    assert len(mp4(a_clip(width=1920, height=1080, duration_ms=8_000, prompt=prompt))) < 1_000_000


@pytest.mark.parametrize("side", [2, 64])
def test_each_part_of_what_is_asked_for_matters(side: int) -> None:
    clips = (
        a_clip(width=side, height=side),
        a_clip(width=side, height=side, seed=2),
        a_clip(width=side, height=side, index=1),
        a_clip(width=side, height=side, prompt="a lazy dog"),
        a_clip(width=side, height=side + 2),
        a_clip(width=side, height=side, duration_ms=501),
        a_clip(width=side, height=side, frames_per_second=25),
    )
    assert len({mp4(clip) for clip in clips}) == len(clips)


def test_a_seed_shows_in_the_pixels_and_not_only_in_the_mark() -> None:
    clips = [a_clip(seed=seed, index=index, width=320, height=160) for seed in (1, 2) for index in (0, 1)]
    assert len({luma(watched(clip)[0]) for clip in clips}) == len(clips)


def test_another_process_draws_the_same(drawn_alike_elsewhere: Callable[[str, bytes], None]) -> None:
    drawn_alike_elsewhere(f"video.mp4(video.{a_clip()!r})", mp4(a_clip()))


@pytest.mark.parametrize(
    ("width", "height", "duration_ms", "frames_per_second"),
    [(15, 16, 1, 24), (16, 15, 1, 24), (0, 16, 1, 24), (4098, 16, 1, 24), (16, 16, -1, 24), (16, 16, 1, 0)],
)
def test_other_wishes_are_a_mistake(
    width: int, height: int, duration_ms: int, frames_per_second: int
) -> None:
    with pytest.raises(AssertionError, match=r"a clip of|frames a second"):
        a_clip(width=width, height=height, duration_ms=duration_ms, frames_per_second=frames_per_second)
