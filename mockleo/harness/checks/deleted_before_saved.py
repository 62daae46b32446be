"""A result was deleted before it had been fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.evidence import ENDED
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Deletions of generations of which no asset had come to the client whole, and of models and
    elements that were still in training.
    """
    for call in evidence.calls:
        if call.operation not in {"deleteGenerationById", *_TRAINED} or not call.succeeded:
            continue
        job = evidence.job_named(call.exchange.path.rpartition("/")[2])
        if job is None or job.state_at(call.at_ms) == "FAILED":
            continue
        if call.operation in _TRAINED:
            if job.state_at(call.at_ms) not in ENDED:
                yield CHECK.found(
                    f"Exchange {call.n} deleted job {job.id} ({job.cost} credits) while it was in training.",
                    at_ms=call.at_ms,
                    calls=(call,),
                    jobs=(job,),
                    credits=job.cost,
                )
            continue
        if any(asset.at_ms <= call.at_ms for asset in evidence.saved_assets(job)):
            continue
        yield CHECK.found(
            f"Exchange {call.n} deleted job {job.id} ({job.cost} credits), and no image of it had been"
            " fetched"
            " whole before.",
            at_ms=call.at_ms,
            calls=(call,),
            jobs=(job,),
            credits=job.cost,
        )


_TRAINED = frozenset({"deleteModelById", "deleteElementById"})


CHECK = Check(
    name="deleted-before-saved",
    severity=Severity.MAJOR,
    title="Deleted before it was saved",
    why="What is deleted is gone, and has been paid for.",
    fix="Delete only after every file is saved and looked at (its size, its type).",
    look=look,
)
