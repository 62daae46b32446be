"""Prices: what was published, to the credit; the lines between; and that all who tell one agree."""

from decimal import ROUND_HALF_UP, Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockleo.core import pricing
from mockleo.core.generations import order_generation
from mockleo.core.orders import Controlnet, ElementUse, MotionOrder, UniversalOrder, VideoOrder
from mockleo.core.pricing import ImageWork
from mockleo.core.realtime import order_picture, order_refined
from mockleo.core.variations import order_nobg, order_universal_upscale, order_unzoom, order_upscale
from mockleo.core.videos import order_motion, order_video, upscale_video
from mockleo.wire.endpoints.pricing import SERVICES

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
    a_model_in_training,
    a_place,
    a_recipe,
    a_sketch,
    an_element_in_training,
    an_image,
    an_order,
    an_upload,
    let_all_end,
    the_rules,
)

# Credits and what they cost in dollars, as published or seen.
DOLLARS = {
    2: "0.003",
    3: "0.0045",
    4: "0.006",
    8: "0.012",
    15: "0.0224",
    16: "0.0239",
    17: "0.0254",
    18: "0.0269",
    26: "0.0389",
    30: "0.0449",
    39: "0.0583",
    66: "0.0987",
    90: "0.1346",
    110: "0.1645",
    144: "0.2153",
    261: "0.3902",
    672: "1.0046",
    3360: "5.0232",
}

# Prices that were quoted in dollars alone, by what they were quoted for.
QUOTED = {
    "flux-schnell": ["0.003", "0.0045"],
    "gpt-image-2 low": ["0.012", "0.0254", "0.0762"],
    "gpt-image-2 medium": ["0.0987", "0.2153", "0.6683"],
    "gpt-image-2 high": ["0.3902", "0.8566", "2.6596"],
    "nano-banana-2": ["0.0389", "0.0583", "0.0777"],
    "nano-banana-2-lite": ["0.0449"],
    "kino-xl fast": ["0.0045", "0.006"],
    "kino-xl quality": ["0.0239", "0.0269"],
    "concept-art": ["0.0045", "0.006", "0.0239"],
    "video": ["0.0449", "0.1047", "0.1346", "0.1645", "1.0046", "5.0232"],
    "remove-bg": ["0.1047", "0.0269"],
}


@pytest.mark.parametrize(("credits", "dollars"), DOLLARS.items())
def test_credits_cost_what_was_seen(credits: int, dollars: str) -> None:
    assert pricing.dollars(the_rules(), credits) == dollars


def test_every_quoted_price_is_what_some_whole_number_of_credits_costs() -> None:
    quoted = {price for prices in QUOTED.values() for price in prices} | set(DOLLARS.values())
    assert len(quoted) == 24
    assert quoted <= {pricing.dollars(the_rules(), credits) for credits in range(3_361)}


@pytest.mark.parametrize(("credits", "dollars"), [(0, "0"), (1, "0.0015"), (200_000, "299"), (2_000, "2.99")])
def test_dollars_are_written_as_javascript_writes_them(credits: int, dollars: str) -> None:
    assert pricing.dollars(the_rules(), credits) == dollars


@given(st.integers(0, 10**9))
def test_dollars_are_rounded_half_up_to_four_decimals(credits: int) -> None:
    text = pricing.dollars(the_rules(), credits)
    assert abs(Decimal(text) - Decimal(credits) * 299 / 200_000) <= Decimal("0.00005")
    assert "E" not in text
    assert "." not in text or not text.endswith(("0", "."))


def test_the_placeholder_of_the_documentation_is_no_price() -> None:
    assert "0.0147" not in {pricing.dollars(the_rules(), credits) for credits in range(100)}


# --- images -----------------------------------------------------------------------------------

# Four images of 512 by 512, of 1024 by 1024.
FOUR: list[tuple[str, dict[str, Any], int, int]] = [
    ("Lightning XL, Alchemy", {"modelId": LIGHTNING}, 15, 40),
    ("SDXL, Alchemy", {"modelId": SDXL}, 24, 66),
    ("Kino XL, Alchemy", {"modelId": KINO_XL}, 24, 66),
    ("PhotoReal v1", {"photoReal": True, "alchemy": True}, 23, 63),
    ("SD 1.5, Alchemy", {"modelId": SD15}, 16, 44),
    ("SD 2.1, Alchemy", {"modelId": SD21}, 16, 44),
    (
        "SD 1.5, Prompt Magic v3, Alchemy",
        {"modelId": SD15, "promptMagic": True, "promptMagicVersion": "v3"},
        24,
        63,
    ),
    ("SD 1.5, plain", {"modelId": SD15, "alchemy": False, "num_inference_steps": 10}, 7, 12),
    (
        "SD 2.1, Prompt Magic v2",
        {
            "modelId": SD21,
            "alchemy": False,
            "promptMagic": True,
            "promptMagicVersion": "v2",
            "num_inference_steps": 10,
        },
        7,
        12,
    ),
]

