"""The client would wait for an answer for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Calls whose answer was held back, and whose client was still there after minutes."""
    patience_ms = CHECK.threshold(evidence, "patience_s") * 1000
    for call in evidence.calls:
        waited_ms = call.answered_ms - call.at_ms
        held = call.exchange.outcome != "gone" and waited_ms >= patience_ms
        if held and call.exchange.faults:
            yield CHECK.found(
                f"The answer to exchange {call.n} ({call.operation or call.exchange.path}) was held back for"
                f" {waited_ms / 1000:.0f} s, and the client was still waiting.",
                at_ms=call.at_ms,
                calls=(call,),
            )
            return


CHECK = Check(
    name="no-time-out",
    severity=Severity.MAJOR,
    title="No time-out",
    why="A connection that has died says nothing: the client hangs, and with it whoever started it.",
    fix="Give each call a time-out (30 to 60 s for orders, less for looks), and take a timed-out order for"
    " one whose"
    " outcome is not known.",
    look=look,
    thresholds={"patience_s": 100},
)
