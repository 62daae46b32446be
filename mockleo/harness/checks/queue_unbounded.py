"""The queue is full, and the client goes on ordering."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Orders that were refused because the queue was full, again and again."""
    refused = evidence.queue_refusals
    if len(refused) >= CHECK.threshold(evidence, "refusals"):
        yield CHECK.found(
            f"{len(refused)} orders were refused because the queue was full, from exchange {refused[0].n} on"
            f" ({refused[0].exchange.why}). {evidence.most_in_flight()[0]} jobs were under way at once.",
            at_ms=refused[0].at_ms,
            calls=tuple(refused[:3]),
        )


CHECK = Check(
    name="queue-unbounded",
    severity=Severity.MINOR,
    title="Fills the queue to the last place",
    why="A full queue refuses every order of the account, this client's and all others'.",
    fix="Bound the number of jobs under way, and wait for one to end before the next is ordered.",
    look=look,
    thresholds={"refusals": 3},
)
