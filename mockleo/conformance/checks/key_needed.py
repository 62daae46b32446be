"""Is nobody answered who shows no key?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mockleo.conformance.checks.promise import graded_as
from mockleo.conformance.checks.seen import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.conformance.checks.promise import Promise
    from mockleo.conformance.checks.seen import Seen


# What every key looks like. Source: FAQ.
_KEY = re.compile(r"\{?[0-9a-fA-F]{4}-?(?:[0-9a-fA-F]{4}-?){6}[0-9a-fA-F]{4}\}?")


def key_needed(promise: Promise, seen: Seen) -> Iterator[Wrong]:
    """Without the header Authorization there is one answer, and one to what is no key at all."""
    shown, status = seen.header("authorization"), seen.answer.status
    # Whoever sends more than is read is told so before anybody asks for a key.
    if status == 413:
        return
    if shown is None:
        if status != promise.row("unauthenticated").status:
            yield Wrong(
                message=f"a call without a key is answered with {status}",
                expected="401, before anything else is looked at (observed; source: ERR, src 62155717861)",
                fix="where keys are checked, and whether that comes first",
            )
        return
    scheme, _, key = shown.partition(" ")
    is_none = scheme.lower() == "bearer" and key.strip() != "" and _KEY.fullmatch(key.strip()) is None
    row = promise.row("malformed-key")
    # Whether it is let in is asked elsewhere: an emulator may be told to take any key.
    if is_none and status in {401, 403}:
        yield Wrong(
            message=f"a call with a key that is no UUID is refused with {status}",
            expected=f"{row.status}: {row.wording} {graded_as(row.evidence, row.source)}",
            fix="where keys are checked, and whether that comes first",
        )
