"""The client asks at the same interval however long the job takes."""

from __future__ import annotations

from itertools import pairwise
from statistics import mean, pstdev
from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.evidence import ENDED
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Many looks at one job, evenly spaced from the first to the last."""
    for job in evidence.jobs.values():
        good = [call for call in job.polls if call.succeeded and job.state_at(call.at_ms) not in ENDED]
        waits_ms = [next_.at_ms - one.at_ms for one, next_ in pairwise(good)]
        if len(waits_ms) < CHECK.threshold(evidence, "times") or mean(waits_ms) == 0:
            continue
        # Who has reached the most that he waits had begun with less.
        grown = mean(waits_ms[-3:]) / max(1, mean(waits_ms[:2]))
        if pstdev(waits_ms) / mean(waits_ms) < _EVEN and grown < _GROWN:
            yield CHECK.found(
                f"Job {job.id} was asked for {len(good)} times, every {mean(waits_ms) / 1000:.1f} s, from"
                " the first"
                " look to the last.",
                at_ms=good[-1].at_ms,
                calls=(good[0], good[-1]),
                jobs=(job,),
            )


# How much of their mean the waits may differ, timers being what they are, and by how much they
# must grow from the first to the last.
_EVEN = 0.2
_GROWN = 1.2

CHECK = Check(
    name="polls-flat",
    severity=Severity.NOTE,
    title="Polls at a fixed interval",
    why="A long job is asked for as often as a short one, and many clients that began together ask together.",
    fix="Let the interval grow with the time waited, up to some 15 s, and add a little chance.",
    look=look,
    thresholds={"times": 8},
)
