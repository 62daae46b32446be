"""A file is looked for where no answer has said that it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.checks.key_to_storage import shows_key
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Fetches of assets that there are not, and that no fault has hidden."""
    for call in evidence.assets:
        if call.refusal == "no-such-asset" and not call.exchange.faults and not shows_key(call):
            yield CHECK.found(
                f"Exchange {call.n} looks for {call.exchange.path}, which no answer has named.",
                at_ms=call.at_ms,
                calls=(call,),
            )
            return


CHECK = Check(
    name="asset-url-made-up",
    severity=Severity.MINOR,
    title="A URL put together by hand",
    why="How the CDN names its files is the service's own business, and changes.",
    fix="Take URLs from the answers as they are.",
    look=look,
)
