"""The same order again, after the first was booked: its answer was lost, or what followed failed."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.evidence import ENDED
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Call, Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Two bookings by calls that want the same, the first of which the client had no answer to; in
    other words as well, where more were booked than were wanted. Or it had an answer, was waiting for
    the job, and began anew all the same.

    Who has looked first and could see the job (a list, a webhook) knows what he does: if he orders
    again all the same, it is his decision, but the money is spent twice: it is found as well.
    """
    for attempts in evidence.attempts.values():
        booked = [call for call in attempts if call.n in evidence.job_of_order]
        for first, again in pairwise(booked):
            if not first.succeeded:
                yield _found(evidence, first, again)
            elif began_anew(evidence, first, again):
                yield _found_anew(evidence, first, again)
    for job in evidence.jobs.values():
        twin = evidence.ordered_in_other_words(job)
        if twin is not None and job.order is not None and twin.order is not None:
            yield _found(evidence, job.order, twin.order, "nearly the same order (with the same prompt)")


def began_anew(evidence: Evidence, first: Call, again: Call) -> bool:
    """Whether the client had looked at the first one's job before it ordered the same again, though
    that job has not failed, and more jobs were booked than were wanted.
    """
    wanted, job = evidence.scenario.client.jobs, evidence.job_of_order[first.n]
    if wanted is None or job.state == "FAILED":
        return False
    return evidence.kept > wanted and any(first.at_ms < look.at_ms < again.at_ms for look in job.polls)


def _found_anew(evidence: Evidence, first: Call, again: Call) -> Finding:
    paid, twice = evidence.job_of_order[first.n], evidence.job_of_order[again.n]
    state = "was under way" if paid.state_at(again.at_ms) not in ENDED else "was done"
    return CHECK.found(
        f"Order {first.n} was answered with job {paid.id} ({paid.cost} credits), which {state} when the"
        f" client began anew: it sent the same order again and paid {twice.cost} credits for job {twice.id}.",
        at_ms=again.at_ms,
        calls=(first, again),
        jobs=(paid, twice),
        credits=twice.cost,
    )


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
    " (GET /generations/user/{userId}) and take up the job that is there; order again only if it is not."
    " When a look or a download fails, try that again, and never the order.",
    look=look,
)
