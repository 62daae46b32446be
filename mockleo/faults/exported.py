"""A plan that was exported, read back: in its form, or to the first field that does not fit it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import msgspec

from mockleo.faults.fault import Fault  # noqa: TC001  a struct's fields are looked up when it is used
from mockleo.runtime.clock import LATEST_MS

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockleo.runtime.clock import Mode

Form = TypeVar("Form")

_Count = Annotated[int, msgspec.Meta(ge=0, lt=1 << 53)]
_Number = Annotated[int, msgspec.Meta(ge=1, lt=1 << 53)]

_NAMED = re.compile(r"Object (?P<how>contains unknown|missing required) field `(?P<name>[^`]*)`", re.DOTALL)
_OURS = re.compile(r"(?P<name>[a-z_]+): (?P<what>.+)", re.DOTALL)


class BadPlan(ValueError):
    """An export that no plan can be made of; the message begins with the field's path."""

    def __init__(self, path: str, what: str) -> None:
        super().__init__(f"{path}: {what}")


class ActiveForm(msgspec.Struct, forbid_unknown_fields=True):
    """A fault in force; what it is, is read by itself."""

    fault: dict[str, Any]
    added_ms: Annotated[int, msgspec.Meta(ge=0, le=LATEST_MS)]
    fired: _Count
    counts: dict[str, _Count]


class CallForm(msgspec.Struct, forbid_unknown_fields=True):
    """A logical call that has failed and may come again."""

    place: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")]
    operation: str
    user_id: str
    attempt: _Number
    numbers: dict[str, _Number]
    fired: dict[str, _Number]


class _Told(msgspec.Struct, forbid_unknown_fields=True):
    added: _Count
    active: list[ActiveForm]
    open: list[CallForm]


class PlanForm(msgspec.Struct):
    """A whole plan; `faults` are those of `active`, in the same order."""

    added: int
    active: list[ActiveForm]
    open: list[CallForm]
    faults: list[Fault]


def read(data: object, *, kinds: Any, mode: Mode, check: Callable[[Fault], None]) -> PlanForm:
    """`data` as a plan whose faults can be in force, as `check` and a clock of that mode have it."""
    told = formed(data, _Told, path="faults")
    faults: dict[str, Fault] = {}
    for nth, each in enumerate(told.active):
        path = f"faults.active.{nth}.fault"
        fault: Fault = formed(each.fault, kinds, path=path)
        if not fault.id:
            raise BadPlan(f"{path}.id", "is needed")
        if fault.id in faults:
            raise BadPlan(f"{path}.id", f"{fault.id!r} is in force already")
        try:
            check(fault)
            fault.check(mode)
        except ValueError as error:
            raise BadPlan(f"{path}.{str(error).partition(': ')[0]}", str(error).partition(": ")[2]) from None
        faults[fault.id] = fault
    places = set()
    for nth, call in enumerate(told.open):
        path = f"faults.open.{nth}"
        if call.place in places:
            raise BadPlan(f"{path}.place", "is another call's as well")
        places.add(call.place)
        for name, of in (("numbers", call.numbers), ("fired", call.fired)):
            for fault_id in of:
                if fault_id not in faults:
                    raise BadPlan(f"{path}.{name}", f"no fault {fault_id!r} is in force")
    return PlanForm(told.added, told.active, told.open, list(faults.values()))


def formed(data: object, form: type[Form], *, path: str) -> Form:
    """`data` in this form; else BadPlan says where, below `path`, it is not."""
    try:
        return msgspec.convert(data, form)
    except (msgspec.ValidationError, RecursionError, OverflowError) as error:
        what, _, place = str(error).partition(" - at `$")
    steps = [path, *(step for step in re.split(r"[.\[\]]+", place.rstrip("`")) if step)]
    if named := _NAMED.match(what):
        steps.append(named["name"])
        what = "is needed" if named["how"] == "missing required" else "there is no such field"
    elif not place and (ours := _OURS.match(what)):
        steps.append(ours["name"])
        what = ours["what"]
    raise BadPlan(".".join(step for step in steps if step), what)
