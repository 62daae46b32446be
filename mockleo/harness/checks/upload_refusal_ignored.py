"""The storage has refused the file, and the client goes on as if it had not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """An order that names an upload whose last answer from the storage was a refusal."""
    for call in evidence.orders:
        missing = evidence.upload_missing(call)
        if missing is None:
            continue
        tried = [
            one for one in evidence.uploads_named(missing) if one.at_ms <= call.at_ms and not one.succeeded
        ]
        if tried:
            yield CHECK.found(
                f"The storage refused the file for upload {missing} with {tried[-1].status} (exchange"
                f" {tried[-1].n}), and"
                f" order {call.n} names it all the same.",
                at_ms=call.at_ms,
                calls=(tried[-1], call),
            )


CHECK = Check(
    name="upload-refusal-ignored",
    severity=Severity.MAJOR,
    title="A refused upload is not noticed",
    why="The job is ordered with an image that is not there.",
    fix="Look at the storage's status: 200, 201 and 204 are good, all else is not. Ask for a new form and"
    " try again.",
    look=look,
)
