"""A webhook without the receiver's key is taken."""

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
    """Deliveries of strangers that were answered with 2xx."""
    wrong = [
        one
        for one in sent(evidence)
        if one.was_taken and one.kinds & {"webhook-wrong-bearer", "webhook-no-bearer"}
    ]
    if wrong:
        first = wrong[0]
        yield CHECK.found(
            f"Webhook {first.delivery.n} came with the wrong bearer, or none, and was answered with"
            f" {first.attempt.status}.",
            at_ms=first.attempt.at_ms,
            jobs=tuple(
                evidence.jobs[one.delivery.job_id]
                for one in wrong[:1]
                if one.delivery.job_id in evidence.jobs
            ),
            deliveries=tuple(one.delivery.n for one in wrong[:3]),
        )


CHECK = Check(
    name="receiver-takes-wrong-bearer",
    severity=Severity.CRITICAL,
    title="Believes webhooks from anybody",
    why="Whoever knows the address can report jobs as done, with files of his own.",
    fix="Compare the header Authorization with Bearer WEBHOOK_KEY (in constant time) before anything else,"
    " and answer 401.",
    look=look,
)
