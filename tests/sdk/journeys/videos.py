"""Videos: from an image, from words, and larger."""

from typing import Any

from leonardo_ai_sdk.models import operations
from leonardo_ai_sdk.models.shared import MotionResolution, MotionVariationType

from ..leo import Leo, until_complete
from .steps import asset, generation, make_one


async def videos(leo: Leo) -> None:
    image = await make_one(leo, "a fox")
    await leo.sign_in()
    sdk = leo.sdk.motion
    price = await leo.price("MOTION_VIDEO_GENERATION", {"resolution": "RESOLUTION_480"})

    body = await leo.call(
        sdk.create_svd_motion_generation, request={"image_id": image.id, "motion_strength": 5}
    )
    svd = body.motion_svd_generation_job
    assert await leo.pays(svd) == 45
    body = await leo.call(
        sdk.create_image_to_video_generation,
        request={
            "prompt": "it runs",
            "image_id": image.id,
            "image_type": operations.ImageType.GENERATED,
            "resolution": operations.CreateImageToVideoGenerationMotionString.RESOLUTION_480,
        },
    )
    from_image = body.motion_video_generation_job
    assert await leo.pays(from_image) == price
    body = await leo.call(
        sdk.create_text_to_video_generation,
        request={
            "prompt": "a fox runs",
            "resolution": operations.CreateTextToVideoGenerationMotionString.RESOLUTION_480,
        },
    )
    from_text = body.motion_video_generation_job
    assert await leo.pays(from_text) == price

    assert (await _a_video(leo, svd.generation_id)).motion_strength == 5
    assert (await _a_video(leo, from_image.generation_id)).image_to_video is True
    assert (await _a_video(leo, from_text.generation_id)).image_to_video is False
    await _larger(leo, from_text.generation_id)


async def _a_video(leo: Leo, generation_id: str) -> Any:
    """The only shot of a finished video generation: a poster and a film."""
    made = await until_complete(lambda: generation(leo, generation_id))
    (shot,) = made.generated_images
    assert shot.motion is True
    assert asset(leo, shot.url).startswith(b"\xff\xd8\xff")
    assert asset(leo, shot.motion_mp4_url)[4:8] == b"ftyp"
    return shot


async def _larger(leo: Leo, source_id: str) -> None:
    body = await leo.call(
        leo.sdk.motion.create_video_upscale,
        request={
            "resolution": operations.CreateVideoUpscaleString.RESOLUTION_720,
            "source_generation_id": source_id,
        },
    )
    job = body.motion_video_generation_job
    assert await leo.pays(job) > 0

    async def look() -> Any:
        body = await leo.call(leo.sdk.variation.get_motion_variation_by_id, id=job.variation_id)
        (found,) = body.generated_image_variation_motion
        return found

    film = await until_complete(look)
    assert film.id == job.variation_id
    assert film.motion_transform_type is MotionVariationType.UPSCALE
    assert film.resolution is MotionResolution.RESOLUTION_720
    assert asset(leo, film.url)[4:8] == b"ftyp"
