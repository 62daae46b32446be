"""Videos: what they are made from, how long and large they are, what is refused."""

from typing import Any

import pytest

from mockleo.core.errors import (
    AgainstTerms,
    InitVariationNotFound,
    InvalidDimensions,
    InvalidInitImage,
    InvalidValue,
    LeoError,
    OutOfCredits,
    WordFiltered,
    WrongKindOfId,
)
from mockleo.core.orders import ElementUse, ImageRef, MotionOrder, VideoOrder
from mockleo.core.variations import order_upscale
from mockleo.core.videos import order_motion, order_video, upscale_video

from .worlds import (
    NOBODYS,
    a_generation,
    a_place,
    a_world,
    an_account,
    an_image,
    an_upload,
    let_all_end,
)


def a_video_order(**fields: Any) -> VideoOrder:
    return VideoOrder(**{"prompt": "a cat", **fields})


# By model: size, length of the clip, and how long it takes; nothing else is said.
DEFAULTS = {
    None: (832, 480, 5_000, 60_000),
    "MOTION2": (832, 480, 5_000, 60_000),
    "MOTION2FAST": (832, 480, 5_000, 30_000),
    "VEO3": (1280, 720, 8_000, 150_000),
    "VEO3FAST": (1280, 720, 8_000, 90_000),
    "KLING2_1": (1920, 1080, 5_000, 180_000),
    "KLING2_5": (1920, 1080, 5_000, 180_000),
}


@pytest.mark.parametrize(("model", "expected"), DEFAULTS.items())
def test_a_prompt_alone_takes_the_models_defaults(
    model: str | None, expected: tuple[int, int, int, int]
) -> None:
    world, account = a_place(spread_percent=0)
    video = order_video(world, account, a_video_order(model=model))
    assert (video.width, video.height, video.clip_ms, video.duration_ms) == expected
    assert (video.lane, video.quantity, video.model) == ("video", 1, None)
    let_all_end(world)
    assert (video.status, len(video.image_ids)) == ("COMPLETE", 1)
    assert account.generations == {video.id: video}


