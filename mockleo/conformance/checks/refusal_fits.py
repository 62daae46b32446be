"""Is a "no" true: does what it says hold for the call that it answers?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mockleo.conformance.checks import refusals
from mockleo.conformance.checks.promise import graded_as
from mockleo.conformance.checks.seen import Wrong

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mockleo.conformance.checks.promise import Operation, Promise
    from mockleo.conformance.checks.refusals import Match
    from mockleo.conformance.checks.seen import Seen

# As loose as databases are: braces, dashes and letters in any way.
_UUID = re.compile(r"\{?[0-9a-fA-F]{4}-?(?:[0-9a-fA-F]{4}-?){6}[0-9a-fA-F]{4}\}?")


def refusal_fits(promise: Promise, seen: Seen) -> Iterator[Wrong]:
    """A client corrects what it is told: a false reason sends it the wrong way."""
    operation = seen.operation
    if operation is None or seen.unreadable or not seen.answer.body:
        return
    refusal = refusals.told(seen.answer.status, seen.answer.body, seen.body, is_html=seen.is_html)
    for match in refusals.matches(promise.rows, refusal):
        lie = _LIES.get(match.row.name)
        if lie is None or refusals.differences(match.row, refusal):
            continue
        why_not = lie(match.facts, operation, seen)
        if why_not:
            yield Wrong(
                message=f'the refusal "{match.row.name}" does not fit the call: {why_not}',
                expected=f"{match.row.wording} {graded_as(match.row.evidence, match.row.source)}",
                fix="what is looked at before this refusal is given",
                value=_value(match),
            )
        return


def _value(match: Match) -> str:
    return ", ".join(f"{name}={value[:80]}" for name, value in match.facts.items())


def _unexpected(facts: Mapping[str, str], operation: Operation, seen: Seen) -> str:
    name = facts["name"]
    if name in operation.known:
        return "the operation has this variable"
    if name not in seen.query and seen.sent is not None and name not in seen.sent:
        return "the call has no such variable"
    return ""


def _missing(facts: Mapping[str, str], operation: Operation, seen: Seen) -> str:
    name = facts["name"]
    if name not in operation.known:
        return "the operation has no such variable"
    if name not in operation.needed:
        return "the operation does not need this variable"
    if seen.sent is not None and seen.sent.get(name) is not None and name not in seen.query:
        return "the call has this variable"
    return ""


def _malformed_id(facts: Mapping[str, str], operation: Operation, seen: Seen) -> str:
    return "the id is a UUID" if _UUID.fullmatch(facts["value"]) else ""


def _no_key(facts: Mapping[str, str], operation: Operation, seen: Seen) -> str:
    key = (seen.header("authorization") or "").rpartition(" ")[2]
    return "the key is shaped like one" if _UUID.fullmatch(key) else ""


def _allowed(facts: Mapping[str, str], operation: Operation, seen: Seen) -> str:
    return "the operation has this method"


def _nowhere(facts: Mapping[str, str], operation: Operation, seen: Seen) -> str:
    return "the operation has this path"


def _model_id(facts: Mapping[str, str], operation: Operation, seen: Seen) -> str:
    model = (seen.sent or {}).get("modelId")
    return "the model's id is a UUID" if isinstance(model, str) and _UUID.fullmatch(model) else ""


# Row of errors.toml -> why it cannot be true of a call; empty where it can.
_LIES: Mapping[str, Callable[[Mapping[str, str], Operation, Seen], str]] = {
    "unexpected-variable": _unexpected,
    "missing-variable": _missing,
    "malformed-uuid": _malformed_id,
    "malformed-key": _no_key,
    "method-not-allowed": _allowed,
    "endpoint-not-found": _nowhere,
    "model-id-malformed": _model_id,
}
