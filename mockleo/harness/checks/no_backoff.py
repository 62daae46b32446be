"""Tries again at the same interval, however often it has failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.checks.retry_storm import is_storm
from mockleo.harness.trouble import is_throttled, retries
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Rows of attempts at the same call whose waits do not grow. Looking at a job again is polling,
    which has its own rhythm.
    """
    most = CHECK.threshold(evidence, "retries")
    for row in retries(evidence):
        untold = [retry for retry in row if retry.first.retry_after_ms is None]
        if len(untold) < most or evidence.is_poll(row[0].first) or is_storm(row, evidence):
            continue
        waits_ms = [retry.wait_ms for retry in untold]
        # Not to wait at all is no better; after a 429 others look for it.
        at_once = max(waits_ms) < _HASTY_MS and not any(is_throttled(retry.first) for retry in untold)
        if at_once or (min(waits_ms) >= _HASTY_MS and max(waits_ms) < min(waits_ms) * _GROWN):
            yield CHECK.found(
                f"{row[0].first.operation or row[0].first.exchange.path} failed {len(untold)} times in a"
                " row, and was"
                f" tried again every {sum(waits_ms) / len(waits_ms) / 1000:.1f} s, from the first time to"
                " the last.",
                at_ms=row[0].again.at_ms,
                calls=(row[0].first, *(retry.again for retry in row[:3])),
            )


# Below that it does not wait at all.
_HASTY_MS = 900
_GROWN = 1.5

CHECK = Check(
    name="no-backoff",
    severity=Severity.MINOR,
    title="Retries without backing off",
    why="When a service is down, clients that come back as often as before keep it down.",
    fix="Double the wait with each failure, up to a minute or so, and stop after some attempts.",
    look=look,
    thresholds={"retries": 3},
)
