"""The scheme of the authorization in small letters."""

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
    wrong = [
        call
        for call in evidence.calls
        if call.is_api
        and call.exchange.scheme == call.exchange.scheme.lower()
        and call.exchange.scheme not in {"", "-"}
    ]
    if wrong:
        first = wrong[0]
        yield CHECK.found(
            f"Exchange {first.n} shows its key as {first.exchange.scheme!r}. {len(wrong)} such calls in all.",
            at_ms=first.at_ms,
            calls=tuple(wrong[:3]),
        )


CHECK = Check(
    name="scheme-in-small-letters",
    severity=Severity.NOTE,
    title="bearer in small letters",
    why="Schemes are without case by the standard, and some gateways do not know it.",
    fix="Write Bearer as the service's own documents do.",
    look=look,
)
