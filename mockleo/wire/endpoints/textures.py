"""Textures for meshes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockleo.core.account import page
from mockleo.core.orders import TextureOrder
from mockleo.core.textures import Texture, of_asset, order_texture
from mockleo.wire.shapes import booked, moment, paging

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockleo.wire.call import Call, Reply


def create(call: Call) -> Reply:
    texture = order_texture(call.world, call.account, call.order(TextureOrder))
    return call.reply(booked(call, texture.cost, id=texture.id))


def show(call: Call) -> Reply:
    # They are accepted here, change nothing, and have their ranges all the same.
    paging(call)
    texture = call.account.textures.get(call.args["id"])
    if texture is None or texture.hidden:
        return call.reply(None)
    return call.reply(render(call, texture))


def forget(call: Call) -> Reply:
    texture = call.account.textures.pop(call.args["id"], None)
    if texture is not None:
        call.world.abandon(texture)
    return call.reply({"id": texture.id} if texture is not None else None)


def list_of_asset(call: Call) -> Reply:
    limit, offset, newest_first = paging(call)
    textures = of_asset(call.account, call.args["modelId"])
    found = page(textures, limit=limit, offset=offset, newest_first=newest_first)
    return call.reply([render(call, texture) for texture in found if not texture.hidden])


def render(call: Call, texture: Texture) -> dict[str, Any]:
    """A texture and its maps; no maps until it is ready."""
    maps = zip(texture.maps, texture.image_ids, strict=False)
    return {
        "createdAt": moment(texture.created_ms),
        "id": texture.id,
        "model_asset_texture_images": [
            {"id": image_id, "type": kind, "url": call.links.texture(call.account.user_id, texture, kind)}
            for kind, image_id in maps
        ],
        "negativePrompt": texture.order.negative_prompt or "",
        "prompt": texture.order.prompt or "",
        "seed": texture.seed,
        "status": texture.status,
    }


HANDLERS: Mapping[str, Callable[[Call], Reply]] = {
    "createTextureGeneration": create,
    "getTextureGenerationById": show,
    "deleteTextureGenerationById": forget,
    "getTextureGenerationsByModelId": list_of_asset,
}
