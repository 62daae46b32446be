"""Images: order, look, list, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockleo.core.account import page
from mockleo.core.generations import Generation, delete_generation, find_generation, order_generation
from mockleo.core.lifecycle import State
from mockleo.core.orders import ElementUse, GenerationOrder, MotionOrder, VideoOrder
from mockleo.wire.shapes import booked, moment, paging, weight

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockleo.wire.call import Call, Reply

# The service's own default; nobody chooses it. Source: recordings.
_SCHEDULER = "EULER_DISCRETE"


def create(call: Call) -> Reply:
    generation = order_generation(call.world, call.account, call.order(GenerationOrder))
    return call.reply(booked(call, generation.cost, generationId=generation.id))


def show(call: Call) -> Reply:
    generation = find_generation(call.account, call.args["id"])
    if generation is None or generation.hidden:
        return call.reply(None)
    return call.remembered(generation, lambda: render(call, generation))


def delete(call: Call) -> Reply:
    generation = delete_generation(call.account, call.args["id"])
    if generation is not None:
        call.world.abandon(generation)
    return call.reply({"id": generation.id} if generation is not None else None)


def list_of_user(call: Call) -> Reply:
    limit, offset, newest_first = paging(call)
    if call.args["userId"] != call.account.user_id:
        return call.reply([])
    found = page(call.account.generations, limit=limit, offset=offset, newest_first=newest_first)
    return call.reply([_listed(render(call, generation)) for generation in found if not generation.hidden])


def render(call: Call, generation: Generation) -> dict[str, Any]:
    """A generation as GET shows it. Source: recordings, src 25936040990, OAS."""
    return {
        "generated_images": [
            _image(call, generation, index, image_id) for index, image_id in enumerate(generation.image_ids)
        ],
        **_asked(call, generation),
        "prompt": generation.prompt,
        "imageHeight": generation.height,
        "imageWidth": generation.width,
        "seed": generation.seed,
        "status": generation.status,
        "id": generation.id,
        "createdAt": moment(generation.created_ms),
        "prompt_moderations": [{"moderationClassification": []}],
        "generation_elements": _elements(call, generation),
    }


def _listed(rendered: dict[str, Any]) -> dict[str, Any]:
    """The entry of a list: like the single shape, without one key. Source: OAS."""
    for image in rendered["generated_images"]:
        del image["fantasyAvatar"]
    return rendered


def _image(call: Call, generation: Generation, index: int, image_id: str) -> dict[str, Any]:
    user_id = call.account.user_id
    made_of_it = call.account.variations_of.get(image_id, ())
    moving = generation.clip_ms > 0
    return {
        "url": call.links.image(user_id, generation, index),
        "nsfw": generation.fate is not None and generation.fate.nsfw,
        "id": image_id,
        "likeCount": 0,
        "motionMP4URL": call.links.image(user_id, generation, index, extension="mp4") if moving else None,
        **_motion(generation),
        "fantasyAvatar": generation.order.fantasyAvatar
        if isinstance(generation.order, GenerationOrder)
        else None,
        "generated_image_variation_generics": [
            {
                "url": call.links.variation(user_id, variation)
                if variation.state is State.COMPLETE
                else None,
                "id": variation.id,
                "status": variation.status,
                "transformType": variation.transform_type,
            }
            for variation in made_of_it
            if not variation.hidden
        ],
    }


def _asked(call: Call, generation: Generation) -> dict[str, Any]:
    """The parameters as they are told back: what was asked, or what the service took instead."""
    order = generation.order
    if isinstance(order, GenerationOrder):
        return _asked_for_images(call, generation, order)
    negative = order.negativePrompt if isinstance(order, VideoOrder) else None
    version = generation.sd_version_told or ("WAN21" if call.true_to_the_wire else None)
    return {
        **_motion(generation),
        "modelId": None,
        "negativePrompt": negative or "",
        "inferenceSteps": None,
        "ultra": None,
        "public": bool(order.isPublic),
        "scheduler": _SCHEDULER,
        **({"sdVersion": version} if version else {}),
        "presetStyle": None,
        "initStrength": None,
        "guidanceScale": None,
        "promptMagic": False,
        "promptMagicVersion": None,
        "promptMagicStrength": None,
        "photoReal": False,
        "photoRealStrength": None,
        "fantasyAvatar": None,
    }


def _asked_for_images(call: Call, generation: Generation, order: GenerationOrder) -> dict[str, Any]:
    rules = call.world.rules
    model = generation.model
    assert model is not None, "images are made by a model"
    guidance = order.guidance_scale
    if guidance is None and not order.with_alchemy:
        guidance = rules.default("generation.guidance_scale")
    steps = order.num_inference_steps
    version = model.sd_version_true if call.true_to_the_wire else None
    version = generation.sd_version_told or version or model.sd_version
    return {
        **_motion(generation),
        "modelId": model.id,
        "negativePrompt": order.negative_prompt or "",
        "inferenceSteps": rules.default("generation.num_inference_steps") if steps is None else steps,
        "ultra": order.ultra,
        "public": bool(order.public),
        "scheduler": order.scheduler or _SCHEDULER,
        **({"sdVersion": version} if version else {}),
        "presetStyle": order.presetStyle,
        "initStrength": order.init_strength,
        "guidanceScale": guidance,
        "promptMagic": bool(order.promptMagic),
        "promptMagicVersion": order.promptMagicVersion,
        "promptMagicStrength": order.promptMagicStrength,
        "photoReal": bool(order.photoReal),
        "photoRealStrength": _photo_real_strength(call, order),
        "fantasyAvatar": order.fantasyAvatar,
    }


def _photo_real_strength(call: Call, order: GenerationOrder) -> float | None:
    if not order.photoReal or order.photoRealStrength is not None:
        return order.photoRealStrength
    strength: float = call.world.rules.default("generation.photoRealStrength")
    return strength


def _motion(generation: Generation) -> dict[str, Any]:
    order = generation.order
    if isinstance(order, VideoOrder):
        return {
            "motion": True,
            "motionModel": order.model or "MOTION2",
            "motionStrength": None,
            "imageToVideo": order.imageId is not None,
        }
    if isinstance(order, MotionOrder):
        strength = order.motionStrength
        return {"motion": True, "motionModel": "SVD", "motionStrength": strength, "imageToVideo": False}
    return {"motion": None, "motionModel": None, "motionStrength": None, "imageToVideo": None}


def _elements(call: Call, generation: Generation) -> list[dict[str, Any]]:
    order = generation.order
    if isinstance(order, MotionOrder):
        return []
    used = list(order.elements or ())
    return [
        {
            "id": generation.seed % 1_000_000 + nth,
            "lora": _lora(call, use),
            "weightApplied": 1 if use.weight is None else use.weight,
        }
        for nth, use in enumerate(used)
    ]


def _lora(call: Call, use: ElementUse) -> dict[str, Any] | None:
    """The platform element behind a use; null for one that the catalogue does not list."""
    element = call.world.catalogue.elements.get(use.akUUID)
    if element is None:
        return None
    return {
        "akUUID": element.akUUID,
        "baseModel": element.base_model,
        "description": element.description,
        "name": element.name,
        "urlImage": call.links.element_thumbnail(element.akUUID),
        "weightDefault": weight(call, element.weight_default),
        "weightMax": weight(call, element.weight_max),
        "weightMin": weight(call, element.weight_min),
    }


HANDLERS: Mapping[str, Callable[[Call], Reply]] = {
    "createGeneration": create,
    "getGenerationById": show,
    "deleteGenerationById": delete,
    "getGenerationsByUserId": list_of_user,
}
