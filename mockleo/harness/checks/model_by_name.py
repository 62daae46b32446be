"""A model is asked for by its name."""

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
    wrong = [call for call in evidence.calls if call.refusal == "model-id-malformed"]
    if wrong:
        first = wrong[0]
        yield CHECK.found(
            f"Exchange {first.n} ({first.operation}) names a model by something else than its id:"
            f" {message_of(first)}",
            at_ms=first.at_ms,
            calls=tuple(wrong[:3]),
        )


CHECK = Check(
    name="model-by-name",
    severity=Severity.MINOR,
    title="A model by its name",
    why="The service knows models by their ids alone.",
    fix="Send the model's id: GET /platformModels lists them.",
    look=look,
)
