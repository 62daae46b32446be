"""Is every row of a list another one?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockleo.conformance.checks.seen import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.conformance.checks.promise import Promise
    from mockleo.conformance.checks.seen import Seen


def rows_distinct(promise: Promise, seen: Seen) -> Iterator[Wrong]:
    """No id stands twice in one list."""
    if seen.operation is None:
        return
    for where, rows in _lists(seen.content, seen.operation.root):
        ids = [each for each in (_id(row) for row in rows) if each is not None]
        if len(set(ids)) < len(ids):
            yield Wrong(
                message=f"{where} has the same row twice",
                expected="a row is identified by its id (inferred; source: HAS)",
                fix="how the list is put together",
                value=str(next(each for each in ids if ids.count(each) > 1)),
            )


def _id(row: Any) -> str | None:
    if type(row) is not dict:
        return None
    inner = row["node"] if type(row.get("node")) is dict else row
    # Elements of a generation are numbered each for itself.
    found = inner.get("id", inner.get("akUUID"))
    return found if type(found) is str else None


def _lists(node: Any, where: str) -> Iterator[tuple[str, list[Any]]]:
    if type(node) is list:
        yield where, node
        for item in node:
            yield from _lists(item, f"{where}[]")
    elif type(node) is dict:
        for name, value in node.items():
            if type(value) is list or type(value) is dict:
                yield from _lists(value, f"{where}.{name}")
