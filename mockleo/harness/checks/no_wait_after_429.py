"""Refused for being too many, and at once there again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.checks.retry_storm import is_storm
from mockleo.harness.trouble import is_throttled, retries
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """The same again within a second of a 429 that did not say how long to wait."""
    soon_ms = CHECK.threshold(evidence, "wait_ms")
    hasty = [
        retry
        for row in retries(evidence)
        if not is_storm(row, evidence)
        for retry in row
        if is_throttled(retry.first) and retry.first.retry_after_ms is None and retry.wait_ms < soon_ms
    ]
    if hasty:
        first = hasty[0]
        yield CHECK.found(
            f"Exchange {first.first.n} was refused with 429 ({first.first.exchange.why}), and"
            f" {first.wait_ms} ms later the same call came again, as exchange {first.again.n}."
            f" {len(hasty)} times in all.",
            at_ms=first.again.at_ms,
            calls=tuple(call for retry in hasty[:2] for call in (retry.first, retry.again)),
        )


CHECK = Check(
    name="no-wait-after-429",
    severity=Severity.MAJOR,
    title="Does not wait after a 429",
    why="The limit is counted by the minute. Who comes again at once is refused again, and takes the place"
    " of the"
    " account's other calls.",
    fix="Wait after each 429: a second at first, then twice as long each time, with some chance in it, up"
    " to a minute.",
    look=look,
    thresholds={"wait_ms": 900},
)
