"""From an id to a picture: every kind of id, in every place where one is wanted."""

from typing import TYPE_CHECKING

import pytest

from mockleo.core.errors import (
    CannotAccessImage,
    InitVariationNotFound,
    InvalidInitImage,
    LeoError,
    WrongKindOfId,
)
from mockleo.core.images import Source, of_image, of_upload, original_or_variation, to_be_moved
from mockleo.core.variations import order_upscale

from .worlds import a_generation, a_place, an_upload, every_id

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = (
    "image",
    "generation",
    "variation",
    "deleted image",
    "another's image",
    "upload",
    "canvas",
    "mask",
    "media",
    "mesh",
    "deleted upload",
    "another's upload",
    "dataset",
    "dataset image",
    "nobody's",
    "no uuid",
    "nothing",
)

# By what is wanted: the kinds that are accepted, and how others are refused; "*" is the rest.
ORIGINAL: dict[str, type[LeoError] | None] = {
    "image": None,
    "variation": InitVariationNotFound,
    "*": CannotAccessImage,
}
VARIATION: dict[str, type[LeoError] | None] = {"variation": None, "*": InitVariationNotFound}
GENERATED: dict[str, type[LeoError] | None] = {
    "image": None,
    "generation": WrongKindOfId,
    "*": InitVariationNotFound,
}
UPLOADED: dict[str, type[LeoError] | None] = {
    "upload": None,
    "canvas": None,
    "mask": None,
    "*": InvalidInitImage,
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_id_in_every_place(kind: str) -> None:
    _, account, ids = every_id()
    image_id = ids[kind]
    places: list[tuple[dict[str, type[LeoError] | None], Callable[[], Source]]] = [
        (ORIGINAL, lambda: original_or_variation(account, image_id, is_variation=False)),
        (VARIATION, lambda: original_or_variation(account, image_id, is_variation=True)),
        (GENERATED, lambda: to_be_moved(account, image_id, width=8, height=8, uploaded=False)),
        (UPLOADED, lambda: to_be_moved(account, image_id, width=8, height=8, uploaded=True)),
    ]
    for expected, look in places:
        refusal = expected.get(kind, expected["*"])
        if refusal is None:
            assert isinstance(look(), Source)
        else:
            with pytest.raises(refusal):
                look()


def test_the_kinds_are_all_there_are() -> None:
    _, _, ids = every_id()
    assert tuple(ids) == KINDS


@pytest.mark.parametrize("is_variation", [True, False])
def test_no_id_is_no_image(*, is_variation: bool) -> None:
    _, account = a_place()
    with pytest.raises(InitVariationNotFound if is_variation else CannotAccessImage):
        original_or_variation(account, None, is_variation=is_variation)


def test_a_variation_is_no_source_before_it_is_complete() -> None:
    world, account = a_place()
    generation = a_generation(world, account)
    variation = order_upscale(world, account, generation.image_ids[0])
    with pytest.raises(InitVariationNotFound):
        original_or_variation(account, variation.id, is_variation=True)


def test_a_source_tells_what_its_image_was_made_of() -> None:
    world, account = a_place()
    generation = a_generation(world, account, prompt="a dog", width=512, height=640, seed=7)
    assert of_image(account, generation.image_ids[1]) == Source(
        width=512,
        height=640,
        prompt="a dog",
        seed=7,
        generation=generation,
        image_id=generation.image_ids[1],
    )
    upload = an_upload(world, account)
    assert of_upload(upload, width=8, height=16) == Source(
        width=8, height=16, prompt="", seed=0, upload=upload
    )
