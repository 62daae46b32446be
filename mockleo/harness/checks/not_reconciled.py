"""A webhook did not come, and nobody has looked at the job instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence, Job
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Jobs whose webhook was lost, or came as a stranger's, and that were never looked at."""
    if evidence.client.exit_code is None and evidence.client.receiver is None:
        return
    for job in evidence.jobs.values():
        if job.state == "FAILED" or job.collected is not None or not relied_on_webhook(evidence, job):
            continue
        yield CHECK.found(
            f"The webhook for job {job.id} never came, and the client has not looked at the job instead."
            " It is"
            f" {job.state}; {job.cost} credits bought nothing.",
            at_ms=job.ended_ms or job.booked_ms,
            jobs=(job,),
            deliveries=tuple(delivery.n for delivery in job.deliveries),
            credits=job.cost,
        )


def relied_on_webhook(evidence: Evidence, job: Job) -> bool:
    """Whether the client has a receiver, and the job's webhook has not reached it."""
    told = any(seen.how == "webhook" for seen in job.sightings)
    return evidence.client.receiver is not None and bool(job.deliveries) and not told and not job.polls


CHECK = Check(
    name="not-reconciled",
    severity=Severity.MAJOR,
    title="A lost webhook is not noticed",
    why="Webhooks get lost. The job is done and paid for, and nobody fetches it.",
    fix="Look at each job that has not been reported after the time it usually takes (GET"
    " /generations/{id}).",
    look=look,
)
