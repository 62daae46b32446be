"""A webhook is never answered, or always with an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.receiving import sent
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.receiving import Sent
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Attempts that ran into the sender's time-out; and good webhooks that were answered with no
    2xx, as often as they were sent.
    """
    wrong = [one for one in sent(evidence) if one.attempt.error == "timeout"]
    yield from _refused(evidence, timed_out=bool(wrong))
    if wrong:
        first = wrong[0]
        yield CHECK.found(
            f"Webhook {first.delivery.n} was not answered until the sender gave up. {len(wrong)} such"
            " webhooks in all.",
            at_ms=first.attempt.at_ms,
            jobs=tuple(
                evidence.jobs[one.delivery.job_id]
                for one in wrong[:1]
                if one.delivery.job_id in evidence.jobs
            ),
            deliveries=tuple(one.delivery.n for one in wrong[:3]),
        )


def _refused(evidence: Evidence, *, timed_out: bool) -> Iterator[Finding]:
    wrong = [one for one in sent(evidence) if _is_refused(one)]
    if wrong and not timed_out:
        first = wrong[0]
        yield CHECK.found(
            f"Webhook {first.delivery.n} had the right bearer and was answered with"
            f" {first.attempt.status}, which its sender takes for a failure. {len(wrong)} such answers"
            " in all.",
            at_ms=first.attempt.at_ms,
            deliveries=tuple(one.delivery.n for one in wrong[:3]),
        )


def _is_refused(one: Sent) -> bool:
    """Whether there is nothing about it that could be a reason. A bearer that is not believed,
    copies, and payloads that are not known have checks of their own.
    """
    if one.attempt.status is None or one.attempt.status in {401, 403} or one.is_foreign:
        return False
    if one.delivery.copy_of is not None or one.kinds & _STRANGE:
        return False
    return not any(attempt.delivered for attempt in one.delivery.attempts)


_STRANGE = frozenset({"webhook-other-payload", "webhook-unknown-type"})


CHECK = Check(
    name="receiver-no-answer",
    severity=Severity.MAJOR,
    title="The receiver gives no good answer",
    why="The sender gives up, and counts the webhook as lost.",
    fix="Answer each request with 2xx, also in the branches where nothing is to be done.",
    look=look,
)
