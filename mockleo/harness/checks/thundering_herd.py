"""After an outage all come back in the same moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.trouble import Retry, retries
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def herds(evidence: Evidence) -> list[list[Retry]]:
    """Groups of different calls that failed and were all sent again within a moment, not at once."""
    within_ms = CHECK.threshold(evidence, "within_ms") + 10 * evidence.client.speed
    crowd = CHECK.threshold(evidence, "calls")
    late = sorted(
        (
            retry
            for row in retries(evidence)
            for retry in row
            if retry.wait_ms >= _HASTY_MS and not evidence.is_poll(retry.first)
        ),
        key=lambda retry: retry.again.at_ms,
    )
    found: list[list[Retry]] = []
    group: list[Retry] = []
    for retry in late:
        if group and retry.again.at_ms - group[0].again.at_ms > within_ms:
            found.append(group)
            group = []
        group.append(retry)
    return [each for each in (*found, group) if len({retry.first.want for retry in each}) >= crowd]


def look(evidence: Evidence) -> Iterator[Finding]:
    """The first of the herds."""
    for herd in herds(evidence)[:1]:
        yield CHECK.found(
            f"{len(herd)} different calls that had failed came again within"
            f" {herd[-1].again.at_ms - herd[0].again.at_ms} ms of each other, from exchange"
            f" {herd[0].again.n} on.",
            at_ms=herd[0].again.at_ms,
            calls=tuple(retry.again for retry in herd[:5]),
        )


# What comes sooner does not wait.
_HASTY_MS = 900

CHECK = Check(
    name="thundering-herd",
    severity=Severity.MAJOR,
    title="All come back at once",
    why="A service that is just coming up again is brought down by all its clients at the same moment; an"
    " account's"
    " calls a minute are gone in one.",
    fix="Draw each wait between half and all of what it would be, and let few calls try until one has gone"
    " well.",
    look=look,
    thresholds={"calls": 5, "within_ms": 150},
)
