"""The API key stands in a URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.evidence import MASK
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """The record masks keys; in the path or the query of a call to the API none belongs."""
    shown = [
        call
        for call in evidence.calls
        if not call.operation.startswith("s3.") and MASK in f"{call.exchange.path}?{call.exchange.query}"
    ]
    if shown:
        first = shown[0].exchange
        yield CHECK.found(
            f"Exchange {first.n} has a key in its URL: {first.path}{'?' if first.query else ''}{first.query}."
            f" {len(shown)} such calls in all.",
            at_ms=first.at_ms,
            calls=tuple(shown[:3]),
        )


CHECK = Check(
    name="key-in-url",
    severity=Severity.CRITICAL,
    title="The key in a URL",
    why="URLs are written down on their way: in logs of proxies, in histories, in reports. Whoever reads"
    " them can spend the account's credits.",
    fix="Send the key in the header Authorization: Bearer KEY, and nowhere else. Replace the key that was"
    " shown.",
    look=look,
)
