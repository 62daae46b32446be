"""A webhook is answered late."""

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
    """Answers that took seconds."""
    wrong = [
        one
        for one in sent(evidence)
        if one.attempt.status is not None and one.attempt.ended_ms - one.attempt.at_ms >= slow_ms(evidence)
    ]
    if wrong:
        first = wrong[0]
        yield CHECK.found(
            f"Webhook {first.delivery.n} was answered after"
            f" {(first.attempt.ended_ms - first.attempt.at_ms) / 1000:.1f} s. {len(wrong)} such answers"
            " in all.",
            at_ms=first.attempt.at_ms,
            jobs=tuple(
                evidence.jobs[one.delivery.job_id]
                for one in wrong[:1]
                if one.delivery.job_id in evidence.jobs
            ),
            deliveries=tuple(one.delivery.n for one in wrong[:3]),
        )


def slow_ms(evidence: Evidence) -> float:
    """From when on an answer is slow; what takes some real milliseconds takes many of a client's
    that lives faster.
    """
    return max(CHECK.threshold(evidence, "slow_ms"), _REAL_MS * evidence.client.speed)


_REAL_MS = 250

CHECK = Check(
    name="receiver-slow",
    severity=Severity.MINOR,
    title="The receiver answers slowly",
    why="The sender waits for ten seconds, and takes what comes later for a failure.",
    fix="Note the webhook, answer at once with 204, and do the work afterwards.",
    look=look,
    thresholds={"slow_ms": 4_000},
)
