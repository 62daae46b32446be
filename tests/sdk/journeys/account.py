"""Who one is, what things cost, and being told no."""

from typing import Any
from uuid import UUID

import pytest
from leonardo_ai_sdk.models.errors import SDKError

from ..leo import Leo
from .steps import NOBODY, make_one

SDXL: dict[str, Any] = {
    "num_images": 4,
    "inference_steps": 15,
    "alchemy_mode": True,
    "high_resolution": False,
    "is_sdxl": True,
}
LIGHTNING: dict[str, Any] = {**SDXL, "is_sdxl": False, "is_sdxl_lightning": True}

PUBLISHED_PRICES: list[tuple[str, dict[str, Any], int]] = [
    ("IMAGE_GENERATION", {**LIGHTNING, "image_width": 512, "image_height": 512}, 15),
    ("IMAGE_GENERATION", {**LIGHTNING, "image_width": 1024, "image_height": 1024}, 40),
    ("IMAGE_GENERATION", {**SDXL, "image_width": 512, "image_height": 512}, 24),
    ("IMAGE_GENERATION", {**SDXL, "image_width": 1024, "image_height": 1024}, 66),
    ("MOTION_SVD_GENERATION", {}, 45),
    ("LCM_GENERATION", {"width": 512, "height": 512}, 1),
    ("LCM_GENERATION", {"width": 1024, "height": 1024}, 4),
    ("MODEL_TRAINING", {"resolution": 512}, 750),
    ("MODEL_TRAINING", {"resolution": 768}, 1_500),
    ("TEXTURE_GENERATION", {"preview": False}, 150),
    ("TEXTURE_GENERATION", {"preview": True}, 30),
    ("UNIVERSAL_UPSCALER", {"megapixel": 5}, 60),
    ("UNIVERSAL_UPSCALER", {"megapixel": 6}, 80),
    ("UNIVERSAL_UPSCALER", {"megapixel": 20}, 360),
]

UNPUBLISHED_PRICES: list[tuple[str, dict[str, Any]]] = [
    ("FANTASY_AVATAR_GENERATION", {"image_width": 512, "image_height": 512, "num_images": 1}),
    ("MOTION_VIDEO_GENERATION", {"resolution": "RESOLUTION_480"}),
    ("VEO3_MOTION_VIDEO_GENERATION", {"resolution": "RESOLUTION_720"}),
    (
        "UNIVERSAL_UPSCALER_ULTRA",
        {"input_width": 512, "input_height": 512, "upscale_multiplier": 2.0},
    ),
]


async def an_account(leo: Leo) -> None:
    body = await leo.call(leo.sdk.user.get_user_self)

    (details,) = body.user_details
    assert str(UUID(details.user.id)) == details.user.id
    assert details.user.username
    assert details.api_concurrency_slots > 0
    for counter in (
        details.api_paid_tokens,
        details.api_subscription_tokens,
        details.paid_tokens,
        details.subscription_tokens,
        details.subscription_gpt_tokens,
        details.subscription_model_tokens,
    ):
        assert type(counter) is int


async def prompts(leo: Leo) -> None:
    body = await leo.call(leo.sdk.prompt.prompt_random)
    assert "prompt" in leo.raw["promptGeneration"]  # the SDK has a default for it
    idea = body.prompt_generation
    assert idea.prompt.strip()
    assert await leo.pays(idea) == 4

    body = await leo.call(
        leo.sdk.prompt.prompt_improve,
        request={"prompt": "a fox", "prompt_instructions": "at night", "is_video": False},
    )
    better = body.prompt_generation
    assert better.prompt not in {"", "a fox"}
    assert await leo.pays(better) == 4


async def prices(leo: Leo) -> None:
    for service, params, price in PUBLISHED_PRICES:
        assert (service, params, await leo.price(service, params)) == (service, params, price)
    for service, params in UNPUBLISHED_PRICES:
        assert await leo.price(service, params) > 0

    opening = leo.balance
    await leo.sign_in()
    assert leo.balance == opening, "asking for a price costs nothing"


async def refusals(leo: Leo) -> None:
    sdk = leo.sdk
    with pytest.raises(SDKError) as told:
        await leo.call(sdk.image.create_generation, request={"prompt": "x" * 1_501})
    assert told.value.status_code == 400
    assert told.value.raw_response.json() == {
        "error": "Invalid prompt, maximum length of 1500 characters exceeded.",
        "path": "$",
        "code": "unexpected",
    }

    with pytest.raises(SDKError, match="couldn't access image"):
        await leo.call(sdk.variation.create_variation_upscale, request={"id": NOBODY})

    # No body at all: the SDKs let one leave it out, the service does not.
    with pytest.raises(SDKError, match="expecting a value for non-nullable variable"):
        await leo.call(sdk.variation.create_variation_upscale)
    with pytest.raises(SDKError, match="expecting a value for non-nullable variable"):
        await leo.call(sdk.motion.create_svd_motion_generation)

    # An image that there is, and a wrong word about it.
    image = await make_one(leo, "a fox")
    with pytest.raises(SDKError, match="failed to find init variation"):
        await leo.call(sdk.variation.create_variation_no_bg, request={"id": image.id, "is_variation": True})

    # What is well put but not there is no error.
    assert (await leo.call(sdk.image.get_generation_by_id, id=NOBODY)).generations_by_pk is None
    nothing = await leo.call(sdk.variation.get_variation_by_id, id=NOBODY)
    assert nothing.generated_image_variation_generic == []
