"""Each call comes by a connection of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """As many connections as calls, of those that could have shared one."""
    calls = [
        call
        for call in evidence.calls
        if call.operation and "." not in call.operation and call.exchange.client is not None and call.arrived
    ]
    connections = {call.exchange.client for call in calls}
    if len(calls) >= CHECK.threshold(evidence, "calls") and len(connections) >= len(calls) * _NEARLY:
        yield CHECK.found(
            f"{len(calls)} calls came by {len(connections)} connections.",
            at_ms=calls[0].at_ms,
            calls=(calls[0], calls[-1]),
        )


_NEARLY = 0.95

CHECK = Check(
    name="new-connection-each-time",
    severity=Severity.NOTE,
    title="A new connection for each call",
    why="To connect to the service takes longer than most calls do.",
    fix="Keep one client (session, agent) for all calls.",
    look=look,
    thresholds={"calls": 12},
)
