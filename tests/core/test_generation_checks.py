"""What an order of images must keep: just inside is accepted, just outside is refused and says why."""

from typing import Any

import pytest

from mockleo.core.errors import (
    AgainstTerms,
    InvalidDimensions,
    InvalidInitImage,
    InvalidValue,
    LeoError,
    ModelIdMalformed,
    ModelNotFound,
    OutOfCredits,
    PhoenixNeedsItsVersion,
    PromptTooLong,
    TooManyImages,
    WordFiltered,
)
from mockleo.core.generations import order_generation
from mockleo.core.orders import Controlnet, ElementUse, GenerationOrder, ImageRef, UserElementUse

from .worlds import (
    ANIME_XL,
    FLUX,
    KINO_XL,
    LIGHTNING,
    LUCID,
    NOBODYS,
    PHOENIX,
    SD15,
    SD21,
    SDXL,
    a_place,
    a_world,
    an_account,
    an_element_in_training,
    an_order,
    an_upload,
    every_id,
    let_all_end,
)

PLAIN = {"alchemy": False}
SCHNELL = "1dd50843-d653-4516-a8e3-f0238ee453ff"
KONTEXT = "28aeddf8-bd19-4803-80fc-79602d1a9989"

# Parameter; what else is in the order; values that are accepted; values that are refused.
RANGES: list[tuple[str, dict[str, Any], list[Any], list[Any]]] = [
    ("num_images", {"width": 768, "height": 768}, [1, 8, None], [0, -1, 9]),
    ("num_inference_steps", {}, [10, 60, None], [9, 61, 0, -15]),
    ("guidance_scale", {}, [1, 7.5, 20, None], [0.99, 20.01, 0, -7]),
    ("guidance_scale", {"modelId": SDXL}, [1, 20], [0.99, 20.01]),
    ("guidance_scale", {"modelId": SD15}, [2, 30], [1.99, 30.01]),
    ("guidance_scale", {"modelId": SD21}, [2, 30], [1.99, 30.01]),
    ("guidance_scale", {"modelId": SD15, **PLAIN}, [1, 20], [0.99, 20.01]),
    ("guidance_scale", {"scheduler": "LEONARDO", **PLAIN}, [1, 7], [0.99, 7.01]),
    ("guidance_scale", {"scheduler": "LEONARDO"}, [7.01, 20], [20.01]),
    ("seed", {}, [0, 9_999_999_998, None], [-1, 9_999_999_999]),
    ("seed", {"modelId": FLUX}, [0, 2_147_483_637], [-1, 2_147_483_638]),
    ("seed", {"modelId": SCHNELL}, [2_147_483_637], [2_147_483_638]),
    ("seed", {"modelId": KONTEXT}, [2_147_483_637], [2_147_483_638]),
    ("seed", {"modelId": PHOENIX}, [9_999_999_998], [9_999_999_999]),
    ("contrast", {}, [1, 1.0, 1.3, 1.8, 2.5, 3, 3.5, 4, 4.5, None], [0, 0.9, 1.1, 2, 4.6, 5, -1]),
    ("contrast", {"modelId": PHOENIX}, [2.5, 4.5], [1.0, 1.3, 1.8, 2.4]),
    ("contrast", {"modelId": PHOENIX, **PLAIN}, [1.0, 1.8, 4.5], [2.4]),
    ("contrastRatio", {}, [0, 0.5, 1, None], [-0.01, 1.01]),
    ("promptMagicStrength", {}, [0.1, 1.0, None], [0.09, 1.01, 0]),
    ("promptMagicVersion", {}, ["v2", "v3", None], ["v1", "v4", "", "V2"]),
    ("photoRealStrength", {}, [0.55, 0.5, 0.45, None], [0.4, 0.56, 1]),
    ("photoRealVersion", {}, ["v1", "v2", None], ["v3", ""]),
    ("photoRealVersion", {"photoReal": True}, ["v1", "v2", None], ["v3", "string"]),
    ("photoRealVersion", {"photoReal": True, "modelId": KINO_XL}, ["v2"], ["v3", "string"]),
    ("init_strength", {}, [0.1, 0.9, None], [0.09, 0.91, 0, 1]),
    ("ultra", {"alchemy": True}, [False, None], [True]),
    ("ultra", {}, [True, False], []),
    ("ultra", PLAIN, [True, False], []),
    ("photoReal", PLAIN, [False, None], [True]),
    ("photoReal", {"modelId": SDXL}, [False], [True]),
    ("photoReal", {"modelId": KINO_XL}, [False], [True]),
    ("photoReal", {"modelId": KINO_XL, "photoRealVersion": "v2"}, [True], []),
    ("photoReal", {"modelId": SDXL, "photoRealVersion": "v2"}, [], [True]),
    ("photoReal", {"modelId": LIGHTNING}, [True], []),
    ("styleUUID", {}, [NOBODYS, None], ["DYNAMIC", ""]),
    ("elements", {}, [None, [], [ElementUse(akUUID=NOBODYS)]], [[ElementUse(akUUID="lora")]]),
]


