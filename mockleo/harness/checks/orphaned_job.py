"""Booked and charged, and nobody has ever looked at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.checks.not_reconciled import relied_on_webhook
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Jobs that brought a result which the client was never shown, nor ever asked for.

    Who had looked and stopped has given up, which others look for; who ordered the same again
    has paid twice.
    """
    for job in evidence.jobs.values():
        if job.state != "COMPLETE" or job.sightings or job.polls or job.is_told_at_once:
            continue
        if relied_on_webhook(evidence, job) or evidence.was_deleted(job) or evidence.was_ordered_again(job):
            continue
        order = job.order
        if order is not None and not order.succeeded:
            how = "Its answer was lost, and nobody looked whether the job was there."
        else:
            how = "The client was told its id and never asked for it."
        yield CHECK.found(
            f"Job {job.id} was booked and charged ({job.cost} credits) and has its result. {how}",
            at_ms=job.booked_ms,
            calls=(order,) if order is not None else (),
            jobs=(job,),
            credits=job.cost,
        )


CHECK = Check(
    name="orphaned-job",
    severity=Severity.MAJOR,
    title="Paid and never collected",
    why="A job is charged when it is accepted, whether or not anybody fetches what it brings.",
    fix="Write down the id that an order is answered with before anything else, and follow it to its end."
    " After a"
    " lost answer, list the newest generations and take up the job that is there.",
    look=look,
)
