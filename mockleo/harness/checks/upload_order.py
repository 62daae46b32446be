"""The file is not the last part of the form."""

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
    """Fields that come after the file: the storage does not read them."""
    for call in evidence.uploads:
        names = [part.name.lower() for part in parts_of(call)]
        if "file" in names and names.index("file") < len(names) - 1:
            yield CHECK.found(
                f"In the form of exchange {call.n} the file comes before"
                f" {len(names) - 1 - names.index('file')} of the"
                f" fields; the storage answered {call.status}.",
                at_ms=call.at_ms,
                calls=(call,),
            )
            return


CHECK = Check(
    name="upload-order",
    severity=Severity.MAJOR,
    title="The file is not last",
    why="The storage reads no field behind the file, and then misses the policy or the key.",
    fix="Send the fields first, in the order given, and the file last.",
    look=look,
)
