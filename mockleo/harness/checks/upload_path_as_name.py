"""A local path goes out as the file's name."""

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
    """Slashes in a filename."""
    for call in evidence.uploads:
        for part in parts_of(call):
            if part.filename is not None and ("/" in part.filename or "\\" in part.filename):
                yield CHECK.found(
                    f"The file in exchange {call.n} is named {part.filename!r}.",
                    at_ms=call.at_ms,
                    calls=(call,),
                )
                return


CHECK = Check(
    name="upload-path-as-name",
    severity=Severity.NOTE,
    title="A local path in a file's name",
    why="It tells strangers how the machine is laid out.",
    fix="Send the last part of the path, or a name of your own.",
    look=look,
)