@pytest.mark.parametrize(
    ("field", "fields", "value", "accepted"),
    [
        (field, fields, value, accepted)
        for field, fields, inside, outside in RANGES
        for accepted, values in ((True, inside), (False, outside))
        for value in values
    ],
)
def test_a_value_is_accepted_up_to_its_bounds(
    field: str, fields: dict[str, Any], value: Any, *, accepted: bool
) -> None:
    world, account = a_place()
    order = an_order(**fields, **{field: value})
    if accepted:
        assert order_generation(world, account, order).order is order
    else:
        with pytest.raises(InvalidValue) as caught:
            order_generation(world, account, order)
        assert caught.value.facts == {"field": field}
        assert account.ledger.entries == []


@pytest.mark.parametrize(
    ("prompt", "refusal"),
    [("x", None), ("x" * 1500, None), ("é" * 1500, None), ("x" * 1501, PromptTooLong), ("", InvalidValue)],
)
def test_a_prompt_has_a_length(prompt: str, refusal: type[LeoError] | None) -> None:
    world, account = a_place()
    if refusal is None:
        assert order_generation(world, account, an_order(prompt=prompt)).prompt == prompt
    else:
        with pytest.raises(refusal):
            order_generation(world, account, an_order(prompt=prompt))


# What else is in the order; sides that are accepted; sides that are refused.
SIDES: list[tuple[dict[str, Any], list[int], list[int]]] = [
    ({}, [32, 40, 1016, 1024], [0, -8, 24, 31, 33, 36, 1020, 1025, 1032, 1536]),
    ({"modelId": SD15}, [32, 1024], [24, 1032]),
    ({"modelId": SDXL, **PLAIN}, [32, 1032, 1536], [24, 1537, 1544]),
    ({"modelId": SDXL, "ultra": True}, [1536], [1544]),
    ({"modelId": PHOENIX}, [32, 1536], [24, 1532, 1544]),
    ({"modelId": FLUX}, [1536], [1544]),
    ({"modelId": LUCID}, [32, 1536, 1920], [24, 1916, 1928]),
]


@pytest.mark.parametrize("side", ["width", "height"])
@pytest.mark.parametrize(
    ("fields", "side_px", "accepted"),
    [
        (fields, side_px, accepted)
        for fields, inside, outside in SIDES
        for accepted, sides_px in ((True, inside), (False, outside))
        for side_px in sides_px
    ],
)
def test_a_side_is_accepted_up_to_its_bounds(
    side: str, fields: dict[str, Any], side_px: int, *, accepted: bool
) -> None:
    world, account = a_place()
    order = an_order(num_images=1, **fields, **{side: side_px})
    if accepted:
        assert getattr(order_generation(world, account, order), side) == side_px
    else:
        with pytest.raises(InvalidDimensions):
            order_generation(world, account, order)


@pytest.mark.parametrize(
    ("fields", "width", "height", "most"),
    [
        ({}, 768, 768, 8),
        ({}, 776, 512, 4),
        ({}, 512, 1024, 4),
        ({"modelId": SDXL, **PLAIN}, 1344, 768, 2),
        ({"modelId": SDXL, **PLAIN}, 512, 1032, 2),
        ({"modelId": PHOENIX}, 768, 768, 8),
        ({"modelId": PHOENIX}, 1344, 768, 4),
        ({"modelId": LUCID}, 1920, 1080, 4),
    ],
)
def test_large_images_come_in_small_numbers(
    fields: dict[str, Any], width: int, height: int, most: int
) -> None:
    world, account = a_place()
    order_generation(world, account, an_order(width=width, height=height, num_images=most, **fields))
    with pytest.raises(InvalidValue if most == 8 else TooManyImages):
        order_generation(world, account, an_order(width=width, height=height, num_images=most + 1, **fields))


@pytest.mark.parametrize(
    ("model_id", "sd_version", "accepted"),
    [
        (PHOENIX, "PHOENIX", True),
        (PHOENIX, None, True),
        (PHOENIX, "v1_5", False),
        (PHOENIX, "SDXL_1_0", False),
        (SDXL, "v1_5", True),
    ],
)
def test_phoenix_wants_its_own_version(model_id: str, sd_version: str | None, *, accepted: bool) -> None:
    world, account = a_place()
    order = an_order(modelId=model_id, sd_version=sd_version)
    if accepted:
        order_generation(world, account, order)
    else:
        with pytest.raises(PhoenixNeedsItsVersion):
            order_generation(world, account, order)


