"""Texture maps for a 3D model: one bumpy surface, seen as colour, slope, roughness, height and mask.

All maps of one (seed, prompt) show the same bumps, and each tiles without a seam. The surface is noise on two
coarse grids, enlarged; every map is a PNG that carries its mark.
"""

from __future__ import annotations

from io import BytesIO
from math import sqrt
from typing import TYPE_CHECKING, Literal, get_args

from mockleo.media.chance import Chance, mark
from mockleo.media.picture import SIDE_PX_MAX

if TYPE_CHECKING:
    from PIL.Image import Image

TextureKind = Literal["ALBEDO", "NORMAL", "ROUGHNESS", "DISPLACEMENT", "HDRP_MASK"]
TEXTURE_KINDS: tuple[TextureKind, ...] = get_args(TextureKind)

# Slopes are taken at this size, point by point, and enlarged.
SLOPES_PX = 96
# How steep one grey step from a point to the next but one is; higher is bumpier.
STEEPNESS = 1 / 60


def texture_map(kind: TextureKind, *, seed: int, prompt: str, size_px: int) -> bytes:
    """A square PNG of `size_px` a side: RGB, greyscale (ROUGHNESS, DISPLACEMENT) or RGBA (HDRP_MASK)."""
    from PIL.PngImagePlugin import PngInfo

    assert 1 <= size_px <= SIDE_PX_MAX, f"a texture of {size_px} pixels"
    notes = PngInfo()
    notes.add_text("Software", f"mockleo {mark('texture', kind, seed, prompt, size_px)}")
    file = BytesIO()
    _draw(kind, Chance("texture", seed, prompt), size_px).save(file, "PNG", compress_level=1, pnginfo=notes)
    return file.getvalue()


def _draw(kind: TextureKind, chance: Chance, size_px: int) -> Image:
    from PIL import Image, ImageOps

    large, small = chance.octets(8 * 8), chance.octets(24 * 24)
    dark, bright = _shades(chance)
    if kind == "NORMAL":
        return _tile(_slopes(_height(large, small, SLOPES_PX)), size_px)
    height = _height(large, small, size_px)
    if kind == "DISPLACEMENT":
        return height
    if kind == "ALBEDO":
        return ImageOps.colorize(height, black=dark, white=bright)
    # What sticks out is worn smooth.
    roughness = height.point([230 - level // 2 for level in range(256)])
    if kind == "ROUGHNESS":
        return roughness
    # Unity's order: metallic, occlusion, detail, smoothness.
    metallic, detail = (Image.new("L", height.size, level) for level in (0, 128))
    occlusion = height.point([128 + level // 2 for level in range(256)])
    return Image.merge("RGBA", (metallic, occlusion, detail, ImageOps.invert(roughness)))


def _shades(chance: Chance) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """A dark colour and a lighter one of the same cast."""
    red, green, blue = (chance.between(20, 110) for _ in range(3))
    lift = chance.between(60, 140)
    return (red, green, blue), (red + lift, green + lift, blue + lift)


def _height(large: bytes, small: bytes, size_px: int) -> Image:
    """Greyscale bumps: white is high."""
    from PIL import Image

    coarse, fine = (
        _tile(Image.frombytes("L", (side, side), grid), size_px) for side, grid in ((8, large), (24, small))
    )
    return Image.blend(coarse, fine, 0.3)


def _tile(grid: Image, size_px: int) -> Image:
    """`grid` enlarged to `size_px` a side, so that copies laid side by side show no seam."""
    from PIL import Image

    side = grid.width
    # The enlargement looks two points beyond the edge. There it must find the opposite edge.
    around = Image.new(grid.mode, (side + 4, side + 4))
    for x in (2 - side, 2, 2 + side):
        for y in (2 - side, 2, 2 + side):
            around.paste(grid, (x, y))
    return around.resize((size_px, size_px), Image.Resampling.BICUBIC, box=(2, 2, side + 2, side + 2))


def _slopes(height: Image) -> Image:
    """The normal map of a height map: x is red, y (upwards) is green, out of the surface is blue."""
    from PIL import Image

    side, levels = height.width, height.tobytes()
    normals = bytearray()
    for y in range(side):
        here, above, below = (side * (row % side) for row in (y, y - 1, y + 1))
        for x in range(side):
            across = (
                levels[here + x - 1 + (side if x == 0 else 0)] - levels[here + (x + 1) % side]
            ) * STEEPNESS
            up = (levels[below + x] - levels[above + x]) * STEEPNESS
            length = sqrt(across * across + up * up + 1)
            normals += bytes(round(127.5 + 127.5 * part / length) for part in (across, up, 1.0))
    return Image.frombytes("RGB", (side, side), bytes(normals))
