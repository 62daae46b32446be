"""The client goes on asking for a job that it has been shown to be COMPLETE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Looks at a finished job beyond those that reading its result needs."""
    most = CHECK.threshold(evidence, "looks")
    for job in evidence.jobs.values():
        shown = next(
            (seen for seen in job.sightings if seen.state == "COMPLETE" and seen.how == "poll"), None
        )
        if shown is None:
            continue
        after = [call for call in job.polls if call.at_ms > shown.at_ms]
        if len(after) > most and not evidence.has_variations(job):
            yield CHECK.found(
                f"Job {job.id} was shown as COMPLETE in exchange {shown.number}, and the client asked"
                f" {len(after)} times more.",
                at_ms=after[0].at_ms,
                calls=(evidence.by_number[shown.number], *after[:3]),
                jobs=(job,),
            )


CHECK = Check(
    name="polls-past-end",
    severity=Severity.MINOR,
    title="Polls what is finished",
    why="Each look counts against the limit of calls a minute, and a finished job does not change any more.",
    fix="Leave the loop at COMPLETE, and keep the answer.",
    look=look,
    thresholds={"looks": 3},
)