# --- what an order names ----------------------------------------------------------------------


def naming(field: str, image_id: str) -> GenerationOrder:
    """An order that names an image in one of the ways there are; "controlnet GENERATED", say."""
    match field.split():
        case ["controlnet", kind]:
            control = Controlnet(initImageId=image_id, initImageType=kind, preprocessorId=67)
            return an_order(controlnets=[control])
        case ["context", kind]:
            return an_order(contextImages=[ImageRef(id=image_id, type=kind)])
        case ["imagePrompts"]:
            return an_order(imagePrompts=[None, image_id])
        case ["canvasMaskId"]:
            return an_order(canvasMaskId=image_id)
        case _:
            return an_order(**{field: image_id})


UPLOADED = (
    "init_image_id",
    "canvasInitId",
    "canvasMaskId",
    "imagePrompts",
    "controlnet UPLOADED",
    "context UPLOADED",
)
GENERATED = ("init_generation_image_id", "imagePrompts", "controlnet GENERATED", "context GENERATED")


@pytest.mark.parametrize("field", sorted({*UPLOADED, *GENERATED}))
def test_an_id_must_be_of_the_kind_that_is_wanted(field: str) -> None:
    world, account, ids = every_id()
    accepted = set()
    if field in UPLOADED:
        accepted |= {"upload", "canvas", "mask"}
    if field in GENERATED:
        accepted |= {"image"}
    for kind, image_id in ids.items():
        order = naming(field, image_id)
        if kind in accepted:
            assert not order_generation(world, account, order).doomed, kind
        else:
            with pytest.raises(InvalidInitImage):
                order_generation(world, account, order)


@pytest.mark.parametrize("field", UPLOADED)
def test_an_image_that_never_arrived_dooms_the_job(field: str) -> None:
    world, account = a_place()
    missing = an_upload(world, account, arrived=False)
    generation = order_generation(world, account, naming(field, missing.id))
    let_all_end(world)
    assert (generation.status, generation.image_ids) == ("FAILED", ())
    assert account.ledger.balance == account.ledger.opening


def test_one_wrong_id_among_missing_ones_is_refused() -> None:
    world, account = a_place()
    missing = an_upload(world, account, arrived=False)
    with pytest.raises(InvalidInitImage):
        order_generation(world, account, an_order(init_image_id=missing.id, canvasInitId=NOBODYS))


def test_one_missing_image_among_others_dooms_the_job() -> None:
    world, account = a_place()
    there, missing = an_upload(world, account), an_upload(world, account, arrived=False)
    order = an_order(init_image_id=missing.id, canvasInitId=there.id)
    assert order_generation(world, account, order).doomed


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"preprocessorId": 67}, None),
        ({"preprocessorId": 19, "weight": 0.5}, None),
        ({"preprocessorId": 67, "strengthType": "High"}, None),
        ({"preprocessorId": 67, "strengthType": "High", "weight": 0.5}, "controlnets"),
        ({"preprocessorId": 1_000_000}, "controlnets"),
        ({"preprocessorId": 67.5}, "controlnets"),
        ({"preprocessorId": None}, "controlnets"),
    ],
)
def test_a_controlnet_has_a_preprocessor_and_one_strength(fields: dict[str, Any], field: str | None) -> None:
    world, account = a_place()
    upload = an_upload(world, account)
    order = an_order(controlnets=[Controlnet(initImageId=upload.id, initImageType="UPLOADED", **fields)])
    if field is None:
        order_generation(world, account, order)
    else:
        with pytest.raises(InvalidValue) as caught:
            order_generation(world, account, order)
        assert caught.value.facts == {"field": field}


def test_an_element_of_ones_own_is_used_once_it_is_trained() -> None:
    world, account = a_place()
    element = an_element_in_training(world, account)
    order = an_order(userElements=[UserElementUse(userLoraId=element.number)])
    with pytest.raises(InvalidValue, match="userElements"):
        order_generation(world, account, order)
    let_all_end(world)
    order_generation(world, account, order)


@pytest.mark.parametrize("number", [None, 1, 60_000.5, -1])
def test_an_element_that_nobody_trained_is_refused(number: float | None) -> None:
    world, account = a_place()
    with pytest.raises(InvalidValue, match="userElements"):
        order_generation(world, account, an_order(userElements=[UserElementUse(userLoraId=number)]))


