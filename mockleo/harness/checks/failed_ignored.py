"""The client was told FAILED, and went on asking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Looks at a job after one that has shown FAILED; one more is let pass."""
    most = CHECK.threshold(evidence, "looks")
    for job in evidence.jobs.values():
        shown = job.shown_by_poll("FAILED")
        if shown is None:
            continue
        after = [call for call in job.polls if call.at_ms > shown.at_ms]
        if len(after) > most:
            yield CHECK.found(
                f"Job {job.id} was shown as FAILED in exchange {shown.number}, and the client asked"
                f" {len(after)} times more. A job that has failed stays so.",
                at_ms=after[0].at_ms,
                calls=(evidence.by_number[shown.number], *after[:3]),
                jobs=(job,),
            )


CHECK = Check(
    name="failed-ignored",
    severity=Severity.MAJOR,
    title="FAILED is not noticed",
    why="The user waits for something that will never come, and is not told that it has failed and was"
    " paid back.",
    fix="Stop at every status that is not PENDING. On FAILED say so, with the id, and order anew only if the"
    " user wants it.",
    look=look,
    thresholds={"looks": 1},
)
