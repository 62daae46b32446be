"""Are the headers of an answer in order?"""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from mockleo.conformance.checks.seen import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.conformance.checks.promise import Promise
    from mockleo.conformance.checks.seen import Seen

# They cannot be told twice.
_ONCE = ("content-type", "content-length", "date", "x-request-id")


def headers_sound(promise: Promise, seen: Seen) -> Iterator[Wrong]:
    """A length that is true, a date, an id to ask the vendor with, and nothing twice."""
    names = [name for name, _ in seen.answer.headers]
    for name in _ONCE:
        if len({value for known, value in seen.answer.headers if known == name}) > 1:
            yield _wrong(f"the header {name} is there twice, and differs")
    length = seen.answer.header("content-length")
    size = len(seen.answer.body)
    if length is not None and "content-encoding" not in names and length != str(size):
        yield _wrong("content-length is not the length of the body", f"{length}, and it has {size} bytes")
    date = seen.answer.header("date")
    if date is None:
        yield _wrong("there is no date")
    elif not _is_date(date):
        yield _wrong("the date is none", date)
    if not seen.is_html and not (seen.answer.header("x-request-id") or "").strip():
        yield Wrong(
            message="there is no x-request-id",
            expected="every answer of the API has an id of its own (observed; source: src 62155717861)",
            fix="the headers of the answer: without the id nobody finds a call in the vendor's logs",
        )


def _wrong(message: str, value: str = "") -> Wrong:
    return Wrong(
        message=message,
        expected="headers as RFC 9110 has them (documented)",
        fix="what writes the headers: the application, its server or a proxy",
        value=value,
    )


def _is_date(text: str) -> bool:
    try:
        parsedate_to_datetime(text)
    except ValueError:
        return False
    return True
