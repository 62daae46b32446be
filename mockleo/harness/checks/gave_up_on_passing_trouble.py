"""One bad moment, and what would have gone well is given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.trouble import is_passing
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Call, Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Jobs dropped after a poll that failed, and orders not repeated that had not been booked."""
    if evidence.client.exit_code is None:
        return
    yield from _dropped(evidence)
    yield from _not_repeated(evidence)


def _dropped(evidence: Evidence) -> Iterator[Finding]:
    for job in evidence.jobs.values():
        last = job.last_poll
        if last is None or job.collected is not None or job.state != "COMPLETE":
            continue
        if evidence.was_deleted(job) or evidence.was_ordered_again(job):
            continue
        if is_passing(last):
            yield CHECK.found(
                f"A look at job {job.id} (exchange {last.n}) {_how(last)}, and the client never looked"
                " again. The job"
                f" went on and is COMPLETE; {job.cost} credits bought nothing.",
                at_ms=last.at_ms,
                calls=(last,),
                jobs=(job,),
                credits=job.cost,
            )


def _not_repeated(evidence: Evidence) -> Iterator[Finding]:
    for attempts in evidence.attempts.values():
        last = attempts[-1]
        if not last.is_order or not is_passing(last) or len(attempts) > CHECK.threshold(evidence, "attempts"):
            continue
        if any(call.n in evidence.job_of_order or call.succeeded for call in attempts):
            continue
        yield CHECK.found(
            f"Order {last.n} {_how(last)} and was not booked. The client gave it up after {len(attempts)}"
            f" {'attempt' if len(attempts) == 1 else 'attempts'}.",
            at_ms=last.at_ms,
            calls=tuple(attempts),
        )


def _how(call: Call) -> str:
    return f"was answered with {call.status}" if call.arrived else "got no answer"


CHECK = Check(
    name="gave-up-on-passing-trouble",
    severity=Severity.MAJOR,
    title="Gives up at the first bad moment",
    why="A single 502 or 429 says nothing about the job: it goes on, ends, and has been paid for.",
    fix="Take a failed look for no look, and look again after a wait. Try an order again that was refused"
    " with 429 or"
    " 503; after a lost answer look first whether it was booked.",
    look=look,
    thresholds={"attempts": 2},
)
