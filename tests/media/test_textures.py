from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageStat

from mockleo.media.textures import TEXTURE_KINDS, TextureKind, texture_map

MODES: dict[TextureKind, str] = {
    "ALBEDO": "RGB",
    "NORMAL": "RGB",
    "ROUGHNESS": "L",
    "DISPLACEMENT": "L",
    "HDRP_MASK": "RGBA",
}


def a_map(kind: TextureKind, *, seed: int = 1, prompt: str = "moss", size_px: int = 96) -> Image.Image:
    image = Image.open(BytesIO(texture_map(kind, seed=seed, prompt=prompt, size_px=size_px)))
    image.load()
    return image


@pytest.mark.parametrize("kind", TEXTURE_KINDS)
@pytest.mark.parametrize("size_px", [1, 3, 8, 256, 1024])
def test_each_map_is_a_square_of_the_size_asked_for(kind: TextureKind, size_px: int) -> None:
    image = a_map(kind, size_px=size_px)
    assert (image.format, image.mode, image.size) == ("PNG", MODES[kind], (size_px, size_px))


@pytest.mark.parametrize("kind", TEXTURE_KINDS)
def test_another_process_draws_the_same(
    kind: TextureKind, drawn_alike_elsewhere: Callable[[str, bytes], None]
) -> None:
    here = texture_map(kind, seed=1, prompt="moss", size_px=64)
    drawn_alike_elsewhere(f"textures.texture_map({kind!r}, seed=1, prompt='moss', size_px=64)", here)


@pytest.mark.parametrize("kind", TEXTURE_KINDS)
def test_seed_and_prompt_matter(kind: TextureKind) -> None:
    drawn = [a_map(kind), a_map(kind, seed=2), a_map(kind, prompt="rust")]
    assert len({image.tobytes() for image in drawn}) == len(drawn)


def test_a_map_too_large_is_a_mistake() -> None:
    with pytest.raises(AssertionError, match="a texture of 8193 pixels"):
        texture_map("ALBEDO", seed=1, prompt="", size_px=8193)


@pytest.mark.parametrize("kind", TEXTURE_KINDS)
def test_opposite_edges_meet_without_a_seam(kind: TextureKind) -> None:
    image = a_map(kind)
    for turned in (image, image.transpose(Image.Transpose.ROTATE_90)):
        steps = [step(turned, x) for x in range(95)]
        assert step(turned, 95) <= max(steps)


def step(image: Image.Image, x: int) -> float:
    """How much a column differs from the one right of it, which for the last one is the first."""
    shifted = ImageChops.offset(image, -1, 0)
    difference = ImageChops.difference(image, shifted).crop((x, 0, x + 1, image.height))
    return max(ImageStat.Stat(difference).mean)


def test_the_normal_map_is_bluish_and_turned_away_from_what_rises() -> None:
    normal, height = a_map("NORMAL"), a_map("DISPLACEMENT")
    red, green, blue = normal.split()
    assert ImageStat.Stat(blue).mean[0] > 180
    assert 120 < ImageStat.Stat(red).mean[0] < 136
    assert 120 < ImageStat.Stat(green).mean[0] < 136
    # Where it rises to the right the surface faces left, where it rises downwards it faces up.
    levels, right, up = height.tobytes(), red.tobytes(), green.tobytes()
    steep = 0
    for at in (96 * y + x for y in range(1, 95) for x in range(1, 95)):
        rise, fall = levels[at + 1] - levels[at - 1], levels[at + 96] - levels[at - 96]
        assert abs(rise) <= 12 or (right[at] < 127.5) == (rise > 0)
        assert abs(fall) <= 12 or (up[at] > 127.5) == (fall > 0)
        steep += abs(rise) > 12
    assert steep > 500


def test_the_maps_of_a_surface_show_the_same_bumps() -> None:
    height = list(a_map("DISPLACEMENT").tobytes())
    albedo = list(a_map("ALBEDO").convert("L").tobytes())
    roughness = list(a_map("ROUGHNESS").tobytes())
    smoothness = list(a_map("HDRP_MASK").getchannel("A").tobytes())
    order = sorted(range(len(height)), key=height.__getitem__)
    low, high = order[:500], order[-500:]
    assert max(albedo[at] for at in low) < min(albedo[at] for at in high)
    assert min(roughness[at] for at in low) > max(roughness[at] for at in high)
    assert [255 - level for level in roughness] == smoothness
