"""GET of everything that `links` handed out.

Nothing is stored for what the emulator makes: it is drawn when it is fetched, from the job's
seed, prompt, size and index, and the last drawings are kept for a while. What clients have
uploaded comes from the bucket.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import TYPE_CHECKING

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response

from mockleo.core.lifecycle import State
from mockleo.core.uploads import Purpose
from mockleo.wire.links import OFFICIAL_USER_ID, image_file, stem, variation_file
from mockleo.wire.sending import Sending

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import Receive, Scope, Send

    from mockleo.core.account import Account
    from mockleo.core.generations import Generation
    from mockleo.wire.site import Site

    Meet = Callable[[str, Scope, Receive, Send], Callable[[Sending], Awaitable[None]] | None]

KEPT_BYTES_MOST = 32 * 1024 * 1024

_THUMBNAIL_PX = 512
_INDEX = re.compile(r"_(\d+)\.\w+$")
_SEGMENTS = re.compile(r"segments/\d+:\d+:\d+/")
_TYPES = {"jpg": "image/jpeg", "png": "image/png", "mp4": "video/mp4"}


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    """Something that can be fetched: `draw` makes its bytes, `content_type` says what they are.

    `drawn` is False for what a client has stored, which he may store anew at any time.
    """

    content_type: str
    draw: Callable[[], bytes]
    drawn: bool = True


class Assets:
    """The CDN: an ASGI application below whatever path it is mounted at.

    `meet` is asked with each request, by its path: what it returns sends the answer in its own
    way; None, nearly always, for as ever.
    """

    def __init__(self, site: Callable[[], Site], *, meet: Meet | None = None) -> None:
        self._site = site
        self._meet = meet
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._kept_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"].removeprefix(scope.get("root_path", "")).lstrip("/")
        spoil = self._meet(path, scope, receive, send) if self._meet is not None else None
        response = await self._answer(scope["method"], path, asked=Headers(scope=scope).get("range"))
        response.headers["access-control-allow-origin"] = "*"
        if spoil is None:
            await response(scope, receive, send)
        else:
            await spoil(_sending(response))

    async def _answer(self, method: str, path: str, *, asked: str | None) -> Response:
        if method not in {"GET", "HEAD"}:
            return Response(
                status_code=405, headers={"allow": "GET, HEAD", "x-mockleo-why": "method-not-allowed"}
            )
        asset = find(self._site(), path)
        if asset is None:
            return Response(
                "Not Found", 404, media_type="text/plain", headers={"x-mockleo-why": "no-such-asset"}
            )
        content = self._kept.get(path) if asset.drawn else None
        if content is None:
            content = await run_in_threadpool(asset.draw)
            if asset.drawn:
                self._keep(path, content)
        return _part(content, asset.content_type, asked)

    def clear(self) -> None:
        """Forget every drawing."""
        self._kept.clear()
        self._kept_bytes = 0

    def _keep(self, path: str, content: bytes) -> None:
        if path in self._kept:
            return
        self._kept[path] = content
        self._kept_bytes += len(content)
        while self._kept_bytes > KEPT_BYTES_MOST:
            _, gone = self._kept.popitem(last=False)
            self._kept_bytes -= len(gone)


# Headers that whoever sends an answer writes by himself.
_SENDERS_OWN = (b"content-type", b"content-length", b"x-mockleo-why")


def _sending(response: Response) -> Sending:
    """The same answer, for somebody to touch before it goes out."""
    headers = response.headers
    return Sending(
        status=response.status_code,
        body=bytes(response.body),
        content_type=headers.get("content-type", "text/plain").encode("latin-1"),
        why=headers.get("x-mockleo-why", ""),
        headers=tuple(header for header in response.raw_headers if header[0] not in _SENDERS_OWN),
    )


def _part(content: bytes, content_type: str, asked: str | None) -> Response:
    """The whole of `content`, or the range that was asked for: players of videos do."""
    from mockleo.bucket.errors import RangeNotSatisfiable
    from mockleo.bucket.reading import span

    try:
        wanted = span(asked, len(content)) if asked is not None else None
    except RangeNotSatisfiable:
        return Response(
            status_code=416,
            headers={"content-range": f"bytes */{len(content)}", "x-mockleo-why": "range-not-satisfiable"},
        )
    if wanted is None:
        return Response(content, media_type=content_type, headers={"accept-ranges": "bytes"})
    start, stop = wanted
    headers = {"content-range": f"bytes {start}-{stop - 1}/{len(content)}", "accept-ranges": "bytes"}
    return Response(content[start:stop], 206, media_type=content_type, headers=headers)


def find(site: Site, path: str) -> Asset | None:
    """What `path` below the CDN names; None when nothing was ever handed out under it."""
    match path.split("/", 2):
        case ["users", user_id, rest] if user_id == OFFICIAL_USER_ID:
            return _showcase(site, rest)
        case ["users", user_id, rest] if user_id in site.world.accounts:
            return _of_account(site, site.world.accounts[user_id], rest)
        case ["element_thumbnails", element_id, "thumbnail.png"]:
            element = site.world.catalogue.elements.get(element_id)
            return _picture(element.name, extension="png") if element is not None else None
        case ["blueprint_assets", "official", rest]:
            return _blueprint_thumbnail(site, rest)
        case _:
            return None


def _of_account(site: Site, account: Account, rest: str) -> Asset | None:
    match _SEGMENTS.sub("", rest).split("/"):
        case ["generations", generation_id, name]:
            return _of_generation(account.generations.get(generation_id), name)
        case ["generations", _, "variations", name]:
            return _of_variation(account, name)
        case ["variations", name]:
            return _of_variation(account, name)
        case ["textures", texture_id, name]:
            return _of_texture(site, account, texture_id, name)
        case ["media", upload_id, "thumbnail.jpg"]:
            upload = account.uploads.get(upload_id)
            known = upload is not None and upload.purpose is Purpose.MEDIA
            return _picture(upload_id, extension="jpg") if known else None
        case ["datasets", dataset_id, "images", image_id, _]:
            copied = _copied_into(account, dataset_id, image_id)
            return copied or _stored(site, account, rest)
        case _:
            return _stored(site, account, rest)


def _of_generation(generation: Generation | None, name: str) -> Asset | None:
    if generation is None:
        return None
    extension = name.rpartition(".")[2]
    numbered = _INDEX.search(name)
    index = int(numbered[1]) if numbered is not None and len(numbered[1]) < 3 else 0
    if index >= len(generation.image_ids) or name != image_file(generation, index, extension=extension):
        return None
    if extension == "mp4" and generation.clip_ms:
        return _clip(
            seed=generation.seed,
            prompt=generation.prompt,
            width=generation.width,
            height=generation.height,
            duration_ms=generation.clip_ms,
            index=index,
        )
    return _image(generation, index) if extension == generation.extension else None


def _image(generation: Generation, index: int) -> Asset:
    return _picture(
        generation.prompt,
        extension=generation.extension,
        seed=generation.seed,
        width=generation.width,
        height=generation.height,
        index=index,
        transparent=generation.extension == "png",
    )


def _of_variation(account: Account, name: str) -> Asset | None:
    moving = account.motion_variations.get(name.removesuffix(".mp4"))
    if moving is not None:
        if moving.state is not State.COMPLETE:
            return None
        return _clip(
            seed=moving.seed,
            prompt=moving.generation.prompt,
            width=moving.width,
            height=moving.height,
            duration_ms=moving.generation.clip_ms,
            index=0,
        )
    # The id stands before the last underscore.
    made = account.variations.get(name.rpartition("_")[0][-36:])
    if made is None or made.state is not State.COMPLETE:
        return None
    expected = f"{made.id}_0.{made.extension}" if made.generation is None else variation_file(made)
    if name != expected:
        return None
    return _picture(
        made.prompt,
        extension=made.extension,
        seed=made.seed,
        width=made.width,
        height=made.height,
        transparent=made.transform_type == "NOBG",
    )


def _of_texture(site: Site, account: Account, texture_id: str, name: str) -> Asset | None:
    texture = account.textures.get(texture_id)
    if texture is None:
        return None
    there = texture.maps[: len(texture.image_ids)]
    kinds = {f"{kind.lower()}.png": kind for kind in there}
    kind = kinds.get(name)
    if kind is None:
        return None
    seed, prompt = texture.seed, texture.order.prompt or ""
    size_px = site.world.rules.integer("texture.size")

    def draw() -> bytes:
        from mockleo.media.textures import TEXTURE_KINDS, texture_map

        known = next(each for each in TEXTURE_KINDS if each == kind)
        return texture_map(known, seed=seed, prompt=prompt, size_px=size_px)

    return Asset(content_type="image/png", draw=draw)


def _copied_into(account: Account, dataset_id: str, image_id: str) -> Asset | None:
    dataset = account.datasets.get(dataset_id)
    for image in dataset.images if dataset is not None else ():
        if image.id == image_id and image.generation is not None:
            return _image(image.generation, image.index)
    return None


def _stored(site: Site, account: Account, rest: str) -> Asset | None:
    """What a client has uploaded under this key."""
    storage = site.storage
    key = f"users/{account.user_id}/{rest}"
    stored = storage.store.get(storage.presigner.name, key)
    if stored is None:
        return None
    return Asset(
        content_type=stored.content_type or "application/octet-stream",
        draw=lambda: storage.store.read(stored),
        drawn=False,
    )


def _showcase(site: Site, rest: str) -> Asset | None:
    match rest.split("/"):
        case ["generations", generation_id, name]:
            for model in site.world.catalogue.models.values():
                if model.image is not None and model.image.generation_id == generation_id:
                    shown = f"{stem(model.name, model.description)}_{model.image.index}.jpg"
                    return _picture(model.name, extension="jpg") if name == shown else None
    return None


def _blueprint_thumbnail(site: Site, rest: str) -> Asset | None:
    match rest.split("/"):
        case [user_id, "thumbnails", name] if user_id == OFFICIAL_USER_ID:
            for blueprint in site.world.catalogue.blueprints.values():
                if any(shown.name == name for shown in blueprint.thumbnails):
                    return _picture(blueprint.name, extension=name.rpartition(".")[2])
    return None


def _picture(
    prompt: str,
    *,
    extension: str,
    seed: int = 0,
    width: int = _THUMBNAIL_PX,
    height: int = _THUMBNAIL_PX,
    index: int = 0,
    transparent: bool = False,
) -> Asset:
    def draw() -> bytes:
        from mockleo.media.picture import Picture, jpeg, png

        picture = Picture(seed=seed, prompt=prompt, width=width, height=height, index=index)
        return png(picture, transparent=transparent) if extension == "png" else jpeg(picture)

    return Asset(content_type=_TYPES.get(extension, "image/jpeg"), draw=draw)


def _clip(*, seed: int, prompt: str, width: int, height: int, duration_ms: int, index: int) -> Asset:
    def draw() -> bytes:
        from mockleo.media.video import Clip, mp4

        return mp4(
            Clip(seed=seed, prompt=prompt, width=width, height=height, duration_ms=duration_ms, index=index)
        )

    return Asset(content_type="video/mp4", draw=draw)
