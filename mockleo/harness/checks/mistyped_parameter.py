"""A parameter whose type is not the API's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.checks.upload_to_the_api import sends_the_file
from mockleo.harness.parameters import message_of
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


_WRONG = frozenset({"wrong-type", "list-in-query", "malformed-uuid", "missing-variable", "invalid-json"})


def look(evidence: Evidence) -> Iterator[Finding]:
    """Calls that the service has refused for it, or would have."""
    wrong = [call for call in evidence.calls if call.refusal in _WRONG and not sends_the_file(call)]
    if wrong:
        first = wrong[0]
        yield CHECK.found(
            f"Exchange {first.n} ({first.operation}) was refused: {message_of(first)} {len(wrong)} such"
            " calls in all.",
            at_ms=first.at_ms,
            calls=tuple(wrong[:3]),
        )


CHECK = Check(
    name="mistyped-parameter",
    severity=Severity.MINOR,
    title="A parameter of the wrong type",
    why="The call is refused as a whole.",
    fix="Send numbers as numbers and booleans as booleans; a form's fields are texts, and must be converted.",
    look=look,
)
