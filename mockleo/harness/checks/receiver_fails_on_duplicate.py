"""A webhook that comes twice is an error the second time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.receiving import sent
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Copies that were not answered with 2xx, of deliveries that were."""
    taken = {one.delivery.n for one in sent(evidence) if one.was_taken}
    for one in sent(evidence):
        first = one.delivery.copy_of
        if first in taken and one.attempt.status is not None and not one.was_taken:
            yield CHECK.found(
                f"Webhook {one.delivery.n} is the same as webhook {first}, which was taken; it was"
                " answered with"
                f" {one.attempt.status}.",
                at_ms=one.attempt.at_ms,
                deliveries=(first, one.delivery.n),
            )
            return


CHECK = Check(
    name="receiver-fails-on-duplicate",
    severity=Severity.MINOR,
    title="A second copy is an error",
    why="Senders repeat what they believe to be lost; who answers with an error is sent it again and again.",
    fix="Answer 2xx to what you have already, and do nothing.",
    look=look,
)
