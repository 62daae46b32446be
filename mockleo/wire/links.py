"""The URLs that answers hand out, and their way back.

Every one of them can be fetched: `assets` answers what is made here. Their shapes are those of
the service's CDN behind a base that works from where the client is.
Source: HOOK; src 25936040990, 28497237496, 35342615765 (paths and file names); recordings.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from mockleo.core.orders import MotionOrder, VideoOrder

if TYPE_CHECKING:
    from mockleo.core.catalogue import Model
    from mockleo.core.generations import Generation
    from mockleo.core.textures import Texture
    from mockleo.core.variations import MotionVariation, Variation

# Where the emulated API is, below whatever base.
API_PATH = "/api/rest/v1"

# The platform's own account, which its showcases belong to.
OFFICIAL_USER_ID = "384ab5c8-55d8-47a1-be22-6a274913c324"
REAL_CDN_HOST = "cdn.leonardo.ai"
REAL_CDN = f"https://{REAL_CDN_HOST}"

# Both truncated names that were ever recorded measure this much.
STEM_LENGTH = 62

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_ ]")
_HOST = re.compile(r"[A-Za-z0-9._-]+(?::\d{1,5})?|\[[0-9A-Fa-f:.]+\](?::\d{1,5})?")


def base_of(host: str, *, is_https: bool, fallback: str) -> str:
    """The base under which a client has reached us: what it called us, so that it can again."""
    if not _HOST.fullmatch(host):
        return fallback
    scheme = "https" if is_https else "http"
    return f"{scheme}://{host}"


def stem(model_name: str, prompt: str) -> str:
    """The file name that a prompt gets: blanks become underscores, punctuation goes."""
    name = _NOT_IN_NAMES.sub("", f"{model_name} {prompt}").replace(" ", "_")
    return name[:STEM_LENGTH].rstrip("_")


def generation_stem(generation: Generation) -> str:
    order = generation.order
    if isinstance(order, MotionOrder):
        return generation.id
    if isinstance(order, VideoOrder):
        return stem(order.model or "MOTION2", order.prompt)
    model = generation.model
    return stem("Default" if model is None or model.own else model.name, generation.prompt)


def image_file(generation: Generation, index: int, *, extension: str) -> str:
    """The name of one file of a generation; the older motion model's carries no index."""
    if isinstance(generation.order, MotionOrder):
        return f"{generation.id}.{extension}"
    return f"{generation_stem(generation)}_{index}.{extension}"


def variation_file(variation: Variation) -> str:
    """The name of what was made of an image."""
    assert variation.generation is not None, "an upload's variation has a place of its own"
    index = variation.generation.image_ids.index(variation.image_id)
    return f"{stem('Default', variation.prompt)}_{index}_{variation.id}_0.{variation.extension}"


class Links:
    """URLs for one client. `base` is scheme and host; `cdn` is what assets' URLs begin with."""

    __slots__ = ("base", "cdn", "segments")

    def __init__(self, *, base: str, cdn: str, segments: bool) -> None:
        self.base = base
        self.cdn = cdn
        # Newer URLs have this in their middle.
        self.segments = "segments/1:1:1/" if segments else ""

    def asset(self, path: str) -> str:
        return f"{self.cdn}/{quote(path, safe='/:')}"

    def upload_form(self, bucket: str) -> str:
        return f"{self.base}/s3/{bucket}"

    def image(self, user_id: str, generation: Generation, index: int, *, extension: str | None = None) -> str:
        """A picture, a video's poster, or with `extension` the video itself."""
        name = image_file(generation, index, extension=extension or generation.extension)
        return self.asset(f"users/{user_id}/generations/{generation.id}/{self.segments}{name}")

    def variation(self, user_id: str, variation: Variation) -> str:
        if variation.generation is None:
            return self.asset(f"users/{user_id}/variations/{variation.id}_0.{variation.extension}")
        name = variation_file(variation)
        return self.asset(f"users/{user_id}/generations/{variation.generation.id}/variations/{name}")

    def motion_variation(self, user_id: str, variation: MotionVariation) -> str:
        folder = f"users/{user_id}/generations/{variation.generation.id}/variations"
        return self.asset(f"{folder}/{variation.id}.mp4")

    def texture(self, user_id: str, texture: Texture, kind: str) -> str:
        return self.asset(f"users/{user_id}/textures/{texture.id}/{kind.lower()}.png")

    def media_thumbnail(self, user_id: str, upload_id: str) -> str:
        return self.asset(f"users/{user_id}/media/{upload_id}/thumbnail.jpg")

    def showcase(self, model: Model) -> str:
        assert model.image is not None, "a model without a picture has no link to it"
        folder = f"users/{OFFICIAL_USER_ID}/generations/{model.image.generation_id}"
        return self.asset(f"{folder}/{stem(model.name, model.description)}_{model.image.index}.jpg")

    def element_thumbnail(self, element_id: str) -> str:
        return self.asset(f"element_thumbnails/{element_id}/thumbnail.png")

    def blueprint_thumbnail(self, name: str) -> str:
        return self.asset(f"blueprint_assets/official/{OFFICIAL_USER_ID}/thumbnails/{name}")


# Each client calls us by one or two names; somebody who invents names does not fill our memory.
_PLACES_MOST = 64


class Places:
    """Makes URLs that work for a client which has called us so.

    `public_url` is what they begin with, whatever the client has called; `fallback` where nothing
    else is known. With `real_cdn` assets' URLs are those of the service's own CDN.
    """

    def __init__(self, *, public_url: str | None, fallback: str, real_cdn: bool, segments: bool) -> None:
        self._public_url = public_url
        self._fallback = fallback
        self._real_cdn = real_cdn
        self._segments = segments
        self._known: dict[tuple[bytes | None, bytes | None], Links] = {}

    def links(self, host: bytes | None, forwarded_proto: bytes | None) -> Links:
        """For these headers of a request; None where there is none."""
        place = host, forwarded_proto
        links = self._known.get(place)
        if links is None:
            base = self._public_url or base_of(
                (host or b"").decode("latin-1"),
                is_https=forwarded_proto == b"https",
                fallback=self._fallback,
            )
            links = Links(
                base=base, cdn=REAL_CDN if self._real_cdn else f"{base}/cdn", segments=self._segments
            )
            if len(self._known) < _PLACES_MOST:
                self._known[place] = links
        return links
