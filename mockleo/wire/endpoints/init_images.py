"""Images that clients bring: for image to image, and for the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.core.uploads import IMAGES, Purpose, announce, check_extension, delete, find
from mockleo.wire.shapes import moment, presigned

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockleo.wire.call import Call, Reply


def upload(call: Call) -> Reply:
    image = announce(call.world, call.account, purpose=Purpose.INIT_IMAGE, extension=call.args["extension"])
    fields, url = presigned(call, image)
    return call.reply({"id": image.id, "fields": fields, "key": image.key, "url": url})


def upload_canvas(call: Call) -> Reply:
    """Two forms at once. The official document and the official recipe spell the mask's keys
    differently, so both spellings are there. Source: OAS; src 71189654312.
    """
    # Both or none: a form that is refused leaves no other behind.
    check_extension(call.world, Purpose.CANVAS_MASK, call.args["maskExtension"])
    image = announce(
        call.world, call.account, purpose=Purpose.CANVAS_INIT, extension=call.args["initExtension"]
    )
    mask = announce(
        call.world, call.account, purpose=Purpose.CANVAS_MASK, extension=call.args["maskExtension"]
    )
    init_fields, url = presigned(call, image)
    mask_fields, _ = presigned(call, mask)
    answer = {"initImageId": image.id, "initFields": init_fields, "initKey": image.key, "initUrl": url}
    for spelling in ("mask", "masks"):
        answer |= {
            f"{spelling}ImageId": mask.id,
            f"{spelling}Fields": mask_fields,
            f"{spelling}Key": mask.key,
            f"{spelling}Url": url,
        }
    return call.reply(answer)


def show(call: Call) -> Reply:
    image = find(call.account, call.args["id"], *IMAGES)
    if image is None:
        return call.reply(None)
    return call.reply(
        {"createdAt": moment(image.created_ms), "id": image.id, "url": call.links.asset(image.key)}
    )


def forget(call: Call) -> Reply:
    image = delete(call.world, call.account, call.args["id"], *IMAGES)
    if image is not None:
        call.site.discard(image.key)
    return call.reply({"id": image.id} if image is not None else None)


HANDLERS: Mapping[str, Callable[[Call], Reply]] = {
    "uploadInitImage": upload,
    "uploadCanvasInitImage": upload_canvas,
    "getInitImageById": show,
    "deleteInitImageById": forget,
}
