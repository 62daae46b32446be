"""Can the body be read as JSON, in one way only?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.conformance.checks.seen import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.conformance.checks.promise import Promise
    from mockleo.conformance.checks.seen import Seen

_EXPECTED = "every answer is one JSON value in UTF-8 (documented; source: OAS)"


def json_readable(promise: Promise, seen: Seen) -> Iterator[Wrong]:
    """A body is whole, is UTF-8, is JSON, and says nothing twice."""
    if seen.is_html:
        return
    if not seen.answer.body:
        if seen.answer.status not in {204, 304} and seen.request.method != "HEAD":
            yield Wrong(
                message="the answer has no body",
                expected=_EXPECTED,
                fix="who ends the answer before its body: the application, or something in between",
            )
        return
    if seen.unreadable:
        yield Wrong(
            message=f"the answer's body {seen.unreadable}",
            expected=_EXPECTED,
            fix="how the body is written; whether it is cut off, or compressed without being asked",
        )
    elif seen.doubled:
        yield Wrong(
            message="an object of the answer has the same key twice",
            expected="an object's keys differ: clients read either of the two (documented; RFC 8259)",
            fix="how the object is written",
            value=", ".join(seen.doubled),
        )
