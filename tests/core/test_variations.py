"""What is made of images: which ids are taken, how large it becomes, who knows of it."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from mockleo.core.account import Account
from mockleo.core.errors import (
    CannotAccessImage,
    InitVariationNotFound,
    InvalidInitImage,
    InvalidValue,
    LeoError,
    OutOfCredits,
    WordFiltered,
)
from mockleo.core.generations import delete_generation
from mockleo.core.orders import UniversalOrder
from mockleo.core.variations import (
    Variation,
    order_nobg,
    order_universal_upscale,
    order_unzoom,
    order_upscale,
)
from mockleo.core.world import World

from .worlds import (
    LUCID,
    NOBODYS,
    a_generation,
    a_place,
    a_world,
    an_account,
    an_image,
    an_upload,
    let_all_end,
)

Make = Callable[[World, Account, str], Variation]

ORIGINAL: dict[str, Make] = {
    "upscale": order_upscale,
    "unzoom": lambda world, account, image_id: order_unzoom(world, account, image_id, is_variation=False),
    "nobg": lambda world, account, image_id: order_nobg(world, account, image_id, is_variation=False),
    "universal": lambda world, account, image_id: order_universal_upscale(
        world, account, UniversalOrder(generatedImageId=image_id)
    ),
}
OF_VARIATION: dict[str, Make] = {
    "unzoom": lambda world, account, image_id: order_unzoom(world, account, image_id, is_variation=True),
    "nobg": lambda world, account, image_id: order_nobg(world, account, image_id, is_variation=True),
    "universal": lambda world, account, image_id: order_universal_upscale(
        world, account, UniversalOrder(variationId=image_id)
    ),
}

# What is made of an image of 512 by 768: its kind, size, file, price and length.
MADE = {
    "upscale": ("UPSCALE", 1024, 1536, "jpg", 15, 8_000),
    "unzoom": ("UNZOOM", 512, 768, "jpg", 15, 8_000),
    "nobg": ("NOBG", 512, 768, "png", 5, 4_000),
    "universal": ("UPSCALE", 768, 1152, "jpg", 60, 25_000),
}


@pytest.mark.parametrize(("name", "expected"), MADE.items())
def test_what_is_made_of_an_image(name: str, expected: tuple[str, int, int, str, int, int]) -> None:
    world, account = a_place(spread_percent=0)
    generation = a_generation(world, account, width=512, height=768, prompt="a dog")
    image_id = generation.image_ids[0]
    made = ORIGINAL[name](world, account, image_id)
    assert (
        made.transform_type,
        made.width,
        made.height,
        made.extension,
        made.cost,
        made.duration_ms,
    ) == expected
    assert (made.lane, made.status, made.prompt) == ("upscale", "PENDING", "a dog")
    assert (made.generation, made.image_id) == (generation, image_id)
    assert account.variations == {made.id: made}
    assert account.variations_of == {image_id: [made]}
    let_all_end(world)
    assert made.status == "COMPLETE"


@pytest.mark.parametrize("make", ORIGINAL.values(), ids=ORIGINAL)
def test_a_variation_given_as_an_original_is_refused(make: Make) -> None:
    world, account = a_place()
    made = order_upscale(world, account, an_image(world, account))
    let_all_end(world)
    with pytest.raises(InitVariationNotFound):
        make(world, account, made.id)


@pytest.mark.parametrize("make", OF_VARIATION.values(), ids=OF_VARIATION)
def test_an_original_given_as_a_variation_is_refused(make: Make) -> None:
    world, account = a_place()
    with pytest.raises(InitVariationNotFound):
        make(world, account, an_image(world, account))


@pytest.mark.parametrize("make", OF_VARIATION.values(), ids=OF_VARIATION)
def test_a_variation_of_a_variation_belongs_to_the_same_image(make: Make) -> None:
    world, account = a_place()
    image_id = an_image(world, account, width=512, height=512)
    first = order_upscale(world, account, image_id)
    let_all_end(world)
    second = make(world, account, first.id)
    assert account.variations_of == {image_id: [first, second]}
    assert second.width >= first.width == 1024


@pytest.mark.parametrize("make", ORIGINAL.values(), ids=ORIGINAL)
@pytest.mark.parametrize("kind", ["upload", "generation", "another's", "deleted", "nobody's"])
def test_nothing_is_made_of_an_id_that_names_no_image(make: Make, kind: str) -> None:
    world = a_world()
    account, other = an_account(world), an_account(world, "bob")
    gone = a_generation(world, account)
    delete_generation(account, gone.id)
    image_id = {
        "upload": an_upload(world, account).id,
        "generation": a_generation(world, account).id,
        "another's": an_image(world, other),
        "deleted": gone.image_ids[0],
        "nobody's": NOBODYS,
    }[kind]
    serial = account.serial
    with pytest.raises(CannotAccessImage):
        make(world, account, image_id)
    assert (account.variations, account.serial) == ({}, serial)


def test_a_variation_outlives_its_image_and_does_not_bring_it_back() -> None:
    world, account = a_place()
    generation = a_generation(world, account)
    first = order_upscale(world, account, generation.image_ids[0])
    let_all_end(world)
    delete_generation(account, generation.id)
    second = order_nobg(world, account, first.id, is_variation=True)
    let_all_end(world)
    assert list(account.variations) == [first.id, second.id]
    assert (account.variations_of, account.images) == ({}, {})


@pytest.mark.parametrize("make", list(ORIGINAL.values())[:3], ids=list(ORIGINAL)[:3])
def test_credits_are_looked_at_before_the_id(make: Make) -> None:
    world, account = a_place(credits=4)
    with pytest.raises(OutOfCredits):
        make(world, account, NOBODYS)
    assert account.serial == 0


@pytest.mark.parametrize(("name", "make"), ORIGINAL.items())
def test_what_cannot_be_paid_leaves_nothing_behind(name: str, make: Make) -> None:
    price = MADE[name][4]
    world, account = a_place()
    image_id = an_image(world, account)
    account.ledger.balance = price - 1
    serial, revision = account.serial, account.images[image_id].revision
    with pytest.raises(OutOfCredits):
        make(world, account, image_id)
    assert (account.serial, account.images[image_id].revision) == (serial, revision)
    account.ledger.balance = price
    assert make(world, account, image_id).cost == price


# --- the universal upscaler -------------------------------------------------------------------

RANGES: list[tuple[str, list[Any], list[Any]]] = [
    ("upscaleMultiplier", [1.0, 1.5, 2.0, None], [0, 0.99, 2.01, -1]),
    ("creativityStrength", [1, 10, None], [0, 11]),
    ("detailContrast", [1, 10, None], [0, 11]),
    ("similarity", [1, 10, None], [0, 11]),
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
    world, account = a_place()
    order = UniversalOrder(generatedImageId=an_image(world, account), **{field: value})
    if accepted:
        order_universal_upscale(world, account, order)
    else:
        with pytest.raises(InvalidValue) as caught:
            order_universal_upscale(world, account, order)
        assert caught.value.facts == {"field": field}


@pytest.mark.parametrize(
    ("styles", "accepted"),
    [
        ({"upscalerStyle": "CINEMATIC"}, True),
        ({"ultraUpscaleStyle": "REALISTIC"}, True),
        ({"ultraUpscaleStyle": "REALISTIC", "upscalerStyle": "GENERAL"}, True),
        ({"ultraUpscaleStyle": "REALISTIC", "upscalerStyle": "CINEMATIC"}, False),
    ],
)
def test_there_is_one_style(styles: dict[str, str], *, accepted: bool) -> None:
    world, account = a_place()
    order = UniversalOrder(generatedImageId=an_image(world, account), **styles)  # type: ignore[arg-type]  # texts
    if accepted:
        order_universal_upscale(world, account, order)
    else:
        with pytest.raises(InvalidValue, match="ultraUpscaleStyle"):
            order_universal_upscale(world, account, order)


@pytest.mark.parametrize("named", [(), ("image", "upload"), ("image", "variation"), ("upload", "variation")])
def test_exactly_one_image_is_named(named: tuple[str, ...]) -> None:
    world, account = a_place()
    image_id = an_image(world, account)
    order = UniversalOrder(
        generatedImageId=image_id if "image" in named else None,
        initImageId=an_upload(world, account).id if "upload" in named else None,
        variationId=NOBODYS if "variation" in named else None,
    )
    with pytest.raises(InvalidValue, match="generatedImageId"):
        order_universal_upscale(world, account, order)


def test_an_upload_is_enlarged_once_it_has_arrived() -> None:
    world, account = a_place()
    there, missing = an_upload(world, account), an_upload(world, account, arrived=False)
    made = [
        order_universal_upscale(world, account, UniversalOrder(initImageId=upload.id))
        for upload in (there, missing)
    ]
    let_all_end(world)
    assert [variation.status for variation in made] == ["COMPLETE", "FAILED"]
    assert [variation.generation for variation in made] == [None, None]
    assert account.ledger.opening - account.ledger.balance == made[0].cost


@pytest.mark.parametrize(
    ("order", "refusal"),
    [
        (UniversalOrder(initImageId=NOBODYS), InvalidInitImage),
        (UniversalOrder(variationId=NOBODYS), InitVariationNotFound),
        (UniversalOrder(generatedImageId=NOBODYS), CannotAccessImage),
        (UniversalOrder(generatedImageId=NOBODYS, prompt="nude"), WordFiltered),
    ],
)
def test_what_is_named_must_be_there(order: UniversalOrder, refusal: type[LeoError]) -> None:
    world, account = a_place()
    with pytest.raises(refusal):
        order_universal_upscale(world, account, order)


def test_more_than_twenty_megapixels_are_refused() -> None:
    world, account = a_place()
    image_id = an_image(world, account, modelId=LUCID, width=1536, height=1536)
    twice = order_universal_upscale(
        world, account, UniversalOrder(generatedImageId=image_id, upscaleMultiplier=2.0)
    )
    assert (twice.width, twice.height, twice.cost) == (3072, 3072, 160)
    let_all_end(world)
    for factor, accepted in ((1.4, True), (1.46, False), (2.0, False)):
        order = UniversalOrder(variationId=twice.id, upscaleMultiplier=factor)
        if accepted:
            order_universal_upscale(world, account, order)
        else:
            with pytest.raises(InvalidValue, match="upscaleMultiplier"):
                order_universal_upscale(world, account, order)


def test_nothing_becomes_longer_than_can_be_drawn() -> None:
    world, account = a_place()
    image_id = an_image(world, account, modelId=LUCID, width=1536, height=32)
    for px in (3072, 6144):
        field = "generatedImageId" if px == 3072 else "variationId"
        order = msgspec.structs.replace(UniversalOrder(upscaleMultiplier=2.0), **{field: image_id})
        larger = order_universal_upscale(world, account, order)
        let_all_end(world)
        assert larger.width == px
        image_id = larger.id
    with pytest.raises(InvalidValue) as caught:
        order_universal_upscale(world, account, UniversalOrder(variationId=image_id, upscaleMultiplier=1.5))
    assert caught.value.rule == "universal_upscaler.side_max"
