"""The client never stops asking for a job that does not come to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """The client had to be stopped, and was still asking for a job that had not ended."""
    if evidence.client.exit_code is not None:
        return
    for job in evidence.jobs.values():
        last = job.last_poll
        if last is None or job.ended_ms is not None:
            continue
        looked_ms = last.at_ms - job.polls[0].at_ms
        if evidence.client.ended_ms - last.at_ms > CHECK.threshold(evidence, "still_s") * 1000:
            continue
        if looked_ms >= CHECK.threshold(evidence, "patience_s") * 1000:
            yield CHECK.found(
                f"The client asked for job {job.id} {len(job.polls)} times in {looked_ms / 1000:.0f} s and"
                " would"
                " have gone on: it was stopped. The job never came to its end.",
                at_ms=last.at_ms,
                calls=(job.polls[0], last),
                jobs=(job,),
            )


CHECK = Check(
    name="polls-without-end",
    severity=Severity.MAJOR,
    title="Waits for ever",
    why="A job that is stuck keeps the client, its process and its user waiting, and counts against the"
    " limits.",
    fix="Give each job a deadline by the kind of job it is. When it is over, say so and keep the id.",
    look=look,
    thresholds={"patience_s": 300, "still_s": 120},
)
