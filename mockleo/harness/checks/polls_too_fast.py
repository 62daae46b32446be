"""The client asks for a job again and again, in less than two seconds."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.evidence import ENDED, LISTS
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Call, Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Looks at one job while it is PENDING that follow each other too soon, several of them.

    One that was not answered, or was refused, is tried again: which is for other checks.
    """
    soon_ms = CHECK.threshold(evidence, "interval_ms")
    for job in evidence.jobs.values():
        pairs = [
            (one, next_)
            for one, next_ in pairwise(job.polls)
            if one.succeeded and job.state_at(one.at_ms) not in ENDED and next_.at_ms - one.at_ms < soon_ms
        ]
        if len(pairs) >= CHECK.threshold(evidence, "times"):
            waits_ms = sorted(next_.at_ms - one.at_ms for one, next_ in pairs)
            yield CHECK.found(
                f"Job {job.id} was asked for {len(job.polls)} times; {len(pairs)} times after less than"
                f" {soon_ms / 1000:g} s (half of these after {waits_ms[len(waits_ms) // 2]} ms and less).",
                at_ms=pairs[0][1].at_ms,
                calls=tuple(next_ for _, next_ in pairs[:3]),
                jobs=(job,),
            )
    yield from _listed(evidence, soon_ms)


def _listed(evidence: Evidence, soon_ms: float) -> Iterator[Finding]:
    """The same page of a list again and again, while there is something to wait for: faster than
    one look at each such job would be. Who has lost the answers to orders looks once for each.
    """
    lost = sum(not call.succeeded for call in evidence.orders)
    for attempts in evidence.attempts.values():
        if attempts[0].operation not in LISTS:
            continue
        pairs = [
            (one, next_)
            for one, next_ in pairwise(attempts)
            if one.succeeded and (next_.at_ms - one.at_ms) * _pending(evidence, one) < soon_ms
        ]
        pairs = [pair for pair in pairs if _pending(evidence, pair[0])]
        if len(pairs) >= CHECK.threshold(evidence, "times") + 2 * lost:
            waits_ms = sorted(next_.at_ms - one.at_ms for one, next_ in pairs)
            yield CHECK.found(
                f"{attempts[0].exchange.path} was asked for {len(attempts)} times to wait for jobs, half of"
                f" these {waits_ms[len(waits_ms) // 2]} ms after the one before, and less.",
                at_ms=pairs[0][1].at_ms,
                calls=tuple(next_ for _, next_ in pairs[:3]),
            )


def _pending(evidence: Evidence, call: Call) -> int:
    """How many jobs were under way when a list was asked for."""
    return evidence.under_way_at(call.at_ms)


CHECK = Check(
    name="polls-too-fast",
    severity=Severity.MINOR,
    title="Polls too fast",
    why="Jobs take seconds to minutes. A few clients that ask every second use up the account's calls a"
    " minute,"
    " and then orders are refused.",
    fix="Ask first after some seconds, then ever more slowly (say 3, 5, 8, 12, 15 s), or have webhooks sent.",
    look=look,
    thresholds={"interval_ms": 1_900, "times": 3},
)
