"""Clips: the prompt over a mosaic, and a bar at the lower edge that fills as the clip plays.

No encoder has to be installed: `h264` is one, just able enough for this. The picture is drawn once, at one
point for each macroblock and one for each of its 4 x 4 cells under the prompt. Every second starts with a
whole picture, in which only the bar is coded anew; the pictures between change a few macroblocks of the bar
and skip the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockleo.media.cavlc import unsigned
from mockleo.media.chance import Chance, mark
from mockleo.media.h264 import (
    Band,
    Format,
    Macroblock,
    inter_slice,
    intra_slice,
    picture_parameters,
    sequence_parameters,
)
from mockleo.media.isobmff import Film
from mockleo.media.isobmff import mp4 as film_file
from mockleo.media.lettering import fit, legible, write
from mockleo.media.picture import background

if TYPE_CHECKING:
    from collections.abc import Iterator

SIDE_PX_MIN, SIDE_PX_MAX = 2, 4_096
# A macroblock is this many cells wide and high.
CELLS = 4

# Limited range: black is 16, white 235; colours are around 128.
BLACK, WHITE, GREY = 16, 235, 128
PLATE = 34
BAR_EMPTY, BAR_FULL = (52, GREY, GREY), (210, GREY, GREY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """What is to be drawn. Sizes in pixels, both even; `index` tells the clips of one generation apart."""

    seed: int
    prompt: str
    width: int
    height: int
    duration_ms: int
    index: int = 0
    frames_per_second: int = 24

    def __post_init__(self) -> None:
        for side in (self.width, self.height):
            assert SIDE_PX_MIN <= side <= SIDE_PX_MAX, f"a clip of {self.width} x {self.height} pixels"
            assert side % 2 == 0, f"a clip of {self.width} x {self.height} pixels: 4:2:0 needs even sizes"
        assert self.duration_ms >= 0, f"a clip of {self.duration_ms} ms"
        assert 1 <= self.frames_per_second <= 240, f"{self.frames_per_second} frames a second"

    @property
    def frames(self) -> int:
        """As many as fit the duration best, and one at least."""
        return max(1, round(self.duration_ms * self.frames_per_second / 1_000))


def mp4(clip: Clip) -> bytes:
    """An MP4 of one H.264 track (constrained baseline, 4:2:0) and no sound, its index first."""
    format_ = Format(width=clip.width, height=clip.height, frames_per_second=clip.frames_per_second)
    about = (clip.seed, clip.prompt, clip.width, clip.height, clip.duration_ms, clip.index)
    film = Film(
        width=clip.width,
        height=clip.height,
        frames_per_second=clip.frames_per_second,
        samples=list(_pictures(clip, format_)),
        keys=range(0, clip.frames, clip.frames_per_second),
        sequence_parameters=sequence_parameters(format_),
        picture_parameters=picture_parameters(),
        note=f"mockleo {mark('clip', *about, clip.frames_per_second)}".encode(),
    )
    return film_file(film)


def _pictures(clip: Clip, format_: Format) -> Iterator[list[bytes]]:
    """Each picture's slices: the still part, and the bar below it. The lowest clips have only the bar."""
    columns = format_.columns
    bar_rows = 1 + format_.rows // 24
    still_rows = format_.rows - bar_rows
    bar_at = columns * still_rows
    bar = Band(columns=columns, rows=bar_rows)
    still = Band(columns=columns, rows=still_rows).intra(_mosaic(clip, columns=columns, rows=still_rows))
    for number in range(clip.frames):
        filled = columns * (number + 1) // clip.frames
        blocks = ([BAR_FULL] * filled + [BAR_EMPTY] * (columns - filled)) * bar_rows
        second, frame = divmod(number, clip.frames_per_second)
        if frame == 0:
            upper = intra_slice(still, first_macroblock=0, picture_id=second % 2)
            lower = intra_slice(bar.intra(blocks), first_macroblock=bar_at, picture_id=second % 2)
        else:
            upper = inter_slice(unsigned(bar_at), first_macroblock=0, frame=frame)
            lower = inter_slice(bar.inter(blocks), first_macroblock=bar_at, frame=frame)
        yield [upper, lower] if still_rows else [lower]


def _mosaic(clip: Clip, *, columns: int, rows: int) -> list[Macroblock]:
    """The still part: a background of flat macroblocks, and the prompt in cells on a plate."""
    if not rows:
        return []
    chance = Chance("clip", clip.seed, clip.prompt, clip.index)
    sketch = background(chance, width=columns, height=rows).convert("YCbCr")
    # From full range to limited range.
    luma, blue, red = (
        [16 + level * span // 255 for level in plane.tobytes()]
        for plane, span in zip(sketch.split(), (WHITE - BLACK, 224, 224), strict=True)
    )
    blocks: list[Macroblock] = list(zip(luma, blue, red, strict=True))
    for at, cells in _letters(clip.prompt, columns=columns, rows=rows).items():
        blocks[at] = (cells, GREY, GREY)
    return blocks


def _letters(prompt: str, *, columns: int, rows: int) -> dict[int, int | tuple[int, ...]]:
    """The brightness of the macroblocks that hold the prompt and its plate, by their number."""
    from PIL import Image, ImageDraw

    width, height = columns * CELLS, rows * CELLS
    lettering = fit(legible(prompt), width_px=width * 4 // 5, height_px=height * 3 // 5)
    if not lettering.lines:
        return {}
    left, top = (width - lettering.width_px) // 2, (height - lettering.height_px) // 2
    right, bottom = left + lettering.width_px, top + lettering.height_px
    page = Image.new("L", (width, height), PLATE)
    write(ImageDraw.Draw(page), lettering, left=left, top=top, fill=WHITE)
    cells = page.tobytes()
    found: dict[int, int | tuple[int, ...]] = {}
    # Whole macroblocks, one around the letters where there is room.
    for row in range(max(0, top // CELLS - 1), min(rows, bottom // CELLS + 2)):
        for column in range(max(0, left // CELLS - 1), min(columns, right // CELLS + 2)):
            corner = row * CELLS * width + column * CELLS
            block = b"".join(cells[at : at + CELLS] for at in range(corner, corner + CELLS * width, width))
            found[row * columns + column] = block[0] if block == block[:1] * len(block) else tuple(block)
    return found
