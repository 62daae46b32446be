"""A parameter that the API does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.evidence import MASK
from mockleo.harness.parameters import near, unexpected
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Refusals of the kind "Unexpected variable", but for slips of case, which have their own check."""
    for call in evidence.calls:
        name = unexpected(call)
        if name is None or MASK in call.exchange.query:
            # A key in the query has its own check.
            continue
        if near(call.operation, name) is None:
            yield CHECK.found(
                f"Exchange {call.n} ({call.operation}) sends {name!r}, which the API does not have. It"
                " refuses the"
                " whole call (400).",
                at_ms=call.at_ms,
                calls=(call,),
            )


CHECK = Check(
    name="unknown-parameter",
    severity=Severity.MINOR,
    title="A parameter that is none",
    why="The call is refused as a whole.",
    fix="Send only what the operation names in its contract (contracts/leonardo-v1.openapi.json).",
    look=look,
)
