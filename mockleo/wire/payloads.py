"""What a job that has ended looks like to a receiver: the tables, part by part.

Keys stand in the order in which they were recorded. What a key of the real payload holds is
unknown for most of those that say null here: they say so in the recordings, or no recording has
them. Sources: HOOK; REC (one payload of 2023, one of 2026); src 57639627918 (2026), 711847667 and
63157709 (videos, post-processing).

The payload of 2023 has `seed` and `apiDollarCost` as text, and tells the key itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockleo.core.lifecycle import State
from mockleo.core.orders import GenerationOrder, MotionOrder, VideoOrder
from mockleo.core.variations import Variation
from mockleo.wire.links import OFFICIAL_USER_ID
from mockleo.wire.shapes import moment

if TYPE_CHECKING:
    from mockleo.core.account import Account
    from mockleo.core.catalogue import Model
    from mockleo.core.generations import Generation
    from mockleo.core.keys import ApiKey
    from mockleo.core.lifecycle import Job
    from mockleo.core.rules import Rules
    from mockleo.core.variations import MotionVariation
    from mockleo.wire.links import Links

# The service's own default; nobody chooses it. Source: recordings.
_SCHEDULER = "EULER_DISCRETE"

# Keys that came after 2023, in each part of the payload.
_NEW_IN_GENERATION = frozenset(
    {
        "motionLora", "motionLoraAlpha", "motionFrameInterpolation", "motionNumInterpolations",
        "motionDurationSeconds", "motionModule", "motionOfficialModelId", "motionGenerationResolution",
        "motion", "motionHasAudio", "fantasyAvatar", "liveCanvas", "isStoryboard", "liveGen",
        "photoRealVersion", "imageToVideo", "textToVideo", "motionModel", "motionStrength",
        "universalUpscaler", "teamId", "styleUUID", "ultra", "source", "transparency",
        "generation_notes", "teams",
    }
)  # fmt: skip
_NEW_IN_MODEL = frozenset({"motion", "teamId"})
_NEW_IN_IMAGE = frozenset({"motionGIFURL", "motionMP4URL", "teamId", "image_height", "image_width"})


def generation(
    account: Account,
    key: ApiKey,
    job: Generation,
    *,
    rules: Rules,
    links: Links,
    legacy: bool,
    true_to_the_wire: bool,
) -> dict[str, Any]:
    """Images or a video; `legacy` as it was told in 2023."""
    order = job.order
    asked = order if isinstance(order, GenerationOrder) else GenerationOrder(prompt=job.prompt)
    version = _version(job, true_to_the_wire=true_to_the_wire)
    told = {
        **_identity(account, job),
        **_basics(job, asked, rules, version=version),
        **_style(job, asked, legacy=legacy),
        **_refinements(job, asked, rules, legacy=legacy),
        **_motion(job),
        **_today(asked),
        "model": None if job.model is None else _model(account, job.model, version, legacy=legacy),
        "images": _images(account, job, links),
        "teams": None,
    }
    return _as_of_2023(told, key, moving=bool(job.clip_ms)) if legacy else told


def _identity(account: Account, job: Generation) -> dict[str, Any]:
    return {
        "id": job.id,
        "createdAt": _when(job.created_ms),
        "updatedAt": _when(job.changed_ms),
        "userId": account.user_id,
        "public": _is_public(job),
        "flagged": False,
        "nsfw": _nsfw(job),
        "status": job.status,
    }


def _basics(job: Generation, asked: GenerationOrder, rules: Rules, *, version: str | None) -> dict[str, Any]:
    """What was ordered of which model; where nothing was said, the defaults that the service fills in."""
    moving = job.clip_ms > 0
    negative = job.order.negativePrompt if isinstance(job.order, VideoOrder) else asked.negative_prompt
    guidance, steps = asked.guidance_scale, asked.num_inference_steps
    if guidance is None and not moving and not asked.with_alchemy:
        guidance = rules.default("generation.guidance_scale")
    if steps is None and not moving:
        steps = rules.default("generation.num_inference_steps")
    return {
        "coreModel": None if job.model is None else job.model.core_model,
        "guidanceScale": guidance,
        "imageHeight": job.height,
        "imageWidth": job.width,
        "inferenceSteps": steps,
        "initGeneratedImageId": asked.init_generation_image_id,
        "initImageId": asked.init_image_id,
        "initStrength": asked.init_strength,
        "initType": None,
        "initUpscaledImageId": None,
        "modelId": None if job.model is None else job.model.id,
        "negativePrompt": negative or "",
        "prompt": job.prompt,
        "quantity": job.quantity,
        "sdVersion": version,
        "tiling": bool(asked.tiling),
    }


def _style(job: Generation, asked: GenerationOrder, *, legacy: bool) -> dict[str, Any]:
    """How it was to look, and what it was drawn over."""
    return {
        "imageAspectRatio": None,
        "tokenCost": 0,
        "negativeStylePrompt": "",
        "seed": str(job.seed) if legacy else job.seed,
        "scheduler": asked.scheduler or _SCHEDULER,
        "presetStyle": asked.presetStyle,
        "promptMagic": bool(asked.promptMagic),
        "canvasInitImageId": asked.canvasInitId,
        "canvasMaskImageId": asked.canvasMaskId,
        "canvasRequest": bool(asked.canvasRequest),
        "api": True,
        "poseImage2Image": False,
        "imagePromptStrength": asked.imagePromptWeight,
        "category": None,
        "poseImage2ImageType": None,
    }


def _refinements(job: Generation, asked: GenerationOrder, rules: Rules, *, legacy: bool) -> dict[str, Any]:
    """What was asked for on top of that."""
    strength = asked.photoRealStrength
    if strength is None and asked.photoReal:
        strength = rules.default("generation.photoRealStrength")
    return {
        "highContrast": bool(asked.highContrast),
        # Credits, whatever its name says. Source: observed.
        "apiDollarCost": str(job.cost) if legacy else job.cost,
        "poseImage2ImageWeight": None,
        "alchemy": asked.with_alchemy and not job.clip_ms,
        "contrastRatio": asked.contrastRatio,
        "highResolution": asked.highResolution,
        "expandedDomain": asked.expandedDomain,
        "promptMagicVersion": asked.promptMagicVersion,
        "unzoom": asked.unzoom,
        "unzoomAmount": asked.unzoomAmount,
        "photoReal": bool(asked.photoReal),
        "promptMagicStrength": asked.promptMagicStrength,
        "photoRealStrength": strength,
        "imageToImage": bool(asked.init_image_id or asked.init_generation_image_id),
        "controlnetsUsed": bool(asked.controlnets),
    }


def _motion(job: Generation) -> dict[str, Any]:
    """What is said of motion, and what stands among it; null for pictures."""
    order = job.order
    video = order if isinstance(order, VideoOrder) else None
    svd = order if isinstance(order, MotionOrder) else None
    asked = order if isinstance(order, GenerationOrder) else None
    model = "SVD" if svd is not None else None
    return {
        "motionLora": None,
        "motionLoraAlpha": None,
        "motionFrameInterpolation": None if video is None else video.frameInterpolation,
        "motionNumInterpolations": None,
        "motionDurationSeconds": job.clip_ms // 1_000 if job.clip_ms else None,
        "motionModule": None,
        "motionOfficialModelId": None,
        "motionGenerationResolution": None if video is None else video.resolution,
        "motion": True if job.clip_ms else None,
        "motionHasAudio": None,
        "fantasyAvatar": None if asked is None else asked.fantasyAvatar,
        "liveCanvas": None,
        "isStoryboard": False,
        "liveGen": None,
        "photoRealVersion": None if asked is None else asked.photoRealVersion,
        "imageToVideo": video is not None and video.imageId is not None if job.clip_ms else None,
        "textToVideo": video is not None and video.imageId is None if job.clip_ms else None,
        "motionModel": model if video is None else video.model or "MOTION2",
        "motionStrength": None if svd is None else svd.motionStrength,
    }


def _today(asked: GenerationOrder) -> dict[str, Any]:
    """What was not told in 2023."""
    return {
        "universalUpscaler": None,
        "teamId": None,
        "styleUUID": asked.styleUUID,
        "ultra": bool(asked.ultra),
        "source": "LEONARDO",
        "transparency": asked.transparency or "disabled",
        "generation_notes": [],
    }


def _images(account: Account, job: Generation, links: Links) -> list[dict[str, Any]]:
    if job.state is not State.COMPLETE:
        return []
    ended = _when(job.changed_ms)
    return [
        {
            "id": image_id,
            "createdAt": ended,
            "updatedAt": ended,
            "userId": account.user_id,
            "url": links.image(account.user_id, job, index),
            "generationId": job.id,
            "nobgId": None,
            "nsfw": _nsfw(job),
            "likeCount": 0,
            "trendingScore": 0,
            "public": _is_public(job),
            "motionGIFURL": None,
            "motionMP4URL": links.image(account.user_id, job, index, extension="mp4")
            if job.clip_ms
            else None,
            "teamId": None,
            "image_height": job.height,
            "image_width": job.width,
        }
        for index, image_id in enumerate(job.image_ids)
    ]


def _model(account: Account, model: Model, version: str | None, *, legacy: bool) -> dict[str, Any]:
    trained = account.models.get(model.id)
    told = {
        "id": model.id,
        "createdAt": None if trained is None else _when(trained.created_ms),
        "updatedAt": None if trained is None else _when(trained.changed_ms),
        "name": model.name,
        "description": model.description,
        "public": not model.own,
        "userId": account.user_id if model.own else OFFICIAL_USER_ID,
        "flagged": False,
        "nsfw": model.nsfw,
        "official": not model.own,
        "status": "COMPLETE",
        "classPrompt": None,
        "coreModel": model.core_model,
        "initDatasetId": None if trained is None else trained.order.datasetId,
        "instancePrompt": None if trained is None else trained.order.instance_prompt,
        "sdVersion": version,
        "trainingEpoch": None,
        "trainingSteps": None,
        "tokenCost": None,
        "batchSize": None,
        "learningRate": None,
        "type": "GENERAL" if trained is None else trained.order.modelType or "GENERAL",
        "modelHeight": None if trained is None else trained.resolution,
        "modelWidth": None if trained is None else trained.resolution,
        "leonardoInstancePrompt": None,
        "trainingStrength": "MEDIUM" if trained is None else trained.order.strength or "MEDIUM",
        "featured": model.featured,
        "featuredImageId": None if model.image is None else model.image.id,
        "featuredPosition": None,
        "api": False,
        "favouriteCount": 0,
        "imageCount": 0,
        "enhancedModeration": False,
        "apiDollarCost": None,
        **({"apiKeyId": None} if legacy else {}),
        "modelLRN": None,
        "motion": False,
        "teamId": None,
    }
    return _without(told, _NEW_IN_MODEL) if legacy else told


def post_processing(
    account: Account, key: ApiKey, job: Variation | MotionVariation, *, links: Links, legacy: bool
) -> dict[str, Any]:
    """Something made of an image, or of a video. Source: src 711847667, 63157709."""
    order = None if job.generation is None else job.generation.order
    public = order.public if isinstance(order, GenerationOrder) else order and order.isPublic
    made_of: dict[str, Any]
    if isinstance(job, Variation):
        made_of = {
            "transparent": job.transform_type == "NOBG",
            "generatedImageId": job.image_id,
            "transformType": job.transform_type,
        }
    else:
        made_of = {
            "generationId": job.generation.id,
            "motionTransformType": "UPSCALE",
            "resolution": job.resolution,
        }
    return {
        "id": job.id,
        "createdAt": _when(job.created_ms),
        "updatedAt": _when(job.changed_ms),
        "status": job.status,
        "url": _url(account, job, links) if job.state is State.COMPLETE else None,
        **made_of,
        "api": True,
        "tokenCost": 0,
        "apiDollarCost": str(job.cost) if legacy else job.cost,
        "nsfw": _nsfw(job),
        "public": bool(public),
        "userId": account.user_id,
        **({"apiKey": _api_key(key)} if legacy else {}),
    }


def _url(account: Account, job: Variation | MotionVariation, links: Links) -> str:
    if isinstance(job, Variation):
        return links.variation(account.user_id, job)
    return links.motion_variation(account.user_id, job)


def _is_public(job: Generation) -> bool:
    return bool(job.order.public if isinstance(job.order, GenerationOrder) else job.order.isPublic)


def _nsfw(job: Job) -> bool:
    return job.fate is not None and job.fate.nsfw


def _version(job: Generation, *, true_to_the_wire: bool) -> str | None:
    """The model's version as GET tells it, null where GET leaves it out."""
    if job.fate is not None and job.fate.sd_version is not None:
        return job.fate.sd_version
    if job.model is None:
        return "WAN21" if true_to_the_wire else None
    return (job.model.sd_version_true if true_to_the_wire else None) or job.model.sd_version


