"""The form's fields were not read: they are JSON within JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.forms import parts_of
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Forms without the fields that the answer has given; with fields 0, 1, 2, as a text is cut by its"
    " signs."""
    for call in evidence.uploads:
        parts = parts_of(call)
        if call.operation != "s3.post" or not parts:
            continue
        names = {part.name.lower() for part in parts}
        if not names & {"key", "policy"}:
            told = ", ".join(sorted(names)[:4])
            yield CHECK.found(
                f"The form of exchange {call.n} has none of the fields that the API has given (its own:"
                f" {told}); the"
                f" storage answered {call.status}. Nothing was stored.",
                at_ms=call.at_ms,
                calls=(call,),
            )
            return


CHECK = Check(
    name="upload-fields-as-object",
    severity=Severity.MAJOR,
    title="The form's fields are missing",
    why="The storage refuses the form, and the job that uses the image fails.",
    fix="`fields` is a text that holds JSON: decode it once more, and send each of its members as a field.",
    look=look,
)