# Parameter; what else is in the order; values that are accepted; values that are refused.
RANGES: list[tuple[str, dict[str, Any], list[Any], list[Any]]] = [
    ("prompt", {}, ["x", "x" * 5_000], [""]),
    ("duration", {"model": "MOTION2"}, [4, 5, 6, 8, 10, None], [0, 3, 7, -5, 60]),
    ("duration", {"model": "VEO3"}, [4, 6, 8], [5, 10]),
    # 8 is the schema's default, which the SDKs send with every order.
    ("duration", {"model": "KLING2_5"}, [5, 10, 8], [4, 6]),
    ("duration", {"model": "KLING2_1"}, [5, 10, 8], [4, 6]),
    ("seed", {"model": "MOTION2"}, [0, 2_147_483_637, None], [-1, 2_147_483_638]),
    ("seed", {"model": "MOTION2FAST"}, [2_147_483_637], [2_147_483_638]),
    ("seed", {"model": "VEO3"}, [0, 4_294_967_293], [-1, 4_294_967_294]),
    ("elements", {"model": "MOTION2"}, [[], [ElementUse(akUUID=NOBODYS)]], []),
    ("elements", {"model": "VEO3"}, [[], None], [[ElementUse(akUUID=NOBODYS)]]),
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
    order = a_video_order(**{**fields, field: value})
    if accepted:
        order_video(world, account, order)
    else:
        with pytest.raises(InvalidValue) as caught:
            order_video(world, account, order)
        assert caught.value.facts == {"field": field}
        assert account.ledger.entries == []


@pytest.mark.parametrize("side", ["width", "height"])
@pytest.mark.parametrize(
    ("side_px", "accepted"), [(32, True), (1920, True), (31, False), (1921, False), (0, False), (-1, False)]
)
def test_a_side_is_accepted_up_to_its_bounds(side: str, side_px: int, *, accepted: bool) -> None:
    world, account = a_place()
    order = a_video_order(**{side: side_px})
    if accepted:
        assert getattr(order_video(world, account, order), side) == side_px
    else:
        with pytest.raises(InvalidDimensions):
            order_video(world, account, order)


@pytest.mark.parametrize(("asked_s", "clip_ms"), [(10, 10_000), (8, 5_000), (5, 5_000), (None, 5_000)])
def test_a_clip_is_as_long_as_asked_where_the_model_can(asked_s: int | None, clip_ms: int) -> None:
    world, account = a_place()
    assert order_video(world, account, a_video_order(model="KLING2_5", duration=asked_s)).clip_ms == clip_ms


# --- from images ------------------------------------------------------------------------------

# Type and kind of id, and the refusal.
FIRST_FRAMES: list[tuple[str, str, type[LeoError] | None]] = [
    ("GENERATED", "image", None),
    ("GENERATED", "generation", WrongKindOfId),
    ("GENERATED", "upload", InitVariationNotFound),
    ("GENERATED", "another's", InitVariationNotFound),
    ("GENERATED", "nobody's", InitVariationNotFound),
    ("UPLOADED", "upload", None),
    ("UPLOADED", "image", InvalidInitImage),
    ("UPLOADED", "generation", InvalidInitImage),
    ("UPLOADED", "nobody's", InvalidInitImage),
]


@pytest.mark.parametrize(("image_type", "kind", "refusal"), FIRST_FRAMES)
def test_a_first_frame_is_of_the_kind_that_is_said(
    image_type: str, kind: str, refusal: type[LeoError] | None
) -> None:
    world = a_world()
    account = an_account(world)
    generation = a_generation(world, account)
    ids = {
        "image": generation.image_ids[0],
        "generation": generation.id,
        "upload": an_upload(world, account).id,
        "another's": an_image(world, an_account(world, "bob")),
        "nobody's": NOBODYS,
    }
    order = a_video_order(imageId=ids[kind], imageType=image_type)
    if refusal is None:
        assert not order_video(world, account, order).doomed
    else:
        with pytest.raises(refusal):
            order_video(world, account, order)


END_FRAMES: list[tuple[str, str, str | None, type[LeoError] | None]] = [
    ("KLING2_1", "UPLOADED", "upload", None),
    ("KLING2_1", "GENERATED", "upload", InvalidValue),
    ("KLING2_5", "UPLOADED", "upload", InvalidValue),
    ("KLING2_1", "UPLOADED", "nobody's", InvalidInitImage),
    ("KLING2_1", "UPLOADED", None, InvalidInitImage),
]


@pytest.mark.parametrize(("model", "image_type", "last", "refusal"), END_FRAMES)
def test_an_end_frame_goes_with_one_model_and_an_uploaded_first(
    model: str, image_type: str, last: str | None, refusal: type[LeoError] | None
) -> None:
    world, account = a_place()
    ids = {"upload": an_upload(world, account).id, "nobody's": NOBODYS, None: None}
    first = ids["upload"] if image_type == "UPLOADED" else an_image(world, account)
    order = a_video_order(
        model=model,
        imageId=first,
        imageType=image_type,
        endFrameImage=ImageRef(id=ids[last], type="UPLOADED"),
    )
    if refusal is None:
        order_video(world, account, order)
    else:
        with pytest.raises(refusal):
            order_video(world, account, order)


@pytest.mark.parametrize("missing_one", ["first", "last"])
def test_a_frame_that_never_arrived_dooms_the_video(missing_one: str) -> None:
    world, account = a_place()
    first, last = (an_upload(world, account, arrived=name != missing_one) for name in ("first", "last"))
    order = a_video_order(
        model="KLING2_1",
        imageId=first.id,
        imageType="UPLOADED",
        endFrameImage=ImageRef(id=last.id, type="UPLOADED"),
    )
    video = order_video(world, account, order)
    let_all_end(world)
    assert (video.status, video.image_ids) == ("FAILED", ())
    assert account.ledger.balance == account.ledger.opening


# Each order has the faults of all that come after it.
FAULTS: list[tuple[type[LeoError], dict[str, Any]]] = [
    (OutOfCredits, {}),
    (AgainstTerms, {"prompt": "against the terms"}),
    (WordFiltered, {"prompt": "nude"}),
    (InvalidInitImage, {"imageId": NOBODYS, "imageType": "UPLOADED"}),
    (InvalidDimensions, {"width": 1}),
    (InvalidValue, {"seed": -1}),
]


@pytest.mark.parametrize("nth", range(len(FAULTS)))
def test_the_first_fault_is_told(nth: int) -> None:
    world, account = a_place(credits=0 if nth == 0 else 1_000_000)
    fields: dict[str, Any] = {}
    for _, wrong in reversed(FAULTS[nth:]):
        fields |= wrong
    with pytest.raises(FAULTS[nth][0]):
        order_video(world, account, a_video_order(**fields))
    assert (account.ledger.entries, account.generations, account.serial) == ([], {}, 0)


# --- the older model --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("strength", "accepted"), [(None, True), (1, True), (10, True), (0, False), (11, False), (-1, False)]
)
def test_motion_has_a_strength(strength: int | None, *, accepted: bool) -> None:
    world, account = a_place()
    order = MotionOrder(imageId=an_image(world, account), motionStrength=strength)
    if accepted:
        assert order_motion(world, account, order).cost == 45
    else:
        with pytest.raises(InvalidValue, match="motionStrength"):
            order_motion(world, account, order)


