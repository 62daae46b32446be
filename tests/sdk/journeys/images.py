"""Images, what is made of them, and what they are made from."""

from datetime import datetime
from typing import Any

import pytest
from leonardo_ai_sdk.models.shared import (
    CanvasRequestType,
    InitImageType,
    JobStatus,
    SdGenerationSchedulers,
    SdGenerationStyle,
    SdVersions,
    StrengthType,
    VariationType,
)

from ..leo import Leo, until_complete
from .steps import KINO_XL, LIGHTNING_XL, VISION_XL, asset, generation, make, make_one, variation


async def images(leo: Leo) -> None:
    first = await _with_a_prompt_only(leo)
    second = await _with_everything_said(leo)

    async def page(limit: int, offset: int) -> list[str]:
        body = await leo.call(
            leo.sdk.image.get_generations_by_user_id, user_id=leo.user_id, limit=limit, offset=offset
        )
        return [entry.id for entry in body.generations]

    assert await page(10, 0) == [second.id, first.id]
    assert await page(1, 0) == [second.id]
    assert await page(1, 1) == [first.id]
    assert await page(10, 2) == []

    for gone, left in ((first, [second.id]), (second, [])):
        body = await leo.call(leo.sdk.image.delete_generation_by_id, id=gone.id)
        assert body.delete_generations_by_pk.id == gone.id
        assert await generation(leo, gone.id) is None
        assert await page(10, 0) == left
    body = await leo.call(leo.sdk.image.delete_generation_by_id, id=first.id)
    assert body.delete_generations_by_pk is None


async def _with_a_prompt_only(leo: Leo) -> Any:
    """The SDK fills in the rest: four images by Lightning XL, with Alchemy."""
    price = await leo.price(
        "IMAGE_GENERATION",
        {
            "image_width": 1024,
            "image_height": 768,
            "num_images": 4,
            "inference_steps": 15,
            "alchemy_mode": True,
            "high_resolution": False,
            "is_sdxl_lightning": True,
        },
    )
    body = await leo.call(leo.sdk.image.create_generation, request={"prompt": "a lighthouse"})
    job = body.sd_generation_job
    assert await leo.pays(job) == price
    made = await until_complete(lambda: generation(leo, job.generation_id))

    assert (made.prompt, made.model_id) == ("a lighthouse", LIGHTNING_XL)
    assert (made.image_width, made.image_height) == (1024, 768)
    assert made.status is JobStatus.COMPLETE
    assert "presetStyle" in leo.raw["generations_by_pk"]  # the SDK has a default for it
    assert made.preset_style is SdGenerationStyle.DYNAMIC
    assert isinstance(made.sd_version, SdVersions)
    assert isinstance(made.scheduler, SdGenerationSchedulers)
    assert type(made.seed) is int
    assert datetime.fromisoformat(made.created_at).tzinfo is None
    assert made.generation_elements == []
    assert len({image.id for image in made.generated_images}) == 4
    for image in made.generated_images:
        assert (image.nsfw, image.like_count, image.motion_mp4_url) == (False, 0, None)
        assert image.generated_image_variation_generics == []
        assert asset(leo, image.url).startswith(b"\xff\xd8\xff")
    return made


async def _with_everything_said(leo: Leo) -> Any:
    """With values of one's own, and with nulls."""
    made = await make(
        leo,
        {
            "prompt": "a lighthouse, again",
            "negative_prompt": "fog",
            "model_id": KINO_XL,
            "width": 512,
            "height": 640,
            "num_images": 2,
            "num_inference_steps": 12,
            "guidance_scale": 5,
            "seed": 4_242,
            "preset_style": SdGenerationStyle.CINEMATIC,
            "public": True,
            "scheduler": SdGenerationSchedulers.LEONARDO,
            "photo_real": None,
            "ultra": None,
            "init_image_id": None,
            "controlnets": None,
            "elements": None,
        },
    )
    assert (made.image_width, made.image_height, made.seed) == (512, 640, 4_242)
    assert (made.negative_prompt, made.model_id, made.public) == ("fog", KINO_XL, True)
    assert (made.inference_steps, made.guidance_scale) == (12, 5)
    assert made.preset_style is SdGenerationStyle.CINEMATIC
    assert made.scheduler is SdGenerationSchedulers.LEONARDO
    assert len(made.generated_images) == 2
    return made


