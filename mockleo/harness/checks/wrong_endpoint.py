"""A path or a method that the API does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.checks.key_after_redirect import ELSEWHERE
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


_NOWHERE = frozenset({"endpoint-not-found", "method-not-allowed", "not-the-api", "nowhere-at-all"})


def look(evidence: Evidence) -> Iterator[Finding]:
    """Calls that the service has refused for it, or would have."""
    wrong = [
        call for call in evidence.calls if call.refusal in _NOWHERE and ELSEWHERE not in call.exchange.path
    ]
    if wrong:
        first = wrong[0]
        yield CHECK.found(
            f"Exchange {first.n} goes to {first.exchange.method} {first.exchange.path}, where the API has"
            f" nothing. {len(wrong)} such calls in all.",
            at_ms=first.at_ms,
            calls=tuple(wrong[:3]),
        )


CHECK = Check(
    name="wrong-endpoint",
    severity=Severity.MINOR,
    title="A path that is none",
    why="Nothing stands there; the call does nothing.",
    fix="Take paths and methods from the contract; the base URL ends with /api/rest/v1.",
    look=look,
)
