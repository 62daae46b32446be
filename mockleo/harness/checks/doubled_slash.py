"""Two slashes in a path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Calls that the service has refused for it, or would have."""
    wrong = [call for call in evidence.calls if call.is_api and "//" in call.exchange.path]
    if wrong:
        first = wrong[0]
        yield CHECK.found(
            f"Exchange {first.n} goes to {first.exchange.path}. {len(wrong)} such calls in all.",
            at_ms=first.at_ms,
            calls=tuple(wrong[:3]),
        )


CHECK = Check(
    name="doubled-slash",
    severity=Severity.NOTE,
    title="A doubled slash",
    why="It is another path; that it works is luck.",
    fix="Join base URL and path by one slash.",
    look=look,
)
