"""Is the answer about what was asked for?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockleo.conformance.checks.seen import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.conformance.checks.promise import Promise
    from mockleo.conformance.checks.seen import Seen


def answers_what_was_asked(promise: Promise, seen: Seen) -> Iterator[Wrong]:
    """The row with this id, the rows of this user, the caller's own mark."""
    operation, content = seen.operation, seen.content
    if operation is None or content is None:
        return
    asked = seen.in_path
    rows = content if type(content) is list else [content]
    # A connection holds other things than the one that was asked for.
    is_connection = type(content) is dict and "edges" in content
    if operation.path.endswith("/{id}") and not is_connection:
        yield from _unlike(rows, ("id", "akUUID"), asked["id"], "id")
    if "userId" in asked:
        yield from _unlike(rows, ("userId",), asked["userId"], "user")
    mark = (seen.sent or {}).get("requestTimestamp")
    if type(mark) is str and type(content) is dict and content.get("requestTimestamp", mark) != mark:
        yield _wrong("the caller's own mark, requestTimestamp, comes back as another", mark)


def _unlike(rows: list[Any], names: tuple[str, ...], asked: str, noun: str) -> Iterator[Wrong]:
    for row in rows:
        for name in names:
            if type(row) is dict and type(row.get(name)) in {str, int} and str(row[name]) != asked.lower():
                yield _wrong(f"the answer is about another {noun} than was asked for", str(row[name]))
                return


def _wrong(message: str, value: str) -> Wrong:
    return Wrong(
        message=message,
        expected="what the path names, or null where there is none (inferred; source: HAS)",
        fix="how rows are looked up",
        value=value,
    )
