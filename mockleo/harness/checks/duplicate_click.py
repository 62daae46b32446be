"""The same order again, although the first had been answered: two clicks, two jobs."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.checks.double_spend import began_anew
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """More jobs than were wanted, and some of them by orders that are alike and were all answered.

    How many are wanted says the scenario: without that, two orders alike may be two wishes. A job
    that has FAILED was paid back, and may be ordered anew by who knows of it.
    """
    wanted = evidence.scenario.client.jobs
    if wanted is None:
        return
    too_many = evidence.kept - wanted
    for attempts in evidence.attempts.values():
        booked = [call for call in attempts if call.n in evidence.job_of_order]
        for first, again in pairwise(booked):
            job, twin = evidence.job_of_order[first.n], evidence.job_of_order[again.n]
            failed = job.known_to_have_failed
            anew = failed is not None and failed.at_ms <= again.at_ms
            # Who had looked at the first one's job begins anew, which others look for.
            anew = anew or began_anew(evidence, first, again)
            if too_many > 0 and first.succeeded and not anew:
                too_many -= 1
                yield CHECK.found(
                    f"Orders {first.n} and {again.n} are the same, {again.at_ms - first.at_ms} ms apart."
                    " The first"
                    f" was answered with job {job.id}; the second booked job {twin.id} and cost"
                    f" {twin.cost} credits more. {wanted} were wanted.",
                    at_ms=again.at_ms,
                    calls=(first, again),
                    jobs=(job, twin),
                    credits=twin.cost,
                )


CHECK = Check(
    name="duplicate-click",
    severity=Severity.CRITICAL,
    title="One wish, ordered twice",
    why="Each order that reaches the service is a job of its own, and is charged. Nothing there tells two"
    " clicks from two wishes.",
    fix="Let one wish have one order: disable the button, or keep the wish under an id of your own and look"
    " whether it was ordered before you order.",
    look=look,
)
