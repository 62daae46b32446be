"""The realtime canvas: answered at once, charged at once, kept only when refined."""

from typing import Any

import pytest

from mockleo.core.errors import AgainstTerms, InvalidValue, LeoError, OutOfCredits, WordFiltered
from mockleo.core.lifecycle import State
from mockleo.core.realtime import order_picture, order_refined

from .worlds import LANES, a_place, a_sketch, happened, jobs_of

# Parameter; values that are accepted; values that are refused.
RANGES: list[tuple[str, list[Any], list[Any]]] = [
    ("width", [512, 640, 1024, None], [0, -1, 511, 768, 2048]),
    ("height", [512, 640, 1024, None], [0, -1, 511, 768, 2048]),
    ("guidance", [0.5, 20, None], [0.49, 20.01]),
    ("strength", [0.1, 1, None], [0.09, 1.01, 0]),
    ("steps", [4, 16, None], [3, 17, 0]),
    ("refineStrength", [0.5, 0.9, None], [0.49, 0.91]),
    ("seed", [0, 9_999_999_998, None], [-1, 9_999_999_999]),
    (
        "imageDataUrl",
        ["data:image/jpeg;base64,AA", "DATA:image/svg+xml;base64,"],
        ["", "AAAA", "http://x/y.png"],
    ),
    (
        "maskDataUrl",
        ["data:image/png;base64,AA", None],
        ["", "data:text/plain;base64,AA", "data:image/png,AA"],
    ),
]


@pytest.mark.parametrize(
    ("field", "value", "accepted"),
    [
        (field, value, accepted)
        for field, inside, outside in RANGES
        for accepted, values in ((True, inside), (False, outside))
        for value in values
    ],
)
def test_a_value_is_accepted_up_to_its_bounds(field: str, value: Any, *, accepted: bool) -> None:
    for order in (order_picture, order_refined):
        world, account = a_place()
        if accepted:
            order(world, account, a_sketch(**{field: value}))
        else:
            with pytest.raises(InvalidValue) as caught:
                order(world, account, a_sketch(**{field: value}))
            assert caught.value.facts == {"field": field}
            assert (account.ledger.entries, account.serial) == ([], 0)


def test_a_picture_is_charged_and_leaves_nothing_behind() -> None:
    world, account = a_place()
    picture = order_picture(world, account, a_sketch(seed=7))
    assert (picture.prompt, picture.seed, picture.width, picture.height, picture.cost) == (
        "a cat",
        7,
        512,
        512,
        1,
    )
    assert account.ledger.opening - account.ledger.balance == picture.cost
    assert (jobs_of(account), world.due_ms(), world.take_effects()) == ([], None, [])


def test_a_refined_picture_is_an_image_and_its_variation_at_once() -> None:
    world, account = a_place()
    picture, variation = order_refined(world, account, a_sketch(width=640, height=512))
    generation = variation.generation
    assert generation is not None
    assert variation.state is generation.state is State.COMPLETE
    assert (generation.width, generation.height, generation.quantity) == (640, 512, 1)
    assert (variation.width, variation.height, variation.transform_type) == (1280, 1024, "UPSCALE")
    assert (picture.cost, account.ledger.opening - account.ledger.balance) == (8, 8)
    assert account.images == {generation.image_ids[0]: generation}
    assert account.variations_of == {generation.image_ids[0]: [variation]}
    assert {effect.job_id for effect in happened(world)} == {generation.id, variation.id}
    assert world.due_ms() is None


def test_realtime_pictures_wait_for_no_place_and_take_none() -> None:
    world, account = a_place(slots=0)
    order_picture(world, account, a_sketch())
    _, variation = order_refined(world, account, a_sketch())
    assert variation.state is State.COMPLETE
    assert [account.lanes[name].running for name in LANES] == [0] * len(LANES)


# Each order has the faults of all that come after it.
FAULTS: list[tuple[type[LeoError], dict[str, Any]]] = [
    (OutOfCredits, {}),
    (AgainstTerms, {"prompt": "against the terms"}),
    (WordFiltered, {"prompt": "nude"}),
    (InvalidValue, {"width": 700}),
]


@pytest.mark.parametrize("nth", range(len(FAULTS)))
def test_the_first_fault_is_told(nth: int) -> None:
    fields: dict[str, Any] = {}
    for _, wrong in reversed(FAULTS[nth:]):
        fields |= wrong
    for order in (order_picture, order_refined):
        world, account = a_place(credits=0 if nth == 0 else 1_000_000)
        with pytest.raises(FAULTS[nth][0]):
            order(world, account, a_sketch(**fields))
        assert (account.ledger.entries, account.serial) == ([], 0)
