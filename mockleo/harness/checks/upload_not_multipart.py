"""The form is posted, but not as multipart/form-data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Posts to the storage in another encoding."""
    for call in evidence.uploads:
        kind = call.exchange.headers.get(b"content-type", b"")
        if call.operation == "s3.post" and not kind.lower().startswith(b"multipart/form-data"):
            told = kind.decode("latin-1") or "nothing"
            yield CHECK.found(
                f"Exchange {call.n} posts the form as {told}; the storage answered {call.status}. Nothing"
                " was stored.",
                at_ms=call.at_ms,
                calls=(call,),
            )
            return


CHECK = Check(
    name="upload-not-multipart",
    severity=Severity.MAJOR,
    title="The form is not multipart",
    why="The storage takes a form as multipart/form-data alone. What was to be uploaded is not there.",
    fix="Post the fields and the file as multipart/form-data, the file last.",
    look=look,
)
