"""The receiver is gone, and its client is still there."""

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
    """Attempts that were refused after others had been answered, while the client was running.

    A receiver that is closed on purpose, when all is collected, is not missed.
    """
    answered = False
    for one in sent(evidence):
        answered = answered or one.attempt.status is not None or one.attempt.error in _DROPPED
        job = evidence.jobs.get(one.delivery.job_id)
        missed = job is not None and (job.collected is None or job.collected.at_ms > one.attempt.at_ms)
        if answered and one.attempt.error == "connection refused" and missed:
            yield CHECK.found(
                f"Webhook {one.delivery.n} found nobody listening any more, though others had been answered.",
                at_ms=one.attempt.at_ms,
                deliveries=(one.delivery.n,),
            )
            return


# An answer that never came, because whoever was about to give it has died.
_DROPPED = frozenset({"reset", "hung up"})


CHECK = Check(
    name="receiver-dies",
    severity=Severity.MAJOR,
    title="The receiver dies",
    why="One bad webhook ends the process, and all later ones are lost.",
    fix="Catch what a webhook's handling raises, answer, and go on listening.",
    look=look,
)
