"""Variations: larger, wider, without background."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.core.lifecycle import State
from mockleo.core.orders import UniversalOrder
from mockleo.core.variations import (
    Variation,
    order_nobg,
    order_universal_upscale,
    order_unzoom,
    order_upscale,
)
from mockleo.wire.shapes import booked, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockleo.wire.call import Call, Reply


def upscale(call: Call) -> Reply:
    return _booked(call, order_upscale(call.world, call.account, call.args["id"]))


def unzoom(call: Call) -> Reply:
    is_variation = call.args.get("isVariation", False)
    return _booked(
        call, order_unzoom(call.world, call.account, call.args.get("id"), is_variation=is_variation)
    )


def nobg(call: Call) -> Reply:
    is_variation = call.args.get("isVariation", False)
    return _booked(call, order_nobg(call.world, call.account, call.args["id"], is_variation=is_variation))


def universal_upscale(call: Call) -> Reply:
    return _booked(call, order_universal_upscale(call.world, call.account, call.order(UniversalOrder)))


def _booked(call: Call, variation: Variation) -> Reply:
    return call.reply(booked(call, variation.cost, id=variation.id))


def show(call: Call) -> Reply:
    """A list of one, or of none. Source: src 28497237496."""
    variation = call.account.variations.get(call.args["id"])
    if variation is None or variation.hidden:
        return call.reply([])
    complete = variation.state is State.COMPLETE
    return call.reply(
        [
            {
                "url": call.links.variation(call.account.user_id, variation) if complete else None,
                "status": variation.status,
                "id": variation.id,
                "createdAt": moment(variation.created_ms),
                "transformType": variation.transform_type,
            }
        ]
    )


HANDLERS: Mapping[str, Callable[[Call], Reply]] = {
    "createVariationUpscale": upscale,
    "createVariationUnzoom": unzoom,
    "createVariationNoBG": nobg,
    "CreateUniversalUpscalerJob": universal_upscale,
    "getVariationById": show,
}