SINGLE: list[tuple[str, dict[str, Any], int]] = [
    (
        "SD 2.1, 30 steps",
        {"modelId": SD21, "alchemy": False, "width": 512, "height": 512, "num_inference_steps": 30},
        9,
    ),
    ("Lightning XL", {"width": 768, "height": 768}, 15),
    ("Lucid Origin", {"modelId": LUCID, "width": 1920, "height": 1080}, 17),
    ("Kino quality", {"modelId": KINO_XL, "width": 896, "height": 896}, 16),
    ("Kino quality", {"modelId": KINO_XL, "width": 1024, "height": 1024}, 16),
    ("Kino fast", {"modelId": KINO_XL, "alchemy": False, "width": 896, "height": 896}, 3),
    ("Kino fast", {"modelId": KINO_XL, "alchemy": False, "width": 1024, "height": 1024}, 4),
    ("Kino fast", {"modelId": KINO_XL, "alchemy": False, "width": 1120, "height": 1120}, 4),
]


@pytest.mark.parametrize(("named", "fields", "small", "large"), FOUR, ids=lambda cell: str(cell)[:32])
def test_four_images_cost_what_is_published(
    named: str, fields: dict[str, Any], small: int, large: int
) -> None:
    world, account = a_place()
    for side_px, credits in ((512, small), (1024, large)):
        order = an_order(**{"num_images": 4, "width": side_px, "height": side_px, **fields})
        assert order_generation(world, account, order).cost == credits, named


@pytest.mark.parametrize(("named", "fields", "credits"), SINGLE, ids=lambda cell: str(cell)[:32])
def test_one_image_costs_what_was_seen(named: str, fields: dict[str, Any], credits: int) -> None:
    world, account = a_place()
    assert order_generation(world, account, an_order(**{"num_images": 1, **fields})).cost == credits, named


def test_one_image_of_1120_px_in_quality_costs_what_was_seen() -> None:
    """Beyond what an order may have, but the point is known."""
    work = ImageWork(family="sdxl", width=1120, height=1120, num_images=1, steps=15, alchemy=True)
    assert pricing.images(the_rules(), work) == 18


@pytest.mark.parametrize(("side_px", "credits"), [(896, 2), (1024, 2), (1120, 3), (2048, 3)])
def test_flux_schnell_costs_what_was_seen(side_px: int, credits: int) -> None:
    for num_images in (1, 3):
        work = ImageWork(
            family="flux_schnell", width=side_px, height=side_px, num_images=num_images, steps=15
        )
        assert pricing.images(the_rules(), work) == credits * num_images


# Per image: base and credits a megapixel; the least that an order costs. None: two flat prices.
LINES: list[tuple[dict[str, Any], str, str, int]] = [
    ({"family": "sdxl", "alchemy": True}, "2.5", "13.35", 0),
    ({"family": "lightning", "alchemy": True}, "1.67", "7.95", 15),
    ({"family": "sd15", "alchemy": True}, "1.67", "8.9", 9),
    ({"family": "sd15"}, "1.33", "1.6", 7),
    ({"family": "lucid"}, "0", "8.2", 4),
    ({"family": "phoenix", "alchemy": True}, "0", "8.2", 4),
    ({"family": "flux", "alchemy": True}, "0", "8.2", 4),
]
sides_px = st.integers(4, 192).map(lambda eighth: eighth * 8)


@pytest.mark.parametrize(("fields", "base", "per_megapixel", "floor"), LINES)
def test_between_the_points_a_price_is_on_the_line(
    fields: dict[str, Any], base: str, per_megapixel: str, floor: int
) -> None:
    points = the_rules().table("pricing.points")
    for width, height, num_images in product(range(32, 1537, 56), range(32, 1537, 64), range(1, 9)):
        work = ImageWork(width=width, height=height, num_images=num_images, steps=15, **fields)
        if f"{pricing.image_class(work)} {num_images}x{width}x{height}" in points:
            continue
        exact = num_images * (Decimal(base) + Decimal(per_megapixel) * width * height / 1_000_000)
        credits = max(floor, int(exact.quantize(Decimal(1), ROUND_HALF_UP)))
        assert pricing.images(the_rules(), work) == credits, (width, height, num_images)


@settings(max_examples=60, deadline=None)
@given(width=sides_px, height=sides_px, num_images=st.integers(1, 8))
def test_fast_images_have_one_price_up_to_a_size_and_another_above(
    width: int, height: int, num_images: int
) -> None:
    work = ImageWork(family="sdxl", width=width, height=height, num_images=num_images, steps=15)
    assert pricing.images(the_rules(), work) == num_images * (4 if width * height > 950_000 else 3)


