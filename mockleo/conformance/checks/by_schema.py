"""Is what stands in an answer of the kinds that the contract's schema names?

One look at the schema serves five checks: what is missing, what is not known, what is no id, what
is no moment, and what is of another kind.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mockleo.conformance.checks.seen import Wrong

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jsonschema_rs import ValidationError

    from mockleo.conformance.checks.promise import Operation, Promise
    from mockleo.conformance.checks.seen import Seen

ID = re.compile(r"(?:^|_)(?:id|uuid)$|(?:Id|ID|UUID)$")
MOMENT = re.compile(r"(?:^created|^updated)At$|RenewalDate$")

_FORMS = frozenset({"pattern", "format"})


def body_conforms(promise: Promise, seen: Seen) -> Iterator[Wrong]:
    """Each value is of the type, and one of the values, that the contract names."""
    return _told(promise, seen, "body_conforms", _of_another_kind)


def fields_there(promise: Promise, seen: Seen) -> Iterator[Wrong]:
    """No field is left out that the contract says is always there: without a value it is null."""
    return _told(promise, seen, "fields_there", _missing)


def fields_known(promise: Promise, seen: Seen) -> Iterator[Wrong]:
    """There is no field that the contract does not name."""
    return _told(promise, seen, "fields_known", _not_known)


def ids_well_formed(promise: Promise, seen: Seen) -> Iterator[Wrong]:
    """Every id is a UUID in small letters, where the contract says it is one."""
    return _told(promise, seen, "ids_well_formed", _no_id)


def moments_well_formed(promise: Promise, seen: Seen) -> Iterator[Wrong]:
    """Every moment is written as the contract has it."""
    return _told(promise, seen, "moments_well_formed", _no_moment)


def _told(
    promise: Promise, seen: Seen, check: str, tell: Callable[[str, Any, str], Wrong]
) -> Iterator[Wrong]:
    operation = seen.operation
    if operation is None or not seen.is_success:
        return
    for error in seen.errors(promise):
        if _check_of(error) == check:
            yield tell(_where(operation, error), error, promise.evidence(operation, error))


def _check_of(error: ValidationError) -> str:
    """Whose business it is."""
    kind = error.kind.name
    name = next((step for step in reversed(error.instance_path) if isinstance(step, str)), "")
    if kind == "required":
        return "fields_there"
    if kind in {"unevaluatedProperties", "additionalProperties"}:
        return "fields_known"
    if kind in _FORMS and ID.search(name):
        return "ids_well_formed"
    if kind in _FORMS and MOMENT.search(name):
        return "moments_well_formed"
    return "body_conforms"


def _where(operation: Operation, error: ValidationError) -> str:
    """The way to the value, without numbers, so that alike are alike."""
    where = operation.root
    for step in error.instance_path:
        where += "[]" if isinstance(step, int) else f".{step}"
    return where


def _missing(where: str, error: Any, evidence: str) -> Wrong:
    name = error.kind.property
    return Wrong(
        message=f"the field {where}.{name} is missing",
        expected=f"{name} is there in every answer; null, where it has no value {evidence}",
        fix="where this object is written: is the field left out when it has no value?",
    )


def _not_known(where: str, error: Any, evidence: str) -> Wrong:
    names = ", ".join(sorted(error.kind.unexpected))
    return Wrong(
        message=f"{where} has fields that the contract does not name: {names}",
        expected=f"the fields that the contract names, and no others {evidence}",
        fix="where this object is written; if the service does send them, the contract is behind it",
    )


def _no_id(where: str, error: Any, evidence: str) -> Wrong:
    return Wrong(
        message=f"{where} is no UUID in small letters",
        expected=f"ids are UUIDs of any version, such as 1f0e6a4d-0c3c-6001-a8e7-8d707a326d1c {evidence}",
        fix="where the id is made or written",
        value=str(error.instance)[:80],
    )


def _no_moment(where: str, error: Any, evidence: str) -> Wrong:
    # One backend writes moments with a zone, the other without.
    zone = "Z" if error.kind.name == "format" else ""
    return Wrong(
        message=f"{where} is not written as moments are",
        expected=f"a moment is as in 2025-03-09T14:14:40.429{zone} {evidence}",
        fix="how moments are written: is there a zone, a blank, a number?",
        value=str(error.instance)[:80],
    )


def _of_another_kind(where: str, error: Any, evidence: str) -> Wrong:
    kind = error.kind
    match kind.name:
        case "type":
            wanted = " or ".join(str(each) for each in kind.types)
            message = f"{where} is {_kind(error.instance)}, not {wanted}"
            expected = f"{where} is of type {wanted}"
        case "enum":
            listed = ", ".join(str(each) for each in kind.options)
            message = f"{where} has a value that the contract does not list"
            expected = f"one of {listed}"
        case name:
            message = f"{where} breaks what the contract says of it ({name})"
            expected = str(error.message)[:300]
    return Wrong(
        message=message,
        expected=f"{expected} {evidence}",
        fix="where this value is written; official SDKs refuse an answer with such a value",
        value=str(error.instance)[:80],
    )


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int():
            return "an integer"
        case float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
        case _:
            return "an object"
