"""The client says that all went well, and it did not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """It ended with 0 where it could not have brought about what it was to. Who has brought about
    more than that, because he ordered anew what had FAILED, is right.
    """
    client, wanted = evidence.client, evidence.scenario.client.jobs
    collected = sum(job.collected is not None for job in evidence.jobs.values())
    if wanted is not None and collected > wanted and any(j.state == "FAILED" for j in evidence.jobs.values()):
        return
    if evidence.scenario.client.exit == "nonzero" and client.exit_code == 0:
        failed = [job for job in evidence.jobs.values() if job.state == "FAILED"]
        yield CHECK.found(
            "The client ended with 0, as if all had gone well."
            + (f" {len(failed)} of its jobs have FAILED." if failed else " It could not have."),
            at_ms=client.ended_ms,
            jobs=tuple(failed[:3]),
        )


CHECK = Check(
    name="false-success",
    severity=Severity.MAJOR,
    title="Says it went well, and it did not",
    why="Whoever starts the client goes by its exit code, and goes on without the result.",
    fix="End with something else than 0 when a job has failed or could not be ordered, and say which and"
    " why.",
    look=look,
)
