import subprocess
import sys
from collections.abc import Callable
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mockleo.media.picture import Picture, jpeg, png, webp

FORMATS: dict[str, Callable[[Picture], bytes]] = {"JPEG": jpeg, "PNG": png, "WEBP": webp}


def a_picture(
    *, seed: int = 1, prompt: str = "a lazy cat", width: int = 96, height: int = 64, index: int = 0
) -> Picture:
    return Picture(seed=seed, prompt=prompt, width=width, height=height, index=index)


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 300), (8, 8), (31, 2), (512, 512), (1024, 768)])
def test_it_is_as_large_as_asked(kind: str, width: int, height: int) -> None:
    image = opened(FORMATS[kind](a_picture(width=width, height=height)))
    assert (image.format, image.size, image.mode) == (kind, (width, height), "RGB")


def test_twenty_megapixels_can_be_drawn() -> None:
    assert opened(jpeg(a_picture(width=5120, height=4000))).size == (5120, 4000)


@pytest.mark.parametrize(("width", "height"), [(0, 1), (1, 0), (8193, 1), (8192, 8192)])
def test_other_sizes_are_a_mistake(width: int, height: int) -> None:
    with pytest.raises(AssertionError, match="a picture"):
        a_picture(width=width, height=height)


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_another_process_draws_the_same(
    kind: str, drawn_alike_elsewhere: Callable[[str, bytes], None]
) -> None:
    drawn_alike_elsewhere(f"picture.{kind}(picture.{a_picture()!r})", FORMATS[kind.upper()](a_picture()))


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("side", [1, 64])
def test_each_part_of_what_is_asked_for_matters(kind: str, side: int) -> None:
    pictures = (
        a_picture(width=side, height=side),
        a_picture(width=side, height=side, seed=2),
        a_picture(width=side, height=side, index=1),
        a_picture(width=side, height=side, prompt="a lazy dog"),
        a_picture(width=side, height=side + 1),
    )
    assert len({FORMATS[kind](picture) for picture in pictures}) == len(pictures)


@pytest.mark.parametrize("kind", FORMATS)
def test_pictures_too_small_to_look_different_are_different(kind: str) -> None:
    drawn = {FORMATS[kind](a_picture(width=1, height=1, index=index)) for index in range(500)}
    assert len(drawn) == 500


def test_a_seed_shows_in_the_pixels_and_not_only_in_the_mark() -> None:
    assert opened(png(a_picture(seed=1))).tobytes() != opened(png(a_picture(seed=2))).tobytes()
    assert opened(png(a_picture(index=1))).tobytes() != opened(png(a_picture(index=2))).tobytes()


def test_the_prompt_is_written_in_white_on_something_darker() -> None:
    image = opened(png(a_picture(width=512, height=256, prompt="W" * 12))).convert("L")
    middle = image.crop((60, 60, 450, 190)).histogram()
    assert sum(middle[240:]) > 2_000
    assert sum(middle[:170]) > 10_000
    empty = opened(png(a_picture(width=512, height=256, prompt=""))).convert("L")
    assert sum(empty.crop((60, 60, 450, 190)).histogram()[240:]) == 0


def test_a_transparent_one_has_nothing_in_its_corners_and_all_in_its_middle() -> None:
    image = opened(png(a_picture(width=200, height=100, prompt=""), transparent=True))
    assert image.mode == "RGBA"
    corners = [image.getpixel((x, y)) for x in (0, 199) for y in (0, 99)]
    assert [corner[3] for corner in corners if isinstance(corner, tuple)] == [0] * 4
    middle = image.getpixel((100, 50))
    assert isinstance(middle, tuple)
    assert middle[3] == 255


@pytest.mark.parametrize("side", [1, 2, 3, 8])
def test_a_tiny_one_can_be_transparent_too(side: int) -> None:
    image = opened(png(a_picture(width=side, height=side), transparent=True))
    assert (image.mode, image.size) == ("RGBA", (side, side))


@settings(deadline=None, max_examples=50)
@given(
    prompt=st.one_of(
        st.text(alphabet=st.characters()), st.just("猫" * 10_000), st.just("\u05d0\u202e \0\ud83d")
    ),
    seed=st.integers(),
    width=st.integers(1, 300),
    height=st.integers(1, 300),
)
def test_no_prompt_is_too_strange(prompt: str, seed: int, width: int, height: int) -> None:
    assert opened(jpeg(a_picture(prompt=prompt, seed=seed, width=width, height=height))).size == (
        width,
        height,
    )


def test_a_better_quality_is_a_larger_file() -> None:
    rough, fine = (len(jpeg(a_picture(width=300, height=300), quality=quality)) for quality in (20, 95))
    assert rough < fine


def test_pillow_is_not_imported_before_something_is_drawn() -> None:
    program = """
import sys
import mockleo.media
from mockleo.media import picture, probe, scene, sound, textures, video
scene.glb(seed=1, prompt=""), sound.wav(seed=1, prompt="", duration_ms=9), probe.probe(b"")
assert not [name for name in sys.modules if name.startswith("PIL")]
picture.jpeg(picture.Picture(seed=1, prompt="", width=8, height=8))
assert "PIL" in sys.modules
"""
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True)