def test_anothers_element_is_refused() -> None:
    world = a_world()
    element = an_element_in_training(world, an_account(world, "bob"))
    let_all_end(world)
    with pytest.raises(InvalidValue, match="userElements"):
        order_generation(
            world,
            an_account(world),
            an_order(userElements=[UserElementUse(userLoraId=element.number)]),
        )


CANVAS: list[tuple[dict[str, Any], str | None]] = [
    ({"canvasRequestType": "INPAINT", "canvasInitId": "upload", "canvasMaskId": "upload"}, None),
    ({"canvasRequestType": "OUTPAINT", "canvasInitId": "upload", "canvasMaskId": "upload"}, None),
    ({"canvasRequestType": "INPAINT", "canvasInitId": "upload"}, "canvasMaskId"),
    ({"canvasRequestType": "OUTPAINT", "canvasInitId": "upload"}, "canvasMaskId"),
    ({"canvasRequestType": "SKETCH2IMG", "canvasInitId": "upload"}, None),
    ({"canvasRequestType": "IMG2IMG", "canvasInitId": "upload"}, None),
    ({"canvasRequestType": "IMG2IMG"}, "canvasInitId"),
    ({"canvasInitId": "upload", "init_strength": 0}, None),
    ({"canvasInitId": "upload", "init_strength": 1}, None),
    ({"canvasInitId": "upload", "init_strength": 1.01}, "init_strength"),
    ({"canvasInitId": "upload", "modelId": PHOENIX}, "modelId"),
    ({"canvasInitId": "upload", "modelId": ANIME_XL}, "modelId"),
    ({"canvasInitId": "upload", "modelId": LIGHTNING}, None),
    ({"canvasInitId": "upload", "photoReal": True}, "photoReal"),
    ({"canvasRequest": False, "modelId": PHOENIX}, None),
    ({"canvasRequest": False, "unzoom": True, "unzoomAmount": 2}, "unzoom"),
    ({"canvasRequest": False, "unzoom": True, "init_image_id": "upload"}, "unzoom"),
    ({"canvasRequest": False, "unzoom": True, "unzoomAmount": 2, "init_image_id": "upload"}, None),
    ({"canvasRequest": False, "unzoom": False}, None),
]


@pytest.mark.parametrize(("fields", "field"), CANVAS)
def test_canvas_and_unzoom_need_their_images(fields: dict[str, Any], field: str | None) -> None:
    world, account = a_place()
    upload = an_upload(world, account)
    named = {name: upload.id if value == "upload" else value for name, value in fields.items()}
    order = an_order(**{"canvasRequest": True, **named})
    if field is None:
        order_generation(world, account, order)
    else:
        with pytest.raises(InvalidValue) as caught:
            order_generation(world, account, order)
        assert caught.value.facts == {"field": field}


# --- the first fault is told ------------------------------------------------------------------

# Each order has the faults of all that come after it; which range comes first is nowhere said.
FAULTS: list[tuple[type[LeoError], dict[str, Any]]] = [
    (OutOfCredits, {}),
    (AgainstTerms, {"prompt": "naked, against the terms " + "x" * 1500}),
    (WordFiltered, {"prompt": "naked " + "x" * 1500}),
    (ModelIdMalformed, {"modelId": "string"}),
    (ModelNotFound, {"modelId": NOBODYS}),
    (InvalidInitImage, {"init_image_id": NOBODYS}),
    (InvalidDimensions, {"width": 1001}),
]


@pytest.mark.parametrize("nth", range(len(FAULTS)))
def test_the_first_fault_is_told(nth: int) -> None:
    world, account = a_place(credits=0 if nth == 0 else 1_000_000)
    fields: dict[str, Any] = {}
    for _, wrong in reversed(FAULTS[nth:]):
        fields |= wrong
    with pytest.raises(FAULTS[nth][0]):
        order_generation(world, account, an_order(**fields))
    assert (account.ledger.entries, account.generations, account.serial) == ([], {}, 0)


@pytest.mark.parametrize("field", ["width", "height", "num_images", "num_inference_steps", "seed"])
@pytest.mark.parametrize("value", [-(2**31), -1, 0, 2**31 - 1])
def test_nonsense_is_refused_and_never_our_mistake(field: str, value: int) -> None:
    world, account = a_place(credits=1_000)
    for model_id in (LIGHTNING, SDXL, SD15, LUCID, SCHNELL):
        for alchemy in (True, False):
            order = an_order(modelId=model_id, alchemy=alchemy, **{field: value})
            if field == "seed" and value >= 0:
                continue
            with pytest.raises((InvalidValue, InvalidDimensions, TooManyImages)):
                order_generation(world, account, order)
    assert account.ledger.entries == []
