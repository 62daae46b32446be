"""The client hangs up on an order before the service can have answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Orders whose client was gone within some seconds, and which were booked all the same."""
    soon_ms = CHECK.threshold(evidence, "seconds") * 1000
    for call in evidence.orders:
        waited_ms = call.answered_ms - call.at_ms
        if call.exchange.outcome == "gone" and waited_ms < soon_ms and call.at_ms < evidence.client.ended_ms:
            job = evidence.job_of_order.get(call.n)
            if job is None:
                continue
            yield CHECK.found(
                f"The client hung up on order {call.n} after {waited_ms / 1000:.1f} s. Job {job.id} was"
                " booked and"
                f" charged ({job.cost} credits).",
                at_ms=call.at_ms,
                calls=(call,),
                jobs=(job,),
            )


CHECK = Check(
    name="short-time-out-on-order",
    severity=Severity.MAJOR,
    title="Hangs up on an order too soon",
    why="An order is booked before it is answered. Who hangs up does not learn the id of what he has paid"
    " for.",
    fix="Wait at least 30 s for the answer to an order. After a time-out, look whether the job is there.",
    look=look,
    thresholds={"seconds": 15},
)