async def variations(leo: Leo) -> None:
    made = await make(leo, {"prompt": "a fox", "width": 512, "height": 512, "num_images": 1})
    (image,) = made.generated_images
    await leo.sign_in()
    sdk = leo.sdk.variation

    body = await leo.call(sdk.create_variation_upscale, request={"id": image.id})
    upscale = body.sd_upscale_job
    assert await leo.pays(upscale) == 15
    body = await leo.call(sdk.create_variation_unzoom, request={"id": image.id, "is_variation": False})
    unzoom = body.sd_unzoom_job
    assert await leo.pays(unzoom) == 15
    body = await leo.call(sdk.create_variation_no_bg, request={"id": image.id, "is_variation": False})
    cutout = body.sd_nobg_job
    assert await leo.pays(cutout) == 5
    body = await leo.call(
        sdk.create_universal_upscaler_job,
        request={"generated_image_id": image.id, "upscale_multiplier": 2.0, "prompt": "a fox"},
    )
    universal = body.universal_upscaler
    assert await leo.pays(universal) == 60

    kinds = {
        upscale.id: VariationType.UPSCALE,
        unzoom.id: VariationType.UNZOOM,
        cutout.id: VariationType.NOBG,
        universal.id: VariationType.UPSCALE,
    }
    assert len(kinds) == 4
    urls = {}
    for variation_id, kind in kinds.items():
        found = await _finished(leo, variation_id)
        assert found.transform_type is kind
        assert asset(leo, found.url)
        urls[variation_id] = found.url

    # The image knows what was made of it.
    (image,) = (await generation(leo, made.id)).generated_images
    listed = {entry.id: entry for entry in image.generated_image_variation_generics}
    assert listed.keys() == kinds.keys()
    for entry in listed.values():
        assert entry.status is JobStatus.COMPLETE
        assert (entry.transform_type, entry.url) == (kinds[entry.id], urls[entry.id])

    # And something can be made of what was made.
    body = await leo.call(sdk.create_variation_unzoom, request={"id": cutout.id, "is_variation": True})
    assert (await _finished(leo, body.sd_unzoom_job.id)).transform_type is VariationType.UNZOOM
    body = await leo.call(sdk.create_universal_upscaler_job, request={"variation_id": upscale.id})
    assert (await _finished(leo, body.universal_upscaler.id)).transform_type is VariationType.UPSCALE


async def _finished(leo: Leo, variation_id: str) -> Any:
    return await until_complete(lambda: variation(leo, variation_id))


async def uploads(leo: Leo) -> None:
    picture = asset(leo, (await make_one(leo, "a fox")).url)
    sdk = leo.sdk.init_images

    form = (await leo.call(sdk.upload_init_image, request={"extension": "jpg"})).upload_init_image
    assert form.id in form.key
    leo.upload(form.url, form.fields, picture, filename="fox.jpg")
    init_image = (await leo.call(sdk.get_init_image_by_id, id=form.id)).init_images_by_pk
    assert init_image.id == form.id
    assert asset(leo, init_image.url) == picture

    redrawn = await make(
        leo, {"prompt": "in oil", "num_images": 1, "init_image_id": form.id, "init_strength": 0.4}
    )
    assert redrawn.init_strength == pytest.approx(0.4)
    (drawn,) = redrawn.generated_images
    again = await make(leo, {"prompt": "in ink", "num_images": 1, "init_generation_image_id": drawn.id})
    assert again.id != redrawn.id
    in_its_style = await make(
        leo,
        {
            "prompt": "a hen",
            "num_images": 1,
            "model_id": KINO_XL,
            "controlnets": [
                {
                    "init_image_id": form.id,
                    "init_image_type": InitImageType.UPLOADED,
                    "preprocessor_id": 67,
                    "strength_type": StrengthType.MID,
                }
            ],
        },
    )
    assert len(in_its_style.generated_images) == 1

    await _on_a_canvas(leo, picture)

    body = await leo.call(sdk.delete_init_image_by_id, id=form.id)
    assert body.delete_init_images_by_pk.id == form.id
    assert (await leo.call(sdk.get_init_image_by_id, id=form.id)).init_images_by_pk is None
    body = await leo.call(sdk.delete_init_image_by_id, id=form.id)
    assert body.delete_init_images_by_pk is None


async def _on_a_canvas(leo: Leo, picture: bytes) -> None:
    body = await leo.call(
        leo.sdk.init_images.upload_canvas_init_image,
        request={"init_extension": "jpg", "mask_extension": "jpg"},
    )
    canvas = body.upload_canvas_init_image
    assert canvas.init_image_id != canvas.mask_image_id
    leo.upload(canvas.init_url, canvas.init_fields, picture, filename="init.jpg")
    leo.upload(canvas.mask_url, canvas.mask_fields, picture, filename="mask.jpg")
    painted = await make(
        leo,
        {
            "prompt": "a hat",
            "num_images": 1,
            "width": 512,
            "height": 512,
            "model_id": VISION_XL,
            "alchemy": False,
            "preset_style": SdGenerationStyle.LEONARDO,
            "canvas_request": True,
            "canvas_request_type": CanvasRequestType.INPAINT,
            "canvas_init_id": canvas.init_image_id,
            "canvas_mask_id": canvas.mask_image_id,
        },
    )
    assert len(painted.generated_images) == 1
