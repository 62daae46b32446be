"""The file is sent to the API itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.evidence import FORMS
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """A multipart body, or a file's bytes, where the API wants to know the extension alone."""
    for call in evidence.calls:
        kind = call.exchange.headers.get(b"content-type", b"").lower()
        if call.operation in FORMS and kind.startswith((b"multipart/", b"image/")):
            yield CHECK.found(
                f"Exchange {call.n} ({call.operation}) sends the file itself to the API, which answered"
                f" {call.status}.",
                at_ms=call.at_ms,
                calls=(call,),
            )
            return


CHECK = Check(
    name="upload-to-the-api",
    severity=Severity.MAJOR,
    title="The file goes to the wrong place",
    why="The API only hands out a form; the file goes to the storage.",
    fix="Ask for a form with the extension (JSON), then post form and file to its url.",
    look=look,
)
