"""The file is sent to the API itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.evidence import FORMS
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Call, Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """A multipart body, or a file's bytes, where the API wants to know the extension alone."""
    for call in evidence.calls:
        if sends_the_file(call):
            yield CHECK.found(
                f"Exchange {call.n} ({call.operation}) sends the file itself to the API, which answered"
                f" {call.status}.",
                at_ms=call.at_ms,
                calls=(call,),
            )
            return


def sends_the_file(call: Call) -> bool:
    """Whether a call that asks for a form has the file itself for its body."""
    kind = call.exchange.headers.get(b"content-type", b"").lower()
    return call.operation in FORMS and kind.startswith((b"multipart/", b"image/"))


CHECK = Check(
    name="upload-to-the-api",
    severity=Severity.MAJOR,
    title="The file goes to the wrong place",
    why="The API only hands out a form; the file goes to the storage.",
    fix="Ask for a form with the extension (JSON), then post form and file to its url.",
    look=look,
)
