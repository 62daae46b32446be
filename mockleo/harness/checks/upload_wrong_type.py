"""The file is not what its form says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.forms import parts_of, value_of
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """First bytes of the file against the form's Content-Type."""
    for call in evidence.uploads:
        said = value_of(call, "content-type")
        file = next((part for part in parts_of(call) if part.name.lower() == "file"), None)
        kind = None if file is None else kind_of(file.content)
        if said is None or kind is None or kind == said.lower():
            continue
        yield CHECK.found(
            f"The form of exchange {call.n} is one for {said}; the file in it is {kind}.",
            at_ms=call.at_ms,
            calls=(call,),
        )
        return


_MARKS = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n": "image/png",
    b"RIFF": "image/webp",
}


def kind_of(content: bytes) -> str | None:
    """What a file is by its first bytes; None for nothing known."""
    return next((kind for mark, kind in _MARKS.items() if content.startswith(mark)), None)


CHECK = Check(
    name="upload-wrong-type",
    severity=Severity.MINOR,
    title="The file is not what the form says",
    why="Jobs that use it fail later, after they were ordered.",
    fix="Ask for the form with the extension of what the bytes are, not of what the name says.",
    look=look,
)
