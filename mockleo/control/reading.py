"""What the operator has given, in the shape that is wanted; or a refusal that names the field."""

from __future__ import annotations

import json
import re
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints
from urllib.parse import parse_qsl

import msgspec

from mockleo.control.refusals import Refused, bad
from mockleo.core.names import nearest

Shape = TypeVar("Shape")

_AT = re.compile(r" - at `(?P<at>[^`]*)`$", re.DOTALL)
_NAMED = re.compile(r"Object (?:contains unknown|missing required) field `(?P<name>[^`]*)`", re.DOTALL)
_OURS = re.compile(r"(?P<name>\w+): (?P<why>.+)", re.DOTALL)

# What people write is smaller; in a large state, written by us, it would take long to look.
_LOOKED_AT_BYTES_MOST = 1024 * 1024

# More than any id of ours has.
_DIGITS_MOST = 18


def body_of(raw: bytes, content_type: str) -> Any:
    """A body, decoded; one that is empty is an object without fields."""
    if not raw:
        return {}
    kind = content_type.partition(";")[0].strip().lower()
    if kind and kind != "application/json" and not kind.endswith("+json"):
        raise Refused(415, f"Content-Type: {kind} is not application/json", field="Content-Type")
    try:
        found = msgspec.json.decode(raw)
        if len(raw) < _LOOKED_AT_BYTES_MOST:
            # The other decoder lets the last one of a name win.
            json.loads(raw, object_pairs_hook=_each_once, parse_int=str, parse_float=str)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise bad(str(error), field="body") from None
    return found


def _each_once(members: list[tuple[str, Any]]) -> None:
    """Refuse an object that has two members of one name."""
    names = set()
    for name, _ in members:
        if name in names:
            raise bad("is given more than once", field=name)
        names.add(name)


def query_of(raw: str) -> dict[str, str]:
    """The parameters of a query, each of which may be given once."""
    try:
        pairs = parse_qsl(raw, keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError as error:
        raise Refused(400, f"query: {error}", field="query") from None
    found = {}
    for name, value in pairs:
        if name in found:
            raise bad("is given more than once", field=name)
        found[name] = value
    return found


def shaped(given: Any, kind: type[Shape], *, from_text: bool = False, place: str = "") -> Shape:
    """`given` as a `kind`. `from_text`: numbers may be texts; `place` goes before a field's name."""
    try:
        return msgspec.convert(given, kind, strict=not from_text)
    except (msgspec.ValidationError, RecursionError, OverflowError) as error:
        field, why = _told(str(error), kind)
        field = f"{place}.{field}" if place and field else place or field
        raise bad(why, field=field or "body") from None


def whole_number(text: str, *, field: str) -> int:
    """The number that a part of the path is."""
    if not text.isascii() or not text.isdecimal() or len(text) > _DIGITS_MOST:
        raise bad(f"{text!r} is no whole number", field=field)
    return int(text)


def _told(message: str, kind: Any) -> tuple[str, str]:
    """The field that is wrong, and what is wrong with it."""
    found = _AT.search(message)
    at = found["at"].removeprefix("$").removeprefix(".") if found else ""
    why = message[: found.start()] if found else message
    if named := _NAMED.match(why):
        name = named["name"]
        field = f"{at}.{name}" if at else name
        if "missing" in named[0]:
            return field, "is needed"
        return field, f"there is no such field{nearest(name, _names(kind))}"
    ours = _OURS.match(why)
    if not at and ours and ours["name"] in _names(kind):
        return ours["name"], ours["why"]
    choices = _choices(kind, at)
    if why.startswith("Invalid enum value") and choices:
        given = why.removeprefix("Invalid enum value ").strip("'\"")
        return at, f"{given!r} is none of {', '.join(choices)}{nearest(given, choices)}"
    return at, why


def _names(kind: Any) -> tuple[str, ...]:
    return getattr(kind, "__struct_encode_fields__", ())


def _choices(kind: Any, field: str) -> tuple[str, ...]:
    """What a field may say, where it may say only a few words."""
    if field not in _names(kind):
        return ()
    hint = get_type_hints(kind)[field]
    hints = (hint, *get_args(hint))
    return tuple(str(word) for each in hints if get_origin(each) is Literal for word in get_args(each))
