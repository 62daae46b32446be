"""A forged sender is believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.receiving import sent
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Deliveries with forged addresses that were answered with 2xx, where a plain stranger's was not."""
    wrong = [one for one in sent(evidence) if one.was_taken and "webhook-forged" in one.kinds]
    if wrong:
        first = wrong[0]
        yield CHECK.found(
            f"Webhook {first.delivery.n} had the wrong bearer, and headers that claim another sender; it"
            f" was answered with {first.attempt.status}.",
            at_ms=first.attempt.at_ms,
            jobs=tuple(
                evidence.jobs[one.delivery.job_id]
                for one in wrong[:1]
                if one.delivery.job_id in evidence.jobs
            ),
            deliveries=tuple(one.delivery.n for one in wrong[:3]),
        )


CHECK = Check(
    name="receiver-trusts-address",
    severity=Severity.CRITICAL,
    title="Believes a header that tells the sender's address",
    why="X-Forwarded-For is written by whoever sends the request.",
    fix="Go by the bearer alone. Where a proxy of your own is known, take the address from it, and never"
    " from the request.",
    look=look,
)
