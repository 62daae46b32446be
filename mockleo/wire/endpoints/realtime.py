"""The realtime canvas: the picture is in the answer."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from mockleo.core.orders import RealtimeOrder
from mockleo.core.realtime import order_picture, order_refined
from mockleo.wire.shapes import booked, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockleo.core.realtime import RealtimePicture
    from mockleo.wire.call import Call, Reply


def paint(call: Call) -> Reply:
    picture = order_picture(call.world, call.account, call.order(RealtimeOrder))
    return call.reply(booked(call, picture.cost, **_drawn(call, picture, picture.width, picture.height)))


def upscale(call: Call) -> Reply:
    picture, variation = order_refined(call.world, call.account, call.order(RealtimeOrder))
    assert variation.generation is not None, "what is refined here is an image of its own"
    return call.reply(
        booked(
            call,
            picture.cost,
            **_drawn(call, picture, variation.width, variation.height),
            generationId=[variation.generation.id],
            variationId=[variation.id],
            generatedImageId=variation.image_id,
        )
    )


def _drawn(call: Call, picture: RealtimePicture, width: int, height: int) -> dict[str, Any]:
    from mockleo.media.picture import Picture, jpeg  # as heavy as it is rarely needed

    drawing = jpeg(Picture(seed=picture.seed, prompt=picture.prompt, width=width, height=height))
    return {
        "imageDataUrl": [f"data:image/jpeg;base64,{b64encode(drawing).decode()}"],
        "requestTimestamp": call.args.get("requestTimestamp", moment(call.world.now_ms)),
    }


HANDLERS: Mapping[str, Callable[[Call], Reply]] = {
    "createLCMGeneration": paint,
    "performInstantRefine": paint,
    "performInpaintingLCM": paint,
    "performAlchemyUpscaleLCM": upscale,
}
