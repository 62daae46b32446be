"""Meshes that clients bring, to be given textures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockleo.core.account import page
from mockleo.core.uploads import Purpose, Upload, announce, delete, find, list_of
from mockleo.wire.shapes import moment, paging, presigned

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockleo.wire.call import Call, Reply


def upload(call: Call) -> Reply:
    asset = announce(
        call.world,
        call.account,
        purpose=Purpose.MODEL_ASSET,
        extension=call.args.get("modelExtension", ""),
        name=call.args.get("name"),
    )
    fields, url = presigned(call, asset)
    return call.reply({"modelId": asset.id, "modelFields": fields, "modelKey": asset.key, "modelUrl": url})


def show(call: Call) -> Reply:
    # They are accepted here, change nothing, and have their ranges all the same.
    paging(call)
    asset = find(call.account, call.args["id"], Purpose.MODEL_ASSET)
    return call.reply(render(call, asset) if asset is not None else None)


def list_of_user(call: Call) -> Reply:
    limit, offset, newest_first = paging(call)
    if call.args["userId"] != call.account.user_id:
        return call.reply([])
    assets = list_of(call.account, Purpose.MODEL_ASSET)
    return call.reply(
        [render(call, asset) for asset in page(assets, limit=limit, offset=offset, newest_first=newest_first)]
    )


def forget(call: Call) -> Reply:
    asset = delete(call.world, call.account, call.args["id"], Purpose.MODEL_ASSET)
    if asset is not None:
        call.site.discard(asset.key)
    return call.reply({"id": asset.id} if asset is not None else None)


def render(call: Call, asset: Upload) -> dict[str, Any]:
    return {
        "createdAt": moment(asset.created_ms),
        "id": asset.id,
        "meshUrl": call.links.asset(asset.key),
        "name": asset.name or asset.id,
        "updatedAt": moment(asset.stored_ms or asset.created_ms),
        "userId": call.account.user_id,
    }


HANDLERS: Mapping[str, Callable[[Call], Reply]] = {
    "uploadModelAsset": upload,
    "get3DModelById": show,
    "get3DModelsByUserId": list_of_user,
    "delete3DModelById": forget,
}
