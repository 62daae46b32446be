"""Is the answer in its envelope: one object with the operation's own key, and no other?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.conformance.checks.seen import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.conformance.checks.promise import Promise
    from mockleo.conformance.checks.seen import Seen


def envelope(promise: Promise, seen: Seen) -> Iterator[Wrong]:
    """Clients read `body[root]`; with another key they find nothing, and the job's id is lost."""
    operation, body = seen.operation, seen.body
    assert operation is not None, "an envelope belongs to an operation"
    if seen.unreadable or not seen.answer.body or seen.is_refusal:
        return
    expected = f'an object with the key "{operation.root}" alone {promise.evidence(operation)}'
    fix = "what is written around the answer"
    if type(body) is not dict:
        yield Wrong(message=f"the answer is no object, but {_named(body)}", expected=expected, fix=fix)
        return
    if operation.root not in body:
        yield Wrong(
            message=f'the key "{operation.root}" around the answer is missing',
            expected=expected,
            fix=fix,
            value=", ".join(body),
        )
    elif more := sorted(body.keys() - {operation.root}):
        yield Wrong(
            message=f'beside "{operation.root}" there are other keys around the answer',
            expected=expected,
            fix=fix,
            value=", ".join(more),
        )


def _named(value: object) -> str:
    match value:
        case None:
            return "null"
        case list():
            return "a list"
        case str():
            return "a text"
        case _:
            return "a number or a boolean"
