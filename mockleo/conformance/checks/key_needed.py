"""Is nobody answered who shows no key?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.conformance.checks.seen import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.conformance.checks.promise import Promise
    from mockleo.conformance.checks.seen import Seen


def key_needed(promise: Promise, seen: Seen) -> Iterator[Wrong]:
    """Without the header Authorization there is one answer: 401, access-denied."""
    if seen.header("authorization") is None and seen.answer.status != 401:
        yield Wrong(
            message=f"a call without a key is answered with {seen.answer.status}",
            expected="401, before anything else is looked at (observed; source: ERR, src 62155717861)",
            fix="where keys are checked, and whether that comes first",
        )
