"""A form is used after its two minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.forms import asked_for
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Forms that had expired when they were posted, and were none that expired before their time."""
    early = evidence.faults_of("form-expired")
    for call in evidence.uploads:
        if call.refusal != "s3.policy-expired" or early & set(call.exchange.faults):
            continue
        if early:
            # It may have been given out expired already.
            continue
        given = [form for form in asked_for(evidence) if form.at_ms < call.at_ms]
        age_s = (call.at_ms - given[-1].answered_ms) / 1000 if given else 0
        yield CHECK.found(
            f"The form of exchange {call.n} had expired: the newest was given out {age_s:.0f} s before.",
            at_ms=call.at_ms,
            calls=(*given[-1:], call),
        )
        return


CHECK = Check(
    name="upload-late",
    severity=Severity.MAJOR,
    title="A form used too late",
    why="A form lives two minutes. What was to be uploaded is not there.",
    fix="Ask for the form right before the upload, and for a new one when it was refused as expired.",
    look=look,
)
