"""Something new in an answer, and the client is at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Call, Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """The last thing that the client was told has a new field, a new value, or a null in it."""
    client = evidence.client
    if client.exit_code == 0 or evidence.scenario.client.exit != "zero":
        return
    grown = evidence.faults_of(*_GROWN)
    answered = [
        call for call in evidence.calls if call.is_api and call.arrived and call.at_ms <= client.ended_ms
    ]
    last = answered[-1] if answered else None
    if last is not None and grown & touching(evidence, last):
        how = "had to be stopped" if client.exit_code is None else f"ended with {client.exit_code}"
        yield CHECK.found(
            f"Exchange {last.n} has something in its answer that is new"
            f" ({last.exchange.why or 'a new value'}); it was"
            f" the last one before the client {how}.",
            at_ms=last.at_ms,
            calls=(last,),
        )


def touching(evidence: Evidence, call: Call) -> set[str]:
    """The faults that an answer shows: its own, and those of the job that it is about."""
    job = evidence.job_named(call.exchange.path.rpartition("/")[2])
    order = job.order if job is not None else None
    return {*call.exchange.faults, *(order.exchange.faults if order is not None else ())}


_GROWN = ("add-field", "null-field", "unknown-model", "unknown-status", "nsfw")


CHECK = Check(
    name="broken-by-additive-change",
    severity=Severity.MAJOR,
    title="Breaks when the API grows",
    why="New fields and new values come without notice, and are no reason to stop.",
    fix="Leave alone what you do not know; take enumerations as open; let numbers that you do not need be"
    " null.",
    look=look,
)
