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
_EXPECTED = "the fields are a JSON object of texts, written as text (documented; source: UP)"


def forms_readable(promise: Promise, seen: Seen) -> Iterator[Wrong]:
    """`fields` is JSON text of an object of texts, and the key in it is the key beside it."""
    if type(seen.content) is not dict:
        return
    for name, text in seen.content.items():
        if type(text) is str and _FIELDS.search(name):
            yield from _form(seen.content, name, text)


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
