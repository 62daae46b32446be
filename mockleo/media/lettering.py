"""Words into a box: what can be written, how large, and where the lines break.

The only font a Pillow without system fonts has is its own, and that one covers ASCII and a few quotation
marks. Every other character is written as its escape: a prompt in Japanese is no pretty sight, but one can
tell which it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

# Longer prompts are cut: nobody reads more from a picture, and breaking 10,000 characters takes time.
CHARACTERS_MAX = 600
# Below this the letters cannot be told apart.
SIZE_PX_MIN = 7
SIZE_PX_MAX = 160
# Widths are measured once at this size and scaled; the font is an outline, so they scale.
MEASURED_PX = 64

LINE_HEIGHT_PERCENT = 125
ELLIPSIS = "…"

# A grey level, or red, green, blue and opacity.
Ink = int | tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lettering:
    """Lines that fit a box at `size_px`, the font's size. No lines: the box is too small for letters."""

    lines: tuple[str, ...]
    size_px: int
    width_px: int

    @property
    def line_px(self) -> int:
        """From one line's top to the next one's."""
        return _line_px(self.size_px)

    @property
    def height_px(self) -> int:
        return self.line_px * len(self.lines)


def legible(text: str) -> str:
    """`text` in characters the font has: white space is a space, the rest is escaped. Cut if it is long."""
    words = " ".join(text[: CHARACTERS_MAX + 1].split())
    written = "".join(
        letter if " " <= letter <= "~" else letter.encode("unicode_escape").decode("ascii")
        for letter in words
    )
    cut = len(text) > CHARACTERS_MAX or len(written) > CHARACTERS_MAX
    return written[:CHARACTERS_MAX] + ELLIPSIS if cut else written


def font(size_px: int) -> FreeTypeFont:
    """Pillow's own font. With the basic layout: the other one depends on a library that may be missing."""
    from PIL import ImageFont

    found = ImageFont.load_default(size_px)
    assert isinstance(found, ImageFont.FreeTypeFont), "this Pillow was built without FreeType"
    return found.font_variant(layout_engine=ImageFont.Layout.BASIC)


def fit(text: str, *, width_px: int, height_px: int) -> Lettering:
    """The largest lettering of a `legible` text that fits the box; cut at the end if none does."""
    measure = font(MEASURED_PX)
    advances = {letter: measure.getlength(letter) for letter in sorted({*text, ELLIPSIS, " "})}
    size_px = min(SIZE_PX_MAX, max(SIZE_PX_MIN, height_px // 2))
    lines = _broken(text, advances, width_px * MEASURED_PX / size_px)
    while len(lines) * _line_px(size_px) > height_px and size_px > SIZE_PX_MIN:
        size_px = max(SIZE_PX_MIN, size_px * 7 // 8)
        lines = _broken(text, advances, width_px * MEASURED_PX / size_px)
    room = height_px // _line_px(size_px)
    if len(lines) > room:
        lines = _cut(lines[:room], advances, width_px * MEASURED_PX / size_px)
    widest = max((sum(advances[letter] for letter in line) for line in lines), default=0)
    return Lettering(lines=tuple(lines), size_px=size_px, width_px=ceil(widest * size_px / MEASURED_PX))


def write(draw: ImageDraw, lettering: Lettering, *, left: int, top: int, fill: Ink) -> None:
    """Draw the lines with their upper left corner there."""
    letters = font(lettering.size_px)
    for number, line in enumerate(lettering.lines):
        draw.text((left, top + number * lettering.line_px), line, font=letters, fill=fill)


def _line_px(size_px: int) -> int:
    return size_px * LINE_HEIGHT_PERCENT // 100


def _broken(text: str, advances: dict[str, float], width: float) -> list[str]:
    """Lines of at most `width`, broken at spaces, and inside a word only where the word is wider."""
    if max(advances.values()) > width:
        return []
    lines: list[str] = []
    line, used = "", 0.0
    for word in text.split():
        long = sum(advances[letter] for letter in word)
        if line and used + advances[" "] + long <= width:
            line, used = f"{line} {word}", used + advances[" "] + long
            continue
        if line:
            lines.append(line)
        line, used = "", 0.0
        for letter in word:
            if used + advances[letter] > width:
                lines.append(line)
                line, used = "", 0.0
            line, used = line + letter, used + advances[letter]
    return [*lines, line] if line else lines


def _cut(lines: list[str], advances: dict[str, float], width: float) -> list[str]:
    """`lines` with a mark at the end of the last one that there is more."""
    if not lines:
        return []
    last = lines[-1]
    while sum(advances[letter] for letter in last + ELLIPSIS) > width:
        last = last[:-1]
    return [*lines[:-1], last + ELLIPSIS]
