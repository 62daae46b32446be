"""The realtime canvas: pictures in, pictures out, all in one answer."""

from base64 import b64decode, b64encode
from typing import Any

from leonardo_ai_sdk.models.shared import LcmGenerationStyle

from ..leo import Leo, until_complete
from .steps import asset, generation, make_one, variation

JPEG_URL = "data:image/jpeg;base64,"


async def realtime(leo: Leo) -> None:
    picture = JPEG_URL + b64encode(asset(leo, (await make_one(leo, "a fox")).url)).decode()
    await leo.sign_in()
    sdk = leo.sdk.realtime_canvas

    body = await leo.call(
        sdk.create_lcm_generation,
        request={
            "image_data_url": picture,
            "prompt": "a fox",
            "request_timestamp": "1",
            "style": LcmGenerationStyle.ANIME,
        },
    )
    sketch = _one_picture(body.lcm_generation_job, "1")
    assert await leo.pays(body.lcm_generation_job) == 1

    body = await leo.call(
        sdk.perform_instant_refine,
        request={"image_data_url": sketch, "prompt": "a fox", "request_timestamp": "2"},
    )
    _one_picture(body.lcm_generation_job, "2")
    assert await leo.pays(body.lcm_generation_job) == 1

    body = await leo.call(
        sdk.perform_inpainting_lcm,
        request={
            "image_data_url": sketch,
            "mask_data_url": picture,
            "prompt": "a hat",
            "request_timestamp": "3",
        },
    )
    _one_picture(body.lcm_generation_job, "3")
    assert await leo.pays(body.lcm_generation_job) == 1

    body = await leo.call(
        sdk.perform_alchemy_upscale_lcm,
        request={
            "image_data_url": sketch,
            "prompt": "a fox",
            "request_timestamp": "4",
            "refine_creative": True,
            "refine_strength": 0.6,
        },
    )
    large = body.lcm_generation_job
    _one_picture(large, "4")
    assert await leo.pays(large) == 8

    # The large one is kept, as an image and as its upscaled variation.
    (generation_id,), (variation_id,) = large.generation_id, large.variation_id
    kept = await until_complete(lambda: generation(leo, generation_id))
    assert [image.id for image in kept.generated_images] == [large.generated_image_id]
    upscaled = await until_complete(lambda: variation(leo, variation_id))
    assert asset(leo, upscaled.url)


def _one_picture(job: Any, timestamp: str) -> str:
    assert job.request_timestamp == timestamp
    (url,) = job.image_data_url
    assert isinstance(url, str)
    assert url.startswith(JPEG_URL)
    assert b64decode(url.removeprefix(JPEG_URL)).startswith(b"\xff\xd8\xff")
    return url
