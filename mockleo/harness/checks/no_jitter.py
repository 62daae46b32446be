"""Everybody waits for just as long."""

from __future__ import annotations

from statistics import mean, pstdev
from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.checks.thundering_herd import herds
from mockleo.harness.trouble import retries
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """The first waits of many different calls, all alike."""
    waits_ms = [
        row[0].wait_ms
        for row in retries(evidence)
        if row[0].first.retry_after_ms is None
        and not evidence.is_poll(row[0].first)
        and row[0].wait_ms >= _HASTY_MS
    ]
    if len(waits_ms) < CHECK.threshold(evidence, "samples") or herds(evidence):
        return
    spread = pstdev(waits_ms) / mean(waits_ms)
    # What takes some real milliseconds takes many of a client's that lives faster; waits with chance
    # in them differ by far more.
    noise = min(_NOISE_MOST, _NOISE_MS * evidence.client.speed / mean(waits_ms))
    if spread < max(CHECK.threshold(evidence, "spread"), noise):
        yield CHECK.found(
            f"After a failure {len(waits_ms)} different calls were tried again after"
            f" {mean(waits_ms) / 1000:.2f} s each; they differ by {spread:.1%} (in {len(waits_ms)} samples).",
            at_ms=evidence.client.started_ms,
        )


_HASTY_MS = 900
_NOISE_MS = 5
_NOISE_MOST = 0.12

CHECK = Check(
    name="no-jitter",
    severity=Severity.NOTE,
    title="Waits without chance in them",
    why="Calls that failed together come again together, and fail together.",
    fix="Draw each wait between half and all of what it would be.",
    look=look,
    thresholds={"samples": 6, "spread": 0.05},
)
