"""The id of one thing where that of another is wanted."""

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
        in {"wrong-kind-of-id", "cannot-access-image", "invalid-init-image", "init-variation-not-found"}
        and not evidence.upload_missing(call)
    ]
    if wrong:
        first = wrong[0]
        yield CHECK.found(
            f"Exchange {first.n} ({first.operation}) names something by the id of another thing:"
            f" {message_of(first)}",
            at_ms=first.at_ms,
            calls=tuple(wrong[:3]),
        )


CHECK = Check(
    name="wrong-kind-of-id",
    severity=Severity.MINOR,
    title="The id of something else",
    why="The service looks for it among the wrong things and fails.",
    fix="Keep apart the ids of generations, of images in them (generated_images[].id), of variations, and"
    " of uploads.",
    look=look,
)
