"""The receiver's own webhooks are refused as if they were a stranger's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.receiving import sent
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Deliveries with the right bearer that were answered with 401 or 403."""
    wrong = [one for one in sent(evidence) if not one.is_foreign and one.attempt.status in {401, 403}]
    if wrong:
        first = wrong[0]
        yield CHECK.found(
            f"Webhook {first.delivery.n} had the right bearer and was answered with {first.attempt.status}.",
            at_ms=first.attempt.at_ms,
            jobs=tuple(
                evidence.jobs[one.delivery.job_id]
                for one in wrong[:1]
                if one.delivery.job_id in evidence.jobs
            ),
            deliveries=tuple(one.delivery.n for one in wrong[:3]),
        )


CHECK = Check(
    name="receiver-wants-key-in-body",
    severity=Severity.MINOR,
    title="Looks for its key in the body",
    why="Newer payloads do not have it there, and are refused.",
    fix="Compare the header Authorization, which every webhook has.",
    look=look,
)
