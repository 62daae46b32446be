"""A job was collected, and its files were not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Where files are wanted: finished jobs of which nobody has asked for a single one."""
    if not evidence.scenario.client.files or any(call.refusal == "no-such-asset" for call in evidence.assets):
        # Files that are looked for in the wrong place have their own check.
        return
    for job in evidence.jobs.values():
        shown = job.collected is not None and job.kind == "Generation"
        if not shown or evidence.is_input(job) or evidence.was_deleted(job):
            continue
        if not any(job.id in asset.exchange.path for asset in evidence.assets):
            yield CHECK.found(
                f"Job {job.id} was shown as COMPLETE, and no file of it was ever asked for.",
                at_ms=job.collected.at_ms if job.collected is not None else job.booked_ms,
                jobs=(job,),
                credits=job.cost,
            )


CHECK = Check(
    name="asset-not-fetched",
    severity=Severity.MINOR,
    title="Files that were never fetched",
    why="What the job has made stays behind, and is gone some day.",
    fix="Fetch every URL of a finished job, and keep the bytes.",
    look=look,
)
