"""The API key is sent to the storage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.evidence import MASK
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Call, Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Bearer tokens, and known keys in any header, where the presigned form is all that is needed."""
    sent = [call for call in evidence.uploads if shows_key(call)]
    if sent:
        yield CHECK.found(
            f"Exchange {sent[0].n} ({sent[0].exchange.method} to the storage) carries the API key. The"
            " storage"
            f" answered {sent[0].status}.",
            at_ms=sent[0].at_ms,
            calls=tuple(sent[:3]),
        )


def shows_key(call: Call) -> bool:
    """Whether a call that needs no key carries one."""
    exchange = call.exchange
    masked = any(MASK.encode() in value for value in exchange.headers.values())
    return exchange.scheme.lower() in {"bearer", "-"} or masked


CHECK = Check(
    name="key-to-storage",
    severity=Severity.CRITICAL,
    title="The key sent to the storage",
    why="The storage belongs to somebody else than the API, refuses such an upload (403), and may write"
    " down what it was sent.",
    fix="Post the form by a client of its own, without the API's headers: a presigned form carries its"
    " permission itself.",
    look=look,
)
