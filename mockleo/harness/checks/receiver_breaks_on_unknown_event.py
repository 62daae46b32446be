"""An event of a new type breaks the receiver."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.checks.receiver_dies import look as dies
from mockleo.harness.receiving import Sent, sent
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Deliveries of an unknown type that were not taken, but for 401 and 403."""
    wrong = [
        one
        for one in sent(evidence)
        if not one.is_foreign and "webhook-unknown-type" in one.kinds and _failed(one)
    ]
    # One that dies of it is found as that.
    if wrong and not any(dies(evidence)):
        first = wrong[0]
        yield CHECK.found(
            f"Webhook {first.delivery.n} was of a type that is not known yet, and was answered with"
            f" {first.attempt.status or first.attempt.error}.",
            at_ms=first.attempt.at_ms,
            jobs=tuple(
                evidence.jobs[one.delivery.job_id]
                for one in wrong[:1]
                if one.delivery.job_id in evidence.jobs
            ),
            deliveries=tuple(one.delivery.n for one in wrong[:3]),
        )


def _failed(one: Sent) -> bool:
    """Whether it was answered with an error that is not about who has sent it. Where nobody listens,
    nothing breaks.
    """
    if one.was_taken or one.attempt.status in {401, 403}:
        return False
    return one.attempt.error not in {"timeout", "connection refused"}


CHECK = Check(
    name="receiver-breaks-on-unknown-event",
    severity=Severity.MINOR,
    title="An unknown event breaks it",
    why="New kinds of events come without notice.",
    fix="Answer 2xx to events that you do not know, and do nothing.",
    look=look,
)
