"""Files that clients bring: init images, canvas images and masks, media, dataset images, meshes.

An upload is a record from the moment its form is handed out; its bytes arrive later, at the
bucket, or never. The bytes themselves are no matter of the core: it knows the object's key and
whether something was stored under it.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import msgspec

from mockleo.core.errors import InvalidExtension, InvalidInitImage

if TYPE_CHECKING:
    from mockleo.core.account import Account
    from mockleo.core.errors import LeoError
    from mockleo.core.rules import Rules
    from mockleo.core.world import World


class Purpose(Enum):
    """What an upload is for. The value is its place among the owner's object keys."""

    INIT_IMAGE = "initImages/{id}.{extension}"
    CANVAS_INIT = "canvasInitImages/{id}.{extension}"
    CANVAS_MASK = "canvasMasks/{id}.{extension}"
    MEDIA = "media/{id}.{extension}"
    DATASET_IMAGE = "datasets/{folder}/images/{id}/image.{extension}"
    MODEL_ASSET = "models3d/{id}.{extension}"


IMAGES = (Purpose.INIT_IMAGE, Purpose.CANVAS_INIT, Purpose.CANVAS_MASK)

# Which row of rules.toml lists the kinds of file that may be brought.
_EXTENSIONS = {
    Purpose.INIT_IMAGE: "upload.image_extensions",
    Purpose.CANVAS_INIT: "upload.image_extensions",
    Purpose.CANVAS_MASK: "upload.image_extensions",
    Purpose.MEDIA: "upload.media_extensions",
    Purpose.DATASET_IMAGE: "upload.image_extensions",
    Purpose.MODEL_ASSET: "upload.mesh_extensions",
}


class Upload(msgspec.Struct, kw_only=True, gc=False):
    """One file that was announced. `stored_ms` is None until its bytes are there.

    `matches` says whether they are of the kind that its extension says, as far as can be seen.
    """

    id: str
    purpose: Purpose
    extension: str
    key: str
    created_ms: int
    stored_ms: int | None = None
    matches: bool = True
    name: str | None = None

    @property
    def arrived(self) -> bool:
        return self.stored_ms is not None


def check_extension(world: World, purpose: Purpose, extension: str) -> None:
    """Refuse a kind of file that is not brought for `purpose`."""
    rule = _EXTENSIONS[purpose]
    if extension not in (world.rules[rule].one_of or ()):
        raise InvalidExtension(rule=rule)


def announce(
    world: World,
    account: Account,
    *,
    purpose: Purpose,
    extension: str,
    folder: str = "",
    name: str | None = None,
) -> Upload:
    """Make the record for a file that is about to be uploaded, and choose its object key."""
    check_extension(world, purpose, extension)
    upload_id = account.chance.uuid4(f"upload:{account.next()}")
    place = purpose.value.format(id=upload_id, extension=extension, folder=folder)
    upload = Upload(
        id=upload_id,
        purpose=purpose,
        extension=extension,
        key=f"users/{account.user_id}/{place}",
        created_ms=world.now_ms,
        name=name,
    )
    account.uploads[upload_id] = upload
    world.uploads_by_key[upload.key] = upload
    return upload


def arrive(world: World, key: str, *, matches: bool = True) -> Upload | None:
    """Note that an object was stored under `key`; None when no record waits for it.

    Whoever sees its bytes says whether they are what the record `matches`.
    """
    upload = world.uploads_by_key.get(key)
    if upload is not None:
        upload.stored_ms = world.now_ms
        upload.matches = matches
    return upload


def lose(world: World, key: str) -> None:
    """Note that nothing is stored under `key` any more."""
    upload = world.uploads_by_key.get(key)
    if upload is not None:
        upload.stored_ms = None


def usable(rules: Rules, upload: Upload, *, otherwise: LeoError | None = None) -> bool:
    """Whether a job that names `upload` can come to good: False dooms it.

    Where the rules say so, what never came is refused at once: by `otherwise`, or as an init
    image is.
    """
    if not upload.arrived:
        if rules["upload.missing"].value == "refuse":
            raise otherwise or InvalidInitImage
        return False
    return matching(rules, upload)


def matching(rules: Rules, upload: Upload) -> bool:
    """Whether the bytes of `upload` are what was announced, where the rules say that this matters."""
    return upload.matches or rules["upload.mismatch"].value == "ignore"


def find(account: Account, upload_id: str, *purposes: Purpose) -> Upload | None:
    """The account's own upload, if it is for one of `purposes`."""
    upload = account.uploads.get(upload_id)
    return upload if upload is not None and upload.purpose in purposes else None


def delete(world: World, account: Account, upload_id: str, *purposes: Purpose) -> Upload | None:
    """Forget an upload; None when there is none."""
    upload = find(account, upload_id, *purposes)
    if upload is not None:
        del account.uploads[upload_id]
        del world.uploads_by_key[upload.key]
    return upload


def uploaded_image(account: Account, upload_id: str | None) -> Upload:
    """The uploaded image with this id, to be used in a job."""
    upload = find(account, upload_id, *IMAGES) if upload_id is not None else None
    if upload is None:
        raise InvalidInitImage
    return upload


def list_of(account: Account, purpose: Purpose) -> dict[str, Upload]:
    """The account's uploads for one purpose, by id, oldest first."""
    return {upload.id: upload for upload in account.uploads.values() if upload.purpose is purpose}
