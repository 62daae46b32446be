"""A payload of the other generation breaks the receiver."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.receiving import Sent, sent
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Deliveries in the other form that were not taken, but for 401 and 403."""
    wrong = [
        one
        for one in sent(evidence)
        if not one.is_foreign and "webhook-other-payload" in one.kinds and _failed(one)
    ]
    if wrong:
        first = wrong[0]
        yield CHECK.found(
            f"Webhook {first.delivery.n} had the other generation of the payload and was answered with"
            f" {first.attempt.status or first.attempt.error}.",
            at_ms=first.attempt.at_ms,
            jobs=tuple(
                evidence.jobs[one.delivery.job_id]
                for one in wrong[:1]
                if one.delivery.job_id in evidence.jobs
            ),
            deliveries=tuple(one.delivery.n for one in wrong[:3]),
        )


def _failed(one: Sent) -> bool:
    """Whether it was answered with an error that is not about who has sent it."""
    return not one.was_taken and one.attempt.status not in {401, 403} and one.attempt.error != "timeout"


CHECK = Check(
    name="receiver-breaks-on-other-payload",
    severity=Severity.MINOR,
    title="The other generation of the payload breaks it",
    why="The service has sent two forms of it (2023 and 2026), and may send a third.",
    fix="Read what you need (the event's type, the job's id, its status) and leave the rest alone; fetch"
    " the job for all else.",
    look=look,
)
