"""Can a client send a file with the form that it was given?"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from mockleo.conformance.checks.seen import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.conformance.checks.promise import Promise
    from mockleo.conformance.checks.seen import Seen

# fields, initFields, maskFields ...: the key beside them is named alike.
_FIELDS = re.compile(r"(?:^f|F)ields$")
# The two spellings that are known, and what each has. Source: OAS; src 71189654312.
_MASKS = ("mask", "masks")
_PARTS = ("ImageId", "Fields", "Key", "Url")
_EXPECTED = "the fields are a JSON object of texts, written as text (documented; source: UP)"


def forms_readable(promise: Promise, seen: Seen) -> Iterator[Wrong]:
    """`fields` is JSON text of an object of texts, and the key in it is the key beside it."""
    content = seen.content
    if type(content) is not dict:
        return
    for name, text in content.items():
        if type(text) is str and _FIELDS.search(name):
            yield from _form(content, name, text)
    if "initImageId" in content:
        yield from _mask(content)


def _mask(content: dict[str, Any]) -> Iterator[Wrong]:
    """The mask's form is there in one of its two spellings at least, and is not the image's."""
    spelt = [word for word in _MASKS if all(f"{word}{end}" in content for end in _PARTS)]
    begun = [word for word in _MASKS if any(f"{word}{end}" in content for end in _PARTS)]
    if not spelt or spelt != begun:
        yield Wrong(
            message="the form for the mask is not whole",
            expected="the mask's id, fields, key and url, all of them as mask... or as masks..."
            " (observed; source: OAS, src 71189654312)",
            fix="which of the mask's parts are written, and in which spelling",
            value=", ".join(name for name in content if name.startswith("mask")),
        )
    elif content[f"{spelt[0]}ImageId"] is not None and (
        content[f"{spelt[0]}ImageId"] == content["initImageId"]
    ):
        yield Wrong(
            message="image and mask have the same id",
            expected="two uploads, each with an id of its own (documented; source: OAS)",
            fix="where the two forms are made: the second file would take the place of the first",
            value=str(content["initImageId"]),
        )


def _form(content: dict[str, Any], name: str, text: str) -> Iterator[Wrong]:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        fields = None
    if type(fields) is not dict or not fields or any(type(each) is not str for each in fields.values()):
        yield Wrong(
            message=f"{name} is no JSON object of texts",
            expected=_EXPECTED,
            fix="how the form's fields are written",
            value=text[:200],
        )
        return
    beside = content.get("key" if name == "fields" else name.replace("Fields", "Key"))
    if isinstance(beside, str) and fields.get("key") != beside:
        yield Wrong(
            message=f"the key in {name} is not the key beside it",
            expected="the object's key is told twice, and is the same (inferred; source: UP)",
            fix="where the form is made: a client would store one object and read another",
            value=f"{fields.get('key')} and {beside}",
        )
