"""A number that the API does not take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.parameters import message_of
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Calls that the service has refused for it, or would have."""
    wrong = [
        call
        for call in evidence.calls
        if call.refusal
        in {
            "invalid-value",
            "invalid-dimensions",
            "too-many-images",
            "prompt-too-long",
            "improve-prompt-too-long",
            "invalid-extension",
            "phoenix-needs-its-version",
        }
    ]
    if wrong:
        first = wrong[0]
        yield CHECK.found(
            f"Exchange {first.n} ({first.operation}) was refused: {message_of(first)} {len(wrong)} such"
            " calls in all.",
            at_ms=first.at_ms,
            calls=tuple(wrong[:3]),
        )


CHECK = Check(
    name="out-of-range-parameter",
    severity=Severity.MINOR,
    title="A parameter out of its range",
    why="The service refuses the call; some of these it takes, and makes something else of them.",
    fix="Check sizes before you order: width and height from 32 to 1536 in steps of 8, one to eight"
    " images, and so on.",
    look=look,
)
