"""A body on a GET or a DELETE."""

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
        if call.is_api and call.exchange.method in {"GET", "DELETE"} and call.exchange.body_bytes > 0
    ]
    if wrong:
        first = wrong[0]
        yield CHECK.found(
            f"Exchange {first.n} ({first.exchange.method} {first.exchange.path}) has a body. {len(wrong)}"
            " such calls in all.",
            at_ms=first.at_ms,
            calls=tuple(wrong[:3]),
        )


CHECK = Check(
    name="body-on-get",
    severity=Severity.NOTE,
    title="A body on a GET",
    why="Proxies may refuse it, and caches misread it.",
    fix="Send no body with GET and DELETE.",
    look=look,
)
