"""The client stopped looking at a job that came to its end soon after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """The last look was answered as it should, and said PENDING; then nobody looked again."""
    if evidence.client.exit_code is None:
        # It was stopped, and might have looked again.
        return
    patience_ms = CHECK.threshold(evidence, "patience_s") * 1000
    for job in evidence.jobs.values():
        last = job.last_poll
        if last is None or job.state != "COMPLETE" or job.collected is not None or job.ended_ms is None:
            continue
        if job.shown_in(last) != "PENDING" or last.exchange.faults or evidence.was_deleted(job):
            continue
        if evidence.was_ordered_again(job):
            # It was paid twice, which says more.
            continue
        if job.images_shown_by(last) or job.ended_ms - job.booked_ms > patience_ms:
            continue
        yield CHECK.found(
            f"The client looked at job {job.id} for the last time"
            f" {(last.at_ms - job.booked_ms) / 1000:.0f} s after"
            f" it was booked, and saw it PENDING. It was COMPLETE after"
            f" {(job.ended_ms - job.booked_ms) / 1000:.0f} s; {job.cost} credits bought nothing.",
            at_ms=last.at_ms,
            calls=(last,),
            jobs=(job,),
            credits=job.cost,
        )


CHECK = Check(
    name="gave-up-early",
    severity=Severity.MAJOR,
    title="Gave up before the job was done",
    why="The job goes on without its client, ends, and has been paid for.",
    fix="Wait as long as the slowest kind of job takes (videos and trainings: many minutes). When the"
    " patience ends,"
    " keep the id and say so: the result can be fetched later.",
    look=look,
    thresholds={"patience_s": 600},
)
