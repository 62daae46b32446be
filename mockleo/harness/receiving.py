"""What a client's receiver was sent, and what it answered, while the client was there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.record import Attempt, Delivery

# A stranger's webhook: no bearer, or one that is not the receiver's.
FOREIGN = ("webhook-wrong-bearer", "webhook-no-bearer", "webhook-forged")


class Sent(msgspec.Struct, frozen=True):
    """One attempt at a delivery, and the kinds of faults that it has met."""

    delivery: Delivery
    attempt: Attempt
    kinds: frozenset[str]

    @property
    def is_foreign(self) -> bool:
        return bool(self.kinds & set(FOREIGN))

    @property
    def was_taken(self) -> bool:
        return self.attempt.delivered

    def __repr__(self) -> str:
        return f"Sent({self.delivery.n}, {self.attempt.status or self.attempt.error})"


def sent(evidence: Evidence) -> Iterator[Sent]:
    """Every attempt that ended while the client was running, in order; and those that ran into
    their time-out later: had the client ended, they would have been cut off.
    """
    kind_of = {decision.fault: decision.kind for decision in evidence.decisions}
    found = [
        Sent(delivery, attempt, frozenset(kind_of[fault] for fault in delivery.faults if fault in kind_of))
        for delivery in evidence.deliveries
        for attempt in delivery.attempts
        if attempt.ended_ms <= evidence.client.ended_ms
        or (attempt.at_ms <= evidence.client.ended_ms and attempt.error == "timeout")
    ]
    yield from sorted(found, key=lambda one: one.attempt.at_ms)
