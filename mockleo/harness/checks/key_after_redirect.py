"""The API key follows a redirect to another host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Calls that a redirect of ours has brought to another origin, with the key still on them."""
    told = [call for call in evidence.calls if call.exchange.faults and 300 <= call.status <= 399]
    for call in evidence.calls:
        came = next(
            (one for one in told if ELSEWHERE in call.exchange.path and one.at_ms <= call.at_ms), None
        )
        if came is not None and call.exchange.scheme:
            yield CHECK.found(
                f"Exchange {came.n} was answered with a redirect to another host, and the client went"
                " there with the"
                f" API key (exchange {call.n}).",
                at_ms=call.at_ms,
                calls=(came, call),
            )
            return


# What the path of the other host is called by the fault `redirect`.
ELSEWHERE = "/mockleo-elsewhere"

CHECK = Check(
    name="key-after-redirect",
    severity=Severity.CRITICAL,
    title="The key follows a redirect",
    why="Who can make a redirect (a proxy, a hijacked name) is handed the key.",
    fix="Follow no redirects with the key on, or drop the header where scheme, host or port changes: the"
    " API itself does not redirect.",
    look=look,
)
