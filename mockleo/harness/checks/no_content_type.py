"""JSON that does not say that it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Call, Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Calls with a JSON body that say something else, or nothing, of it."""
    wrong = [call for call in evidence.calls if call.is_api and call.body is not None and not says_json(call)]
    if wrong:
        first = wrong[0]
        told = first.exchange.headers.get(b"content-type", b"nothing").decode("latin-1")
        yield CHECK.found(
            f"Exchange {first.n} sends JSON as {told}. {len(wrong)} such calls in all.",
            at_ms=first.at_ms,
            calls=tuple(wrong[:3]),
        )


def says_json(call: Call) -> bool:
    """Whether a body is said to be JSON, by whichever of its types."""
    return b"json" in call.exchange.headers.get(b"content-type", b"").lower()


CHECK = Check(
    name="no-content-type",
    severity=Severity.MINOR,
    title="JSON without its type",
    why="Gateways and later versions take such a body for text and do not read it.",
    fix="Send Content-Type: application/json with each JSON body.",
    look=look,
)
