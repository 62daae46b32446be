"""The same order again, after the first had been booked and its answer was lost."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Call, Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Two bookings by calls that want the same, the first of which the client had no answer to; in
    other words as well, where more were booked than were wanted.

    Who has looked first and could see the job (a list, a webhook) knows what he does: if he orders
    again all the same, it is his decision, but the money is spent twice: it is found as well.
    """
    for attempts in evidence.attempts.values():
        booked = [call for call in attempts if call.n in evidence.job_of_order]
        for first, again in pairwise(booked):
            if first.succeeded:
                continue
            yield _found(evidence, first, again)
    for job in evidence.jobs.values():
        twin = evidence.ordered_in_other_words(job)
        if twin is not None and job.order is not None and twin.order is not None:
            yield _found(evidence, job.order, twin.order, "nearly the same order (with the same prompt)")


def _found(evidence: Evidence, first: Call, again: Call, what: str = "the same order") -> Finding:
    paid, twice = evidence.job_of_order[first.n], evidence.job_of_order[again.n]
    how = f"was answered with {first.status}" if first.arrived else "got no answer"
    return CHECK.found(
        f"Order {first.n} {how}, but job {paid.id} had been booked and charged ({paid.cost} credits)."
        f" The client sent {what} again and paid {twice.cost} credits for job {twice.id}.",
        at_ms=again.at_ms,
        calls=(first, again),
        jobs=(paid, twice),
        credits=twice.cost,
    )


CHECK = Check(
    name="double-spend",
    severity=Severity.CRITICAL,
    title="Paid twice for one order",
    why="An order whose answer is lost may have been booked. The service knows no idempotency key:"
    " the same order again is a second job, and it is charged.",
    fix="After a lost answer or a 5xx to an order, list the newest generations first"
    " (GET /generations/user/{userId}) and take up the job that is there; order again only if it is not.",
    look=look,
)
