"""A file could not be fetched at once, and was given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Fetches that failed for a while, and were not tried again. Where what came instead of the file
    was kept for it, that is worse, and told by another check.
    """
    client = evidence.client
    if client.exit_code == 0 and any(not file.is_whole for file in client.files):
        return
    failing = evidence.faults_of("asset-status")
    for fetches in evidence.attempts.values():
        last = fetches[-1]
        if last.operation != "cdn.get" or any(call.succeeded for call in fetches):
            continue
        if any(
            job.id in last.exchange.path and evidence.was_ordered_again(job) for job in evidence.jobs.values()
        ):
            # It was paid twice, which says more.
            continue
        if failing & set(last.exchange.faults) and len(fetches) <= CHECK.threshold(evidence, "attempts"):
            yield CHECK.found(
                f"Exchange {last.n} was to bring a file of a finished job and was answered with"
                f" {last.status}. The client"
                f" gave it up after {len(fetches)} {'attempt' if len(fetches) == 1 else 'attempts'}.",
                at_ms=last.at_ms,
                calls=tuple(fetches),
            )
            return


CHECK = Check(
    name="asset-not-retried",
    severity=Severity.MINOR,
    title="A file is given up at once",
    why="Files may come some seconds later than the job says that it is COMPLETE.",
    fix="Try again for a minute or so when a file is not there yet (403, 404) or the CDN is in trouble"
    " (5xx).",
    look=look,
    thresholds={"attempts": 2},
)