@pytest.mark.parametrize("model_id", [LIGHTNING, SDXL, SD15, SD21, LUCID, PHOENIX, FLUX, ANIME_XL])
def test_more_never_costs_less_on_a_line(model_id: str) -> None:
    """Between points it may: those are as published."""
    world, account = a_place()
    prices = [
        order_generation(
            world, account, an_order(modelId=model_id, width=side_px, height=side_px, num_images=2)
        ).cost
        for side_px in range(32, 1025, 8)
    ]
    assert prices == sorted(prices)


@pytest.mark.parametrize(
    ("fields", "more"),
    [
        ({"elements": [ElementUse(akUUID=NOBODYS)] * 3}, 3),
        ({"controlnets": 2}, 2),
        ({"elements": [ElementUse(akUUID=NOBODYS)], "controlnets": 1}, 2),
    ],
)
def test_elements_and_controlnets_are_added(fields: dict[str, Any], more: int) -> None:
    world, account = a_place()
    if controls := fields.pop("controlnets", 0):
        upload = an_upload(world, account)
        control = Controlnet(initImageId=upload.id, initImageType="UPLOADED", preprocessorId=67)
        fields["controlnets"] = [control] * controls
    plain = order_generation(world, account, an_order())
    assert order_generation(world, account, an_order(**fields)).cost == plain.cost + more


def test_ultra_costs_twice_the_price() -> None:
    world, account = a_place()
    without, ultra = (
        order_generation(world, account, an_order(modelId=LUCID, alchemy=False, ultra=ultra))
        for ultra in (False, True)
    )
    assert ultra.cost == 2 * without.cost


# --- everything else --------------------------------------------------------------------------

UNIVERSAL = dict.fromkeys(range(1, 6), 60) | {
    megapixels: 60 + 20 * (megapixels - 5) for megapixels in range(6, 21)
}


@pytest.mark.parametrize(("megapixels", "credits"), UNIVERSAL.items())
def test_the_universal_upscaler_costs_by_whole_megapixels(megapixels: int, credits: int) -> None:
    rules = the_rules()
    assert pricing.universal_upscale(rules, width=megapixels * 1_000, height=1_000) == credits
    assert pricing.universal_upscale(rules, width=(megapixels - 1) * 1_000_000 + 1, height=1) == credits
    assert SERVICES["UNIVERSAL_UPSCALER"](rules, {"megapixel": megapixels}) == credits


def test_the_published_ends_of_the_universal_table() -> None:
    assert [UNIVERSAL[megapixels] for megapixels in (1, 5, 6, 7, 20)] == [60, 60, 80, 100, 360]


SERVICE = {
    "prompt": 4,
    "upscale": 15,
    "unzoom": 15,
    "nobg": 5,
    "motion_svd": 45,
    "texture": 150,
    "texture_preview": 30,
    "realtime": 1,
    "realtime_large": 4,
    "realtime_upscale": 8,
}


@pytest.mark.parametrize(("name", "credits"), SERVICE.items())
def test_a_service_costs_what_is_published(name: str, credits: int) -> None:
    assert pricing.service(the_rules(), name) == credits


@pytest.mark.parametrize(
    ("width", "height", "credits"),
    [(512, 512, 1), (512, 640, 1), (640, 640, 1), (512, 1024, 1), (640, 1024, 4), (1024, 1024, 4)],
)
def test_realtime_pictures_cost_by_their_area(width: int, height: int, credits: int) -> None:
    world, account = a_place()
    assert order_picture(world, account, a_sketch(width=width, height=height)).cost == credits
    assert SERVICES["LCM_GENERATION"](the_rules(), {"width": width, "height": height}) == credits


@pytest.mark.parametrize(
    ("model", "resolution", "credits"),
    [
        ("MOTION2", "RESOLUTION_480", 200),
        ("MOTION2FAST", "RESOLUTION_480", 70),
        ("VEO3", "RESOLUTION_720", 4000),
    ],
)
def test_videos_cost_what_was_seen(model: str, resolution: str, credits: int) -> None:
    assert pricing.video(the_rules(), model=model, resolution=resolution) == credits


# --- all who tell a price agree ---------------------------------------------------------------

