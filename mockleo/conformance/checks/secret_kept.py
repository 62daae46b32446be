"""Is the key kept to itself?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mockleo.conformance.checks.seen import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.conformance.checks.promise import Promise
    from mockleo.conformance.checks.seen import Seen

# What every key looks like; words that a test has invented as keys are met by chance. Source: FAQ.
_KEY = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def secret_kept(promise: Promise, seen: Seen) -> Iterator[Wrong]:
    """What a client has shown as its key stands in no answer: answers end up in logs."""
    key = (seen.header("authorization") or "").rpartition(" ")[2]
    if _KEY.fullmatch(key) is None or key.encode() in seen.request.body or key in _asked(seen):
        return
    found = "body" if key.encode() in seen.answer.body else ""
    if not found and any(key in value for _, value in seen.answer.headers):
        found = "headers"
    if found:
        yield Wrong(
            message=f"the key stands in the {found} of the answer",
            expected="no answer tells a key (assumed; no recorded answer does)",
            fix="what of the request is copied into the answer; and have the key replaced",
        )


def _asked(seen: Seen) -> str:
    """The way, where a client may have put its key itself: then it may be told of it."""
    parts = urlsplit(seen.request.url)
    return f"{parts.path}?{parts.query}"
