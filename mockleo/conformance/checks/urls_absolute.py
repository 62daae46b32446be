"""Is every URL of an answer one that a client can follow as it stands?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mockleo.conformance.checks.seen import API_PATH, Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.conformance.checks.promise import Promise
    from mockleo.conformance.checks.seen import Seen

# Where a form is posted, rather than what is read.
_FORMS = re.compile(r"(?:^|\.)(?:upload\w+\.(?:url|initUrl|masks?Url|modelUrl))$")
_URL = re.compile(r"(?:^url$|URL$|Url$|^urlImage$)")
_DATA = re.compile(r"DataUrl$")
_DATA_URL = re.compile(r"data:image/(?:jpeg|png|webp);base64,[A-Za-z0-9+/]+={0,2}")

_PICTURES = ("jpg", "jpeg", "png", "webp", "gif", "avif")
_CLIPS = ("mp4", "mov", "webm")
# By the field's name: what the file's name may end with. An upload may be called as its owner likes.
_ENDINGS = {
    "motionMP4URL": ("mp4",),
    "meshUrl": ("obj", "glb", "fbx", "gltf", "stl"),
    "thumbnailUrl": _PICTURES,
    "urlImage": _PICTURES,
    "url": (*_PICTURES, *_CLIPS, "mp3", "wav", "obj"),
}
_EXPECTED = "URLs are absolute, and can be fetched as they are (observed; source: REC)"


def is_url(name: str, value: object) -> bool:
    """Whether a field holds a URL."""
    return type(value) is str and _URL.search(name) is not None and not _DATA.search(name)


def is_form(where: str) -> bool:
    """Whether the URL there is one where an upload's form is posted."""
    return _FORMS.search(where) is not None


def urls_absolute(promise: Promise, seen: Seen) -> Iterator[Wrong]:
    """With scheme and host, without blanks or a user's name, ending as its kind of file does."""
    if not seen.is_success:
        return
    for field in seen.fields:
        if _DATA.search(field.name) and type(field.value) is list:
            yield from _data(field.where, field.value)
        elif is_url(field.name, field.value):
            wrong = _broken(field.value) or ("" if is_form(field.where) else _misled(field.name, field.value))
            if wrong:
                yield Wrong(
                    message=f"{field.where} {wrong}",
                    expected=_EXPECTED,
                    fix="where URLs are put together: the base, the path, the file's name",
                    value=field.value[:200],
                )


def _broken(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is no URL"
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "is no absolute URL"
    if parts.username is not None or port == 0:
        return "names a user or no port"
    if re.search(r"[\s\"<>\\^`{|}\x00-\x1f\x7f-\uffff]", url):
        return "has characters that must be escaped"
    return ""


def _misled(name: str, url: str) -> str:
    """A URL of a file that cannot be of the kind its field is for."""
    path = urlsplit(url).path
    if path.startswith(API_PATH):
        return "leads back to the API, where a key would be wanted"
    ending = path.rpartition("/")[2].rpartition(".")[2].lower()
    known = _ENDINGS.get(name)
    if known is not None and ending not in known:
        return "does not end as files of this kind do"
    return ""


def _data(where: str, urls: list[object]) -> Iterator[Wrong]:
    for url in urls:
        if type(url) is not str or _DATA_URL.fullmatch(url) is None:
            yield Wrong(
                message=f"{where} holds what is no data URL of a picture",
                expected="data:image/jpeg;base64,... (documented; source: OAS)",
                fix="where the picture is encoded",
                value=str(url)[:60],
            )
