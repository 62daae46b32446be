"""A refusal is taken for PENDING, and the polling goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.trouble import is_final
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Call, Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Looks at a job after one that was refused for good, or that said there is no such job."""
    most = CHECK.threshold(evidence, "looks")
    for job in evidence.jobs.values():
        refused = next((call for call in job.polls if is_final(call) or says_nothing(call)), None)
        if refused is None:
            continue
        after = [
            call
            for call in job.polls
            if call.at_ms > refused.at_ms and (is_final(call) or says_nothing(call))
        ]
        if len(after) > most:
            said = "that there is no such job (null)" if refused.succeeded else f"{refused.status}"
            yield CHECK.found(
                f"A look at job {job.id} (exchange {refused.n}) was answered with {said}, and the client"
                " looked"
                f" {len(after)} times more, each time with the same end.",
                at_ms=after[0].at_ms,
                calls=(refused, *after[:3]),
                jobs=(job,),
            )


def says_nothing(call: Call) -> bool:
    """Whether a look was answered with 200 and null: there is no such job (any more)."""
    return call.succeeded and isinstance(call.told, dict) and list(call.told.values()) == [None]


CHECK = Check(
    name="error-taken-for-pending",
    severity=Severity.MINOR,
    title="Takes an error for PENDING",
    why="The user waits until the patience ends for something that the first answer has told.",
    fix="Go on polling only after PENDING and after passing trouble (429, 5xx, no answer). Anything else"
    " ends it, with"
    " its text.",
    look=look,
    thresholds={"looks": 2},
)
