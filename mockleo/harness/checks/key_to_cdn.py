"""The API key is sent along when an asset is fetched."""

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
    """Keys on fetches of pictures and videos, which anybody may fetch."""
    sent = [call for call in evidence.assets if shows_key(call)]
    if sent:
        yield CHECK.found(
            f"Exchange {sent[0].n} fetches {sent[0].exchange.path} with the API key. {len(sent)} such"
            " fetches in all.",
            at_ms=sent[0].at_ms,
            calls=tuple(sent[:3]),
        )


CHECK = Check(
    name="key-to-cdn",
    severity=Severity.CRITICAL,
    title="The key sent to the CDN",
    why="Assets come from another host, run by others, which needs no key and may write down what it was"
    " sent.",
    fix="Fetch assets by a client of its own, without the API's headers.",
    look=look,
)
