"""Videos: from a text, from an image, by the older model; and their upscaling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.core.lifecycle import State
from mockleo.core.orders import MotionOrder, VideoOrder
from mockleo.core.videos import order_motion, order_video, upscale_video
from mockleo.wire.shapes import booked, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockleo.wire.call import Call, Reply


def create(call: Call) -> Reply:
    generation = order_video(call.world, call.account, call.order(VideoOrder))
    return call.reply(booked(call, generation.cost, generationId=generation.id))


def create_from_image_by_svd(call: Call) -> Reply:
    generation = order_motion(call.world, call.account, call.order(MotionOrder))
    return call.reply(booked(call, generation.cost, generationId=generation.id))


def upscale(call: Call) -> Reply:
    variation = upscale_video(
        call.world,
        call.account,
        source_generation_id=call.args["sourceGenerationId"],
        resolution=call.args["resolution"],
    )
    named = {"generationId": variation.generation.id, "variationId": variation.id}
    return call.reply(booked(call, variation.cost, **named))


def show_variation(call: Call) -> Reply:
    variation = call.account.motion_variations.get(call.args["id"])
    if variation is None or variation.hidden:
        return call.reply([])
    complete = variation.state is State.COMPLETE
    return call.reply(
        [
            {
                "createdAt": moment(variation.created_ms),
                "id": variation.id,
                "status": variation.status,
                "motionTransformType": "UPSCALE",
                "resolution": variation.resolution,
                "url": call.links.motion_variation(call.account.user_id, variation) if complete else None,
            }
        ]
    )


HANDLERS: Mapping[str, Callable[[Call], Reply]] = {
    "createTextToVideoGeneration": create,
    "createImageToVideoGeneration": create,
    "createSVDMotionGeneration": create_from_image_by_svd,
    "createVideoUpscale": upscale,
    "getMotionVariationById": show_variation,
}
