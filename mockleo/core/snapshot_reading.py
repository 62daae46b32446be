"""From somebody's data to the form of an export, or to the first field that does not fit it."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from mockleo.core.snapshot_forms import WorldForm

VERSION = 1


class BadState(ValueError):
    """An export that no world can be made of; the message begins with the field's path."""

    def __init__(self, path: str, what: str) -> None:
        super().__init__(f"{path}: {what}" if path else what)
        self.path = path


def read(data: object) -> WorldForm:
    """`data` in the form of an export, or BadState with the first thing that is not."""
    try:
        # Of everything that is no JSON, this makes JSON or an error; and what is read is ours.
        given = msgspec.json.decode(msgspec.json.encode(data))
    except (TypeError, ValueError, RecursionError) as error:
        raise BadState("", f"the state is no JSON: {error}") from None
    if not isinstance(given, dict):
        raise BadState("", "the state must be a JSON object")
    if "version" not in given:
        raise BadState("version", "is missing")
    version = given.pop("version")
    if type(version) is not int or version != VERSION:
        raise BadState("version", f"{version!r} is not known, only {VERSION} can be read")
    form = _converted(given)
    _refuse_unknown(given, form, "")
    return form


def _converted(given: dict[str, Any]) -> WorldForm:
    try:
        return msgspec.convert(given, WorldForm)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `$")
    place = place.rstrip("`")
    if "[...]" in place:
        # It does not tell the member of a mapping; that is the one that is refused alone.
        before, _, _ = place.partition("[...]")
        members = _at(given, before)
        for name, member in list(members.items()):
            others = {**members}
            members.clear()
            members[name] = member
            try:
                msgspec.convert(given, WorldForm)
            except msgspec.ValidationError as error:
                what, _, place = str(error).partition(" - at `$")
                place = place.rstrip("`").replace("[...]", f".{name}", 1)
                break
            members.update(others)
    raise BadState(_dotted(place), what[0].lower() + what[1:]) from None


def _at(given: Any, place: str) -> Any:
    for step in _dotted(place).split("."):
        given = given[int(step)] if isinstance(given, list) else given[step]
    return given


def _dotted(place: str) -> str:
    """`accounts.0.serial` for `.accounts[0].serial`."""
    return re.sub(r"\[(\d+|\.\.\.)\]", lambda step: "." + step[1].replace("...", "*"), place).lstrip(".")


def _refuse_unknown(given: Any, form: Any, path: str) -> None:
    """Refuse what has been given and is nowhere in `form`, which is made of it."""
    if isinstance(form, msgspec.Struct):
        known = {*form.__struct_fields__, form.__struct_config__.tag_field}
        for name, value in given.items():
            if name not in known:
                raise BadState(f"{path}{name}", "there is no such field")
            _refuse_unknown(value, getattr(form, name, None), f"{path}{name}.")
    elif isinstance(form, dict):
        for name, value in form.items():
            _refuse_unknown(given[name], value, f"{path}{name}.")
    elif isinstance(form, (list, tuple)):
        for nth, value in enumerate(form):
            _refuse_unknown(given[nth], value, f"{path}{nth}.")
