"""Is a page no longer than was asked for?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockleo.conformance.checks.seen import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.conformance.checks.promise import Operation, Promise
    from mockleo.conformance.checks.seen import Seen

# Of a connection, where nothing was asked. Source: OAS.
_FIRST = 10


def page_bounded(promise: Promise, seen: Seen) -> Iterator[Wrong]:
    """`limit` rows at most, ten where nothing is said; `first` or `last` of a connection."""
    operation, content = seen.operation, seen.content
    if operation is None:
        return
    if type(content) is list and "limit" in operation.known:
        rows, most = content, _asked(seen, operation, ("limit",), operation.defaults.get("limit"))
    elif type(content) is dict and type(content.get("edges")) is list:
        rows, most = content["edges"], _asked(seen, operation, ("first", "last"), _FIRST)
    else:
        return
    if most is not None and len(rows) > most:
        yield Wrong(
            message="a page has more rows than were asked for",
            expected=f"{most} rows at most {promise.evidence(operation)}",
            fix="where the list is cut: are `limit`, `first` and `last` looked at?",
            value=f"{len(rows)} rows",
        )


def _asked(seen: Seen, operation: Operation, names: tuple[str, ...], default: Any) -> int | None:
    """How many rows were asked for; None where that cannot be told."""
    most: int | None = default if type(default) is int else None
    for name in names:
        told = [each[name] for each in (seen.query, seen.sent or {}) if name in each]
        if len(told) > 1:
            return None
        if told and told[0] not in (None, "") and name in operation.known:
            try:
                most = int(told[0])
            except (TypeError, ValueError, OverflowError):
                return None
    return most
