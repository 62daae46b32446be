"""Is a "no" true: does what it says hold for the call that it answers?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mockleo.conformance.checks.promise import graded_as
from mockleo.conformance.checks.refusals import differences, matches, told
from mockleo.conformance.checks.seen import Wrong

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mockleo.conformance.checks.promise import Operation, Promise
    from mockleo.conformance.checks.refusals import Match
    from mockleo.conformance.checks.seen import Seen

Json = Any

# As loose as databases are: braces, dashes and letters in any way.
_UUID = re.compile(r"\{?[0-9a-fA-F]{4}-?(?:[0-9a-fA-F]{4}-?){6}[0-9a-fA-F]{4}\}?")


def refusal_fits(promise: Promise, seen: Seen) -> Iterator[Wrong]:
    """A client corrects what it is told: a false reason sends it the wrong way."""
    operation = seen.operation
    if operation is None or seen.unreadable or not seen.answer.body:
        return
    refusal = told(seen.answer.status, seen.answer.body, seen.body, is_html=seen.is_html)
    known = [match for match in matches(promise.rows, refusal) if not differences(match.row, refusal)]
    reasons = [_why_not(match, operation, promise, seen) for match in known]
    # Two rows may have one text: it is true if either is.
    if known and all(reasons):
        match, why_not = known[0], reasons[0]
        yield Wrong(
            message=f'the refusal "{match.row.name}" does not fit the call: {why_not}',
            expected=f"{match.row.wording} {graded_as(match.row.evidence, match.row.source)}",
            fix="what is looked at before this refusal is given",
            value=", ".join(f"{name}={value[:80]}" for name, value in match.facts.items()),
        )


def _why_not(match: Match, operation: Operation, promise: Promise, seen: Seen) -> str:
    """Why a row cannot be true of a call; empty where it can."""
    row = match.row
    lie, limit = _LIES.get(row.name), _LIMITS.get(row.name)
    why_not = lie(match.facts, operation, seen) if lie is not None else ""
    if not why_not and limit is not None:
        why_not = limit(match.facts, promise.rules, seen)
    if not why_not and row.operations and not row.is_of(operation.id, operation.dialect):
        why_not = f"{operation.id} has nothing to do with it"
    return why_not


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
    scheme, _, key = (seen.header("authorization") or "").partition(" ")
    is_key = scheme.lower() == "bearer" and _UUID.fullmatch(key) is not None
    return "the key is shaped like one" if is_key else ""


def _invalid(facts: Mapping[str, str], operation: Operation, seen: Seen) -> str:
    name = re.match(r"\w+", facts["field"])
    is_known = name is not None and name[0] in operation.named
    return "" if is_known else "the operation has no such variable"


def _allowed(facts: Mapping[str, str], operation: Operation, seen: Seen) -> str:
    return "the operation has this method"


def _nowhere(facts: Mapping[str, str], operation: Operation, seen: Seen) -> str:
    return "the operation has this path"


def _model_id(facts: Mapping[str, str], operation: Operation, seen: Seen) -> str:
    model = (seen.sent or {}).get("modelId")
    return "the model's id is a UUID" if isinstance(model, str) and _UUID.fullmatch(model) else ""


def _too_long(noun: str, field: str) -> Callable[[Mapping[str, str], Json, Seen], str]:
    def limit(facts: Mapping[str, str], rules: Json, seen: Seen) -> str:
        most = int(rules[noun][field]["max"])
        if int(facts["limit"]) != most:
            return f"the contract's limit is {most}"
        prompt = (seen.sent or {}).get("prompt")
        # In the longest way of counting.
        is_short = isinstance(prompt, str) and len(prompt.encode("utf-16-le", "replace")) // 2 <= most
        return "the prompt is not longer" if is_short else ""

    return limit


def _dimensions(facts: Mapping[str, str], rules: Json, seen: Seen) -> str:
    """Only of images, and where even the narrowest of the rules lets both sides through."""
    generation, sent = rules["generation"], seen.sent or {}
    if seen.operation is None or seen.operation.id != "createGeneration":
        return ""
    for name in ("width", "height"):
        row = generation[name]
        most = min(row["max"], generation["side_px_max_alchemy"]["value"])
        side = sent.get(name)
        if side is None:
            side = row["default"]
        if type(side) is not int or not row["min"] <= side <= most or side % row["multiple_of"]:
            return ""
    return "width and height are within the limits"


# Row of errors.toml -> why the contract's numbers do not have it of a call; empty where they do.
_LIMITS: Mapping[str, Callable[[Mapping[str, str], Json, Seen], str]] = {
    "prompt-too-long": _too_long("generation", "prompt"),
    "improve-prompt-too-long": _too_long("prompt_improve", "prompt"),
    "invalid-dimensions": _dimensions,
}

# Row of errors.toml -> why it cannot be true of a call; empty where it can.
_LIES: Mapping[str, Callable[[Mapping[str, str], Operation, Seen], str]] = {
    "unexpected-variable": _unexpected,
    "missing-variable": _missing,
    "invalid-value": _invalid,
    "malformed-uuid": _malformed_id,
    "malformed-key": _no_key,
    "method-not-allowed": _allowed,
    "endpoint-not-found": _nowhere,
    "model-id-malformed": _model_id,
}
