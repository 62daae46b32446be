"""More jobs at once than there are slots for, or than the client may have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Jobs under way at one instant, against the client's own cap, else against the plan's slots.

    Who has more than the slots has jobs that wait; that is seen by their waiting.
    """
    if evidence.queue_refusals:
        # That the queue was filled to the last place says it all.
        return
    cap = evidence.scenario.client.in_flight_most
    most, at_ms = evidence.most_in_flight()
    if cap is not None:
        if most > cap:
            yield CHECK.found(f"{most} jobs were under way at once, {cap} were to be.", at_ms=at_ms)
        return
    waiting = [job for job in evidence.jobs.values() if job.waited_ms > 0]
    if waiting:
        yield CHECK.found(
            f"{len(waiting)} jobs had to wait in the queue, up to"
            f" {max(job.waited_ms for job in waiting) / 1000:.0f} s: {most} were under way at once, more"
            " than the"
            " plan has slots for.",
            at_ms=waiting[0].booked_ms,
            jobs=tuple(waiting[:3]),
        )


CHECK = Check(
    name="too-many-in-flight",
    severity=Severity.MINOR,
    title="More jobs at once than slots",
    why="Jobs beyond the slots wait, count against the queue, and stand in the way of whoever shares the"
    " account.",
    fix="Order no more at once than the plan has slots for; order the next one when one has ended.",
    look=look,
)
