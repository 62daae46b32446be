"""A job names an image whose upload had not come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Orders that name an upload of which nothing was stored by then."""
    for call in evidence.orders:
        missing = evidence.upload_missing(call)
        # One that was refused and used all the same has its own check.
        if missing is not None and not any(
            one.at_ms <= call.at_ms for one in evidence.uploads_named(missing)
        ):
            yield CHECK.found(
                f"Order {call.n} names upload {missing}, and no file for it had come to the storage by then.",
                at_ms=call.at_ms,
                calls=(call,),
                jobs=(evidence.job_of_order[call.n],) if call.n in evidence.job_of_order else (),
            )


CHECK = Check(
    name="used-before-uploaded",
    severity=Severity.MAJOR,
    title="An image used before it is there",
    why="The job fails, or makes something else.",
    fix="Wait for the storage's 2xx before the id is used.",
    look=look,
)