def _when(at_ms: int) -> str:
    """A time as webhooks have it: with its zone. Source: recordings."""
    return f"{moment(at_ms)}Z"


def _as_of_2023(told: dict[str, Any], key: ApiKey, *, moving: bool) -> dict[str, Any]:
    """A generation as it was told in 2023. Videos keep what a receiver wants of them."""
    kept = {"motionMP4URL"} if moving else set()
    old: dict[str, Any] = {}
    for name, value in _without(told, _NEW_IN_GENERATION).items():
        old[name] = value
        if name == "unzoomAmount":
            old["apiKeyId"] = key.id
    old["images"] = [_without(image, _NEW_IN_IMAGE - kept) for image in told["images"]]
    old["apiKey"] = _api_key(key)
    return old


def _api_key(key: ApiKey) -> dict[str, Any]:
    """The key that ordered, as receivers were told it in 2023: with both secrets."""
    assert key.webhook is not None, "only such keys are told anything"
    return {
        "id": key.id,
        "createdAt": _when(key.created_ms),
        "userId": key.account.user_id,
        "key": key.plain or None,
        # When it was used last is not kept; the recorded key had not been used since it was made.
        "lastUsed": _when(key.created_ms),
        "name": key.name,
        "type": "PRODUCTION",
        "webhookCallbackUrl": key.webhook.url,
        "webhookCallbackApiKey": key.webhook.key,
    }


def _without(told: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name not in names}
