"""What the client was to bring about is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding, Unsure


def look(evidence: Evidence) -> Iterator[Finding | Unsure]:
    """Where nothing else tells why something is missing.

    A client whose clock was made faster and that had to be stopped may have hung for that alone.
    """
    missing, client = missing_in(evidence), evidence.client
    if missing and client.exit_code is None and client.speed != 1:
        yield CHECK.unsure(
            f"the client had to be stopped while it lived {client.speed:g} times faster; some waits do not"
            " come to their end then (see --speed). Run it without, or slower"
        )
    elif missing:
        yield CHECK.found(f"{'; '.join(missing).capitalize()}.", at_ms=client.ended_ms)


def missing_in(evidence: Evidence) -> list[str]:
    """What of the jobs, the files and the end that the scenario expects is not there, in words."""
    wanted, client = evidence.scenario.client, evidence.client
    missing = []
    collected = [job for job in evidence.jobs.values() if job.collected is not None or job.is_told_at_once]
    if wanted.jobs is not None and len(collected) < wanted.jobs:
        missing.append(f"{len(collected)} of {wanted.jobs} jobs were collected")
    whole = [file for file in client.files if file.is_whole]
    if wanted.files is not None and len(whole) < wanted.files:
        missing.append(f"{len(whole)} of {wanted.files} files were saved whole")
    if wanted.exit == "zero" and client.exit_code != 0:
        how = "had to be stopped" if client.exit_code is None else f"ended with {client.exit_code}"
        missing.append(f"the client {how}")
    return missing


CHECK = Check(
    name="not-brought-about",
    severity=Severity.MAJOR,
    title="The task was not brought about",
    why="In this scenario a careful client comes to its end.",
    fix="Look at what the client printed, and at the last exchanges before it stopped.",
    look=look,
    is_last=True,
)
