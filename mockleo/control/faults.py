"""What goes wrong: the faults in force, and the menu of those that there are."""

from __future__ import annotations

import re
from inspect import cleandoc, getdoc
from typing import TYPE_CHECKING, Any

import msgspec

from mockleo.control.operation import Nothing, Operation
from mockleo.control.reading import shaped
from mockleo.control.refusals import Refused, bad, missing
from mockleo.core.keys import digest_of
from mockleo.core.names import nearest
from mockleo.faults.fault import Fault
from mockleo.faults.menu import BY_NAME, KINDS
from mockleo.faults.plan import BadFault

if TYPE_CHECKING:
    from mockleo.app import App
    from mockleo.control.operation import Ask
    from mockleo.faults.plan import Active

# What can stand in a path, and is no other path's name.
_ID = re.compile(r"(?!menu$)[A-Za-z0-9._~-]{1,100}")

# How the plan says that an id is another fault's.
_TAKEN = "is in force already"


class InForce(msgspec.Struct):
    """A fault in force: since when, how often it was met, and how many calls of each account match."""

    id: str
    fault: KINDS
    added_ms: int
    fired: int
    counts: dict[str, int]


class Faults(msgspec.Struct):
    """All faults in force, in the order in which they act."""

    faults: list[InForce]


class FieldShown(msgspec.Struct):
    """A setting of a fault: its type as a JSON Schema. One that is not required has a default."""

    name: str
    schema: dict[str, Any]
    required: bool


class KindShown(msgspec.Struct):
    """A kind of fault, where it acts, and its own settings; those that all have stand aside."""

    fault: str
    acts_on: list[str]
    about: str
    fields: list[FieldShown]


class Menu(msgspec.Struct):
    """All kinds of faults, and which calls they can be told to meet."""

    kinds: list[KindShown]
    matching: str
    matching_fields: list[FieldShown]


def menu(_: Ask[Nothing]) -> Menu:
    common = set(Fault.__struct_fields__)
    kinds = []
    for name, kind in BY_NAME.items():
        fields = [field for field in _fields(kind) if field.name not in common]
        kinds.append(KindShown(str(name), list(kind.WHERE), _about(kind), fields))
    return Menu(kinds, _about(Fault), [field for field in _fields(Fault) if field.name != "fault"])


def show_all(ask: Ask[Nothing]) -> Faults:
    return Faults([_told(active) for active in ask.app.faults])


def show(ask: Ask[Nothing]) -> InForce:
    active = ask.app.faults.get(ask.path["id"])
    if active is None:
        raise missing("such fault in force", field="id")
    return _told(active)


def add(ask: Ask[Any]) -> InForce | list[InForce]:
    """One fault, or a list of them: all, or none where one of them cannot be."""
    app, given = ask.app, ask.given
    if not isinstance(given, list):
        return _add(app, [_checked(app, given, place="")], places=[""])[0]
    if not given:
        raise bad("a list of faults has one at least", field="body")
    places = [f"[{nth}]" for nth in range(len(given))]
    faults = [_checked(app, one, place=place) for one, place in zip(given, places, strict=True)]
    return _add(app, faults, places=places)


def _add(app: App, faults: list[Fault], *, places: list[str]) -> list[InForce]:
    """Put `faults` in force, all or none; `places` are where each of them stands."""
    trial = app.new_plan()
    trial.restore(app.faults.export(), kinds=KINDS, mode=app.clock.mode)
    now_ms = app.clock.now_ms()
    for fault, place in zip(faults, places, strict=True):
        try:
            trial.add(fault, now_ms=now_ms)
        except BadFault as error:
            raise _broken(error, place) from None
    return [_told(app.faults.add(fault, now_ms=now_ms)) for fault in faults]


def remove(ask: Ask[Nothing]) -> Faults:
    if not ask.app.faults.remove(ask.path["id"]):
        raise missing("such fault in force", field="id")
    return show_all(ask)


def clear(ask: Ask[Nothing]) -> Faults:
    ask.app.faults.clear()
    return show_all(ask)


def _checked(app: App, given: Any, *, place: str) -> Fault:
    """The fault that is described; `place` is where it stands in a list."""
    if not isinstance(given, dict):
        raise bad("a fault is an object", field=place or "body")
    at = f"{place}.fault" if place else "fault"
    name = given.get("fault")
    if name is None:
        raise bad(f"is needed: one of {', '.join(map(str, BY_NAME))}", field=at)
    kind = BY_NAME.get(name) if isinstance(name, str) else None
    if kind is None:
        near = nearest(str(name), [str(each) for each in BY_NAME])
        raise bad(f"{name!r} is none of {', '.join(map(str, BY_NAME))}{near}", field=at)
    fault = shaped(given, kind, place=place)
    if fault.id and not _ID.fullmatch(fault.id):
        field = f"{place}.id" if place else "id"
        raise bad("must be 1 to 100 letters, digits or -._~, and not menu", field=field)
    if fault.key is not None and digest_of(fault.key) in app.site.world.keys:
        # Keys have the shape of ids; what is not told is the key.
        field = f"{place}.key" if place else "key"
        raise bad("must be the id of a key, not the key itself", field=field)
    try:
        fault.check(app.clock.mode)
    except ValueError as error:
        raise _broken(error, place) from None
    return fault


def _broken(error: ValueError, place: str) -> Refused:
    """A fault's own complaint, which names the field."""
    field, _, why = str(error).partition(": ")
    field = f"{place}.{field}" if place else field
    return Refused(409 if why.endswith(_TAKEN) else 400, f"{field}: {why}", field=field)


def _told(active: Active) -> InForce:
    return InForce(active.fault.id, active.fault, active.added_ms, active.fired, dict(active.counts))


def _about(kind: type[Fault]) -> str:
    return cleandoc(getdoc(kind) or "")


def _fields(kind: type[Fault]) -> list[FieldShown]:
    _, named = msgspec.json.schema_components([kind])
    shape = named[kind.__name__]
    required = set(shape.get("required", ()))
    return [
        FieldShown(name, schema, name in required)
        for name, schema in shape["properties"].items()
        if name != "fault"
    ]


OPERATIONS = (
    Operation(
        method="GET",
        path="/faults/menu",
        summary="All kinds of faults, with their settings",
        handle=menu,
        answer=Menu,
    ),
    Operation(method="GET", path="/faults", summary="The faults in force", handle=show_all, answer=Faults),
    Operation(
        method="POST",
        path="/faults",
        summary="Put a fault in force, or several; times: 1 for one that acts once",
        handle=add,
        takes=KINDS | list[KINDS],
        answer=InForce | list[InForce],
        status=201,
        raw=True,
    ),
    Operation(method="DELETE", path="/faults", summary="Lift all faults", handle=clear, answer=Faults),
    Operation(
        method="GET",
        path="/faults/{id}",
        summary="One fault in force",
        handle=show,
        answer=InForce,
    ),
    Operation(method="DELETE", path="/faults/{id}", summary="Lift a fault", handle=remove, answer=Faults),
)
