"""Words into a box: what can be written, how large, and where the lines break.

The only font a Pillow without system fonts has is its own, and that one covers ASCII and a few quotation
marks. Every other character is written as its escape: a prompt in Japanese is no pretty sight, but one can
tell which it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Lettering:
    """Lines that fit a box at `size_px`, the font's size. No lines: the box is too small for letters."""

    lines: tuple[str, ...]
    size_px: int

    @property
    def line_px(self) -> int:
        """From one line's top to the next one's."""
        return self.size_px * LINE_HEIGHT_PERCENT // 100

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


def fit(text: str, *, width_px: int, height_px: int, size_px_min: int = SIZE_PX_MIN) -> Lettering:
    """The largest lettering of a `legible` text that fits the box; cut at the end if none does."""
    measure = font(MEASURED_PX)
    advances = {letter: measure.getlength(letter) for letter in sorted({*text, ELLIPSIS})}
    size_px = min(SIZE_PX_MAX, max(size_px_min, height_px // 2))
    while True:
        lettering = Lettering(
            lines=_broken(text, advances, width_px * MEASURED_PX / size_px), size_px=size_px
        )
        if lettering.height_px <= height_px or size_px <= size_px_min:
            break
        size_px = max(size_px_min, size_px * 7 // 8)
    return _cut(lettering, height_px)


def _broken(text: str, advances: dict[str, float], width: float) -> tuple[str, ...]:
    """Lines of at most `width`, broken at spaces, and inside a word only where the word is wider."""
    lines: list[str] = []
    line, used = "", 0.0
    for word in text.split():
        long = sum(advances[letter] for letter in word)
        space = advances[" "] if line else 0.0
        if line and used + space + long <= width:
            line, used = f"{line} {word}", used + space + long
            continue
        if line:
            lines.append(line)
        line, used = "", 0.0
        for letter in word:
            if line and used + advances[letter] > width:
                lines.append(line)
                line, used = "", 0.0
            line, used = line + letter, used + advances[letter]
    if line:
        lines.append(line)
    return tuple(lines) if max(advances.values()) <= width else ()


def _cut(lettering: Lettering, height_px: int) -> Lettering:
    """Only as many lines as the box has room for, the last one marked if others are gone."""
    room = height_px // lettering.line_px
    if len(lettering.lines) <= room:
        return lettering
    kept = list(lettering.lines[:room])
    if kept:
        kept[-1] = kept[-1][:-1] + ELLIPSIS
    return Lettering(lines=tuple(kept), size_px=lettering.size_px)
