"""A webhook is never answered."""

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
    """Attempts that ran into the sender's time-out."""
    wrong = [one for one in sent(evidence) if one.attempt.error == "timeout"]
    if wrong:
        first = wrong[0]
        yield CHECK.found(
            f"Webhook {first.delivery.n} was not answered until the sender gave up. {len(wrong)} such"
            " webhooks in all.",
            at_ms=first.attempt.at_ms,
            jobs=tuple(
                evidence.jobs[one.delivery.job_id]
                for one in wrong[:1]
                if one.delivery.job_id in evidence.jobs
            ),
            deliveries=tuple(one.delivery.n for one in wrong[:3]),
        )


CHECK = Check(
    name="receiver-no-answer",
    severity=Severity.MAJOR,
    title="The receiver does not answer",
    why="The sender gives up, and counts the webhook as lost.",
    fix="Answer each request, also in the branches where nothing is to be done.",
    look=look,
)
