"""Told how long to wait, and there again before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.trouble import retries, tolerance_ms
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """The same again earlier than `Retry-After` has said."""
    early_ms = tolerance_ms(evidence)
    hasty = [
        retry
        for row in retries(evidence)
        for retry in row
        if retry.first.retry_after_ms is not None and retry.wait_ms < retry.first.retry_after_ms - early_ms
    ]
    if hasty:
        first = hasty[0]
        assert first.first.retry_after_ms is not None, "that is what was looked for"
        yield CHECK.found(
            f"Exchange {first.first.n} was refused with {first.first.status} and Retry-After:"
            f" {first.first.exchange.retry_after}. The same call came again {first.wait_ms / 1000:.1f} s"
            " later,"
            f" as exchange {first.again.n}: {(first.first.retry_after_ms - first.wait_ms) / 1000:.1f} s"
            " too early."
            f" {len(hasty)} times in all.",
            at_ms=first.again.at_ms,
            calls=tuple(call for retry in hasty[:2] for call in (retry.first, retry.again)),
        )


CHECK = Check(
    name="retry-after-ignored",
    severity=Severity.MAJOR,
    title="Retry-After is not heeded",
    why="Before that time every call is refused: the attempts are lost, and count.",
    fix="Read Retry-After (seconds, or a date) and wait that long, and a little more.",
    look=look,
)