CALCULATED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"modelId": LIGHTNING}, {"isSDXLLightning": True, "alchemyMode": True}),
    ({"modelId": SDXL}, {"isSDXL": True, "alchemyMode": True}),
    ({"modelId": SDXL, "alchemy": False}, {"isSDXL": True}),
    ({"modelId": SD15}, {"alchemyMode": True}),
    ({"modelId": SD15, "alchemy": False}, {}),
    ({"modelId": PHOENIX}, {"isPhoenix": True, "alchemyMode": True}),
    ({"modelId": FLUX}, {"isFluxDev": True, "alchemyMode": True}),
    ({"modelId": SD15, "promptMagic": True}, {"alchemyMode": True, "promptMagic": True}),
    (
        {"modelId": KINO_XL, "photoReal": True, "photoRealVersion": "v2"},
        {"isSDXL": True, "alchemyMode": True, "photoRealMode": True, "photoRealVersion": "v2"},
    ),
    ({"photoReal": True}, {"isSDXLLightning": True, "alchemyMode": True, "photoRealMode": True}),
    (
        {"modelId": LUCID, "alchemy": False, "ultra": True},
        {"isPhoenix": True, "isUltra": True},
    ),
]


@pytest.mark.parametrize(("fields", "flags"), CALCULATED)
@settings(max_examples=15, deadline=None)
@given(
    width=st.integers(4, 128).map(lambda eighth: eighth * 8),
    height=st.integers(4, 128).map(lambda eighth: eighth * 8),
    num_images=st.integers(1, 4),
    steps=st.integers(10, 60),
)
def test_the_calculator_and_the_job_agree_about_images(
    fields: dict[str, Any], flags: dict[str, Any], width: int, height: int, num_images: int, steps: int
) -> None:
    world, account = a_place()
    size = {"width": width, "height": height, "num_images": num_images, "num_inference_steps": steps}
    params = {"imageWidth": width, "imageHeight": height, "numImages": num_images, "inferenceSteps": steps}
    job = order_generation(world, account, an_order(**size, **fields))
    assert SERVICES["IMAGE_GENERATION"](world.rules, {**params, **flags}) == job.cost
    assert account.ledger.opening - account.ledger.balance == job.cost


@settings(max_examples=60, deadline=None)
@given(width=sides_px, height=sides_px, factor=st.floats(1, 2))
def test_the_calculator_and_the_job_agree_about_enlarging(width: int, height: int, factor: float) -> None:
    world, account = a_place()
    image_id = an_image(world, account, modelId=LUCID, width=width, height=height, num_images=1)
    order = UniversalOrder(generatedImageId=image_id, upscaleMultiplier=factor)
    params = {"inputWidth": width, "inputHeight": height, "upscaleMultiplier": factor}
    job = order_universal_upscale(world, account, order)
    assert SERVICES["UNIVERSAL_UPSCALER_ULTRA"](world.rules, params) == job.cost


def test_a_begun_megapixel_needs_a_whole_pixel() -> None:
    """3,000,000 pixels and nothing that a fraction could add."""
    assert pricing.universal_upscale(the_rules(), width=6000.0000001, height=1000.0000001) == 80


def test_the_calculator_and_the_job_agree_about_everything_else() -> None:
    world, account = a_place()
    image_id = an_image(world, account)
    clip = order_video(world, account, VideoOrder(prompt="a cat"))
    let_all_end(world)
    veo = VideoOrder(prompt="a cat", model="VEO3")
    told: list[tuple[int, str, dict[str, Any]]] = [
        (
            order_motion(world, account, MotionOrder(imageId=image_id)).cost,
            "MOTION_SVD_GENERATION",
            {},
        ),
        (clip.cost, "MOTION_VIDEO_GENERATION", {"resolution": "RESOLUTION_480"}),
        (
            order_video(world, account, veo).cost,
            "VEO3_MOTION_VIDEO_GENERATION",
            {"resolution": "RESOLUTION_720"},
        ),
        (a_model_in_training(world, account).cost, "MODEL_TRAINING", {"resolution": 512}),
        (a_model_in_training(world, account, resolution=768).cost, "MODEL_TRAINING", {"resolution": 768}),
        (an_element_in_training(world, account).cost, "MODEL_TRAINING", {"resolution": 1024}),
        (order_refined(world, account, a_sketch())[0].cost, "LCM_GENERATION", {"refine": True}),
    ]
    for cost, name, params in told:
        assert SERVICES[name](world.rules, params) == cost, name


def test_every_price_is_what_was_booked() -> None:
    world, account = a_place()
    image_id = an_image(world, account)
    clip = order_video(world, account, VideoOrder(prompt="a cat"))
    let_all_end(world)
    before = account.ledger.balance
    jobs = [
        order_upscale(world, account, image_id),
        order_unzoom(world, account, image_id, is_variation=False),
        order_nobg(world, account, image_id, is_variation=False),
        upscale_video(world, account, source_generation_id=clip.id, resolution="RESOLUTION_720"),
        a_recipe(world, account),
        order_generation(world, account, an_order(modelId=PHOENIX)),
    ]
    assert [entry.credits for entry in account.ledger.entries[-len(jobs) :]] == [job.cost for job in jobs]
    assert account.ledger.balance == before - sum(job.cost for job in jobs)
