"""The same call over and over, hardly waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.trouble import Retry, retries
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def is_storm(row: list[Retry], evidence: Evidence) -> bool:
    """Whether a row of attempts is one: many, and most of them within a second of the last."""
    hasty = [retry for retry in row if retry.wait_ms < CHECK.threshold(evidence, "wait_ms")]
    return len(hasty) >= CHECK.threshold(evidence, "attempts") and len(hasty) * 2 > len(row)


def look(evidence: Evidence) -> Iterator[Finding]:
    """Each such row."""
    for row in retries(evidence):
        if is_storm(row, evidence):
            last_ms = row[-1].again.at_ms - row[0].first.at_ms
            yield CHECK.found(
                f"{row[0].first.operation or row[0].first.exchange.path} was sent {len(row) + 1} times within"
                f" {last_ms / 1000:.1f} s, each time after a failure.",
                at_ms=row[0].again.at_ms,
                calls=(row[0].first, row[0].again, row[-1].again),
            )


CHECK = Check(
    name="retry-storm",
    severity=Severity.MAJOR,
    title="A storm of retries",
    why="It keeps down what is down, and the limit of calls a minute refuses all others of the account"
    " meanwhile.",
    fix="Bound the attempts (five or so), and wait between them, longer each time.",
    look=look,
    thresholds={"attempts": 8, "wait_ms": 900},
)
