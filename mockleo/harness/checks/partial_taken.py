"""Some of the images were there, and the client took them for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """The last look was answered, said PENDING, and showed fewer images than the job has brought."""
    for job in evidence.jobs.values():
        last = job.last_poll
        if last is None or job.state != "COMPLETE" or job.collected is not None or not last.succeeded:
            continue
        shown = job.images_shown_by(last)
        if shown:
            yield CHECK.found(
                f"Exchange {last.n} showed {shown} of the images of job {job.id}, and that it was still"
                " PENDING."
                " The client never looked again, and misses the others, which it has paid for.",
                at_ms=last.at_ms,
                calls=(last,),
                jobs=(job,),
                credits=job.cost,
            )


CHECK = Check(
    name="partial-taken",
    severity=Severity.MAJOR,
    title="A part taken for the whole",
    why="Images may appear one by one. What is there while the status is PENDING is not all that was paid"
    " for.",
    fix="Go by the status alone: COMPLETE is done, whatever the number of images.",
    look=look,
)
