"""A webhook that comes twice is worked on twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.receiving import sent
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Call, Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """After the second copy: the same asset fetched again, or the same order sent again."""
    for one in sent(evidence):
        if one.delivery.copy_of is None or not one.was_taken:
            continue
        again = _again(evidence, one.delivery.job_id, one.attempt.at_ms)
        if again is not None:
            yield CHECK.found(
                f"Webhook {one.delivery.n} is the same as webhook {one.delivery.copy_of}; after it the"
                " client did again"
                f" what it had done (exchanges {again[0].n} and {again[1].n}).",
                at_ms=again[1].at_ms,
                calls=again,
                deliveries=(one.delivery.copy_of, one.delivery.n),
            )
            return


def _again(evidence: Evidence, job_id: str, since_ms: int) -> tuple[Call, Call] | None:
    """A fetch of the job's, or an order, that went well once and then again after that instant."""
    for attempts in evidence.attempts.values():
        well = [call for call in attempts if call.succeeded and not call.exchange.faults]
        if len(well) < 2 or well[-1].at_ms < since_ms:
            continue
        if well[-1].is_order or (well[-1].operation == "cdn.get" and job_id in well[-1].exchange.path):
            return well[0], well[-1]
    return None


CHECK = Check(
    name="receiver-not-idempotent",
    severity=Severity.MAJOR,
    title="A second copy is worked on again",
    why="The work is done twice; where it orders something, it is paid twice.",
    fix="Keep the ids of jobs that are done, and do nothing for a webhook about one of these.",
    look=look,
)