MOTIONS: list[tuple[str, dict[str, bool], type[LeoError] | None]] = [
    ("image", {}, None),
    ("image", {"isInitImage": False, "isVariation": False}, None),
    ("image", {"isVariation": True}, InitVariationNotFound),
    ("image", {"isInitImage": True}, InvalidInitImage),
    ("variation", {"isVariation": True}, None),
    ("variation", {}, InitVariationNotFound),
    ("upload", {"isInitImage": True}, None),
    ("upload", {}, InitVariationNotFound),
    ("generation", {}, WrongKindOfId),
    ("generation", {"isVariation": True}, InitVariationNotFound),
    ("nobody's", {}, InitVariationNotFound),
]


@pytest.mark.parametrize(("kind", "said", "refusal"), MOTIONS)
def test_motion_wants_what_is_said_about_the_image(
    kind: str, said: dict[str, bool], refusal: type[LeoError] | None
) -> None:
    world, account = a_place()
    generation = a_generation(world, account, width=512, height=768, prompt="a dog")
    ids = {
        "image": generation.image_ids[0],
        "variation": order_upscale(world, account, generation.image_ids[0]).id,
        "upload": an_upload(world, account).id,
        "generation": generation.id,
        "nobody's": NOBODYS,
    }
    let_all_end(world)
    order = MotionOrder(imageId=ids[kind], **said)
    if refusal is None:
        motion = order_motion(world, account, order)
        assert (motion.clip_ms, motion.lane) == (4_000, "video")
        assert kind != "image" or (motion.width, motion.height, motion.prompt) == (512, 768, "a dog")
    else:
        with pytest.raises(refusal):
            order_motion(world, account, order)


def test_motion_of_an_image_that_never_arrived_fails() -> None:
    world, account = a_place()
    missing = an_upload(world, account, arrived=False)
    motion = order_motion(world, account, MotionOrder(imageId=missing.id, isInitImage=True))
    let_all_end(world)
    assert motion.status == "FAILED"


# --- enlarging --------------------------------------------------------------------------------


def test_a_video_is_enlarged_once_it_is_ready() -> None:
    world, account = a_place(spread_percent=0)
    video = order_video(world, account, a_video_order())
    with pytest.raises(InvalidValue, match="sourceGenerationId"):
        upscale_video(world, account, source_generation_id=video.id, resolution="RESOLUTION_720")
    let_all_end(world)
    larger = upscale_video(world, account, source_generation_id=video.id, resolution="RESOLUTION_720")
    assert (larger.generation, larger.width, larger.height) == (video, 1280, 720)
    assert account.motion_variations == {larger.id: larger}
    let_all_end(world)
    assert larger.status == "COMPLETE"


@pytest.mark.parametrize("kind", ["images", "image", "another's", "nobody's"])
def test_nothing_but_a_video_of_ones_own_is_enlarged(kind: str) -> None:
    world = a_world()
    account, other = an_account(world), an_account(world, "bob")
    generation = a_generation(world, account)
    theirs = order_video(world, other, a_video_order())
    let_all_end(world)
    ids = {
        "images": generation.id,
        "image": generation.image_ids[0],
        "another's": theirs.id,
        "nobody's": NOBODYS,
    }
    with pytest.raises(InvalidValue, match="sourceGenerationId"):
        upscale_video(world, account, source_generation_id=ids[kind], resolution="RESOLUTION_720")
