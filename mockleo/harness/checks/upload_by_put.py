"""The file is put where a form is to be posted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """A PUT at the storage."""
    for call in evidence.uploads:
        if call.operation == "s3.put":
            yield CHECK.found(
                f"Exchange {call.n} puts the file at {call.exchange.path}; the storage answered"
                f" {call.status}.",
                at_ms=call.at_ms,
                calls=(call,),
            )
            return


CHECK = Check(
    name="upload-by-put",
    severity=Severity.MAJOR,
    title="PUT instead of POST",
    why="The permission is one for a form. What was to be uploaded is not there.",
    fix="POST the form: the fields that the API has given, then the file.",
    look=look,
)
