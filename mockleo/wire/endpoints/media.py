"""Video and audio that clients bring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.core.uploads import Purpose, Upload, announce, delete, find
from mockleo.wire.shapes import moment, presigned

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockleo.media.probe import Probe
    from mockleo.wire.call import Call, Reply

_AUDIO = frozenset({"mp3", "wav"})
# Where a film keeps its index is up to whoever wrote it; most of what is uploaded is smaller.
_PROBED_BYTES = 8 * 1024 * 1024


def upload(call: Call) -> Reply:
    media = announce(
        call.world,
        call.account,
        purpose=Purpose.MEDIA,
        extension=call.args["extension"],
        name=call.args.get("originalFilename"),
    )
    fields, url = presigned(call, media)
    return call.reply({"uploadId": media.id, "url": url, "fields": fields})


def show(call: Call) -> Reply:
    """A medium as it was uploaded."""
    media = find(call.account, call.args["id"], Purpose.MEDIA)
    if media is None:
        return call.reply(None)
    seen = _probe(call, media)
    is_audio = media.extension in _AUDIO
    statuses = call.world.rules.table("upload.media_status")
    return call.reply(
        {
            "id": media.id,
            "createdAt": moment(media.created_ms),
            "url": call.links.asset(media.key),
            "thumbnailUrl": None if is_audio else call.links.media_thumbnail(call.account.user_id, media.id),
            "status": statuses["arrived" if media.arrived else "waiting"],
            "statusReason": None,
            "mediaType": "audio" if is_audio else "video",
            "duration": seen.duration_s if seen is not None else None,
            "width": seen.width if seen is not None else None,
            "height": seen.height if seen is not None else None,
            "video_fps": seen.frames_per_second if seen is not None else None,
        }
    )


def _probe(call: Call, media: Upload) -> Probe | None:
    """What the uploaded bytes are, as far as can be seen. Imported where it is needed."""
    from mockleo.media.probe import probe

    storage = call.site.storage
    stored = storage.store.get(storage.presigner.name, media.key)
    if stored is None:
        return None
    head = storage.store.read(stored, 0, min(_PROBED_BYTES, stored.size_bytes))
    return probe(head, size_bytes=stored.size_bytes)


def forget(call: Call) -> Reply:
    media = delete(call.world, call.account, call.args["id"], Purpose.MEDIA)
    if media is not None:
        call.site.discard(media.key)
    return call.reply({"id": media.id} if media is not None else None)


HANDLERS: Mapping[str, Callable[[Call], Reply]] = {
    "uploadMedia": upload,
    "getUploadedMediaById": show,
    "deleteUploadedMediaById": forget,
}
