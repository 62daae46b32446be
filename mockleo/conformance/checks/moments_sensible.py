"""Do moments follow one another, and is none of them still to come?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from mockleo.conformance.checks.seen import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.conformance.checks.promise import Promise
    from mockleo.conformance.checks.seen import Seen

# Clocks of two machines differ; a zone that was taken for another makes up to 14 hours.
_SLACK = timedelta(minutes=10)
_EXPECTED = "moments are in UTC, and of what has happened (observed; source: REC)"


def moments_sensible(promise: Promise, seen: Seen) -> Iterator[Wrong]:
    """What was made was made before it was answered, and changed no earlier than it was made."""
    now = None if _is_catalogue(seen) else _date(seen.answer.header("date"))
    for field in seen.fields:
        if field.name in {"createdAt", "updatedAt"} and now is not None:
            at = _moment(field.value)
            if at is not None and at > now + _SLACK:
                yield Wrong(
                    message=f"{field.where} is later than the answer itself",
                    expected=_EXPECTED,
                    fix="which clock and which zone the moment is taken from",
                    value=f"{field.value}, answered at {now.isoformat()}",
                )
    yield from _changed_before_made(seen.content, "" if seen.operation is None else seen.operation.root)


def _is_catalogue(seen: Seen) -> bool:
    """What the platform has made long ago: an emulated clock may stand before that."""
    return seen.operation is not None and seen.operation.path.startswith("/blueprints")


def _changed_before_made(node: Any, where: str) -> Iterator[Wrong]:
    if type(node) is list:
        for item in node:
            yield from _changed_before_made(item, f"{where}[]")
    elif type(node) is dict:
        made, changed = _moment(node.get("createdAt")), _moment(node.get("updatedAt"))
        if made is not None and changed is not None and changed < made:
            yield Wrong(
                message=f"{where} was changed before it was made",
                expected="updatedAt is no earlier than createdAt (inferred; source: OAS)",
                fix="which moments are written here",
                value=f"createdAt {node['createdAt']}, updatedAt {node['updatedAt']}",
            )
        for name, value in node.items():
            yield from _changed_before_made(value, f"{where}.{name}")


def _moment(text: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _date(text: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(text or "")
    except ValueError:
        return None
