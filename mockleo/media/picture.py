"""Still pictures: a soft background in colours of the seed's choice, and the prompt written on it.

The background is drawn at no more than `SKETCH_PX` a side and enlarged: it has no detail to lose, and a
megapixel then costs a few milliseconds. Every file carries a mark of its seed, prompt, size and index, so
that pictures too small to look different are different all the same.
"""

from __future__ import annotations

from colorsys import hsv_to_rgb
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from mockleo.media.chance import Chance, mark
from mockleo.media.lettering import fit, font, legible, write

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE_PX_MAX = 8_192
PIXELS_MAX = 32_000_000
SKETCH_PX = 96
# A caption under this height would cover the picture.
CAPTIONED_PX_MIN = 128

INK = (255, 255, 255, 255)
PLATE = (16, 18, 24, 150)

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What is to be drawn. Sizes in pixels; `index` tells the pictures of one generation apart."""

    seed: int
    prompt: str
    width: int
    height: int
    index: int = 0

    def __post_init__(self) -> None:
        assert 1 <= self.width <= SIDE_PX_MAX, f"a picture {self.width} pixels wide"
        assert 1 <= self.height <= SIDE_PX_MAX, f"a picture {self.height} pixels high"
        assert self.width * self.height <= PIXELS_MAX, f"a picture of {self.width} x {self.height} pixels"

    @property
    def mark(self) -> str:
        return mark("picture", self.seed, self.prompt, self.width, self.height, self.index)

    @property
    def chance(self) -> Chance:
        return Chance("picture", self.seed, self.prompt, self.index)


def jpeg(picture: Picture, *, quality: int = 80) -> bytes:
    """A baseline JPEG, 4:2:0."""
    return _saved(_paint(picture), "JPEG", quality=quality, comment=f"mockleo {picture.mark}".encode())


def png(picture: Picture, *, transparent: bool = False) -> bytes:
    """A PNG; RGB, or RGBA with a round cut-out on nothing if `transparent`."""
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_text("Software", f"mockleo {picture.mark}")
    # Level 1: twice the size of level 6 in half the time, and these files are read once.
    return _saved(_paint(picture, cut_out=transparent), "PNG", compress_level=1, pnginfo=notes)


def webp(picture: Picture, *, quality: int = 80) -> bytes:
    """A lossy WebP. Several times slower than a JPEG."""
    note = f'<x:xmpmeta xmlns:x="adobe:ns:meta/">mockleo {picture.mark}</x:xmpmeta>'
    return _saved(_paint(picture), "WEBP", quality=quality, method=0, xmp=note.encode())


def background(chance: Chance, *, width: int, height: int) -> Image:
    """An RGB image: a gradient between four related colours, and a few soft discs."""
    from PIL import Image, ImageDraw, ImageFilter

    longest = max(width, height)
    across, down = (max(1, side * min(longest, SKETCH_PX) // longest) for side in (width, height))
    hue = chance.between(0, 359)
    corners = bytes(value for step in (0, 25, 50, 200) for value in _colour(chance, hue + step))
    middle_to_middle = (0.5, 0.5, 1.5, 1.5)
    sketch = Image.frombytes("RGB", (2, 2), corners).resize(
        (across, down), Image.Resampling.BILINEAR, box=middle_to_middle
    )
    draw = ImageDraw.Draw(sketch, "RGBA")
    for _ in range(7):
        x, y = chance.between(0, across), chance.between(0, down)
        radius = chance.between(1, max(1, min(across, down) // 3))
        colour = _colour(chance, hue + chance.between(0, 60))
        draw.ellipse(
            (x - radius, y - radius, x + radius, y + radius), fill=(*colour, chance.between(50, 130))
        )
    return sketch.filter(ImageFilter.BoxBlur(2)).resize((width, height), Image.Resampling.BILINEAR)


def _colour(chance: Chance, hue_degrees: int) -> Colour:
    """A colour of that hue, never so pale that white letters drown in it."""
    saturation, value = chance.between(45, 85) / 100, chance.between(45, 85) / 100
    red, green, blue = hsv_to_rgb(hue_degrees % 360 / 360, saturation, value)
    return int(red * 255), int(green * 255), int(blue * 255)


def _paint(picture: Picture, *, cut_out: bool = False) -> Image:
    image = background(picture.chance, width=picture.width, height=picture.height)
    if cut_out:
        image.putalpha(_disc(picture.width, picture.height))
    _write_prompt(image, picture.prompt)
    if picture.height >= CAPTIONED_PX_MIN:
        _write_caption(image, picture)
    return image


def _disc(width: int, height: int) -> Image:
    """A mask: 255 in an ellipse that leaves the corners free, 0 elsewhere."""
    from PIL import Image, ImageDraw

    mask = Image.new("L", (width, height))
    edges = (width // 12, height // 12, width - 1 - width // 12, height - 1 - height // 12)
    ImageDraw.Draw(mask).ellipse(edges, fill=255)
    return mask


def _write_prompt(image: Image, prompt: str) -> None:
    """The prompt, in the middle, on a darker plate."""
    from PIL import ImageDraw

    width, height = image.size
    lettering = fit(legible(prompt), width_px=width * 4 // 5, height_px=height * 3 // 5)
    if not lettering.lines:
        return
    left, top = (width - lettering.width_px) // 2, (height - lettering.height_px) // 2
    right, bottom, margin = left + lettering.width_px, top + lettering.height_px, lettering.size_px // 3
    # On a cut-out the plate is drawn as it is, and is as transparent as its colour says.
    draw = ImageDraw.Draw(image, "RGBA" if image.mode == "RGB" else None)
    draw.rectangle((left - margin, top - margin, right + margin, bottom + margin), fill=PLATE)
    write(draw, lettering, left=left, top=top, fill=INK)


def _write_caption(image: Image, picture: Picture) -> None:
    """Seed, size and index, small, at the lower edge."""
    from PIL import ImageDraw

    size_px = max(10, picture.height // 48)
    caption = f"seed {picture.seed}  {picture.width}x{picture.height}  #{picture.index}"
    draw = ImageDraw.Draw(image, "RGBA" if image.mode == "RGB" else None)
    draw.text((size_px, picture.height - 2 * size_px), caption, font=font(size_px), fill=INK)


def _saved(image: Image, kind: str, **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()
