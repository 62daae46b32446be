"""Which answers are passing trouble, which are final, and what a client did next.

Passing is what a later attempt may be spared: a 429, a 502 to 504, a 5xx that was a fault, an
answer that never came. Final is every other refusal: the same again is refused again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from mockleo.harness.evidence import Call, Evidence

_TOO_MANY = 429
_GATEWAYS = frozenset({502, 503, 504})
# What a client may be told later, that has been told it now: not yet, or too early.
_NOT_YET = frozenset({408, 425, _TOO_MANY})


def is_passing(call: Call) -> bool:
    """Whether a later attempt may go well, as far as the client can know."""
    if call.exchange.outcome == "cut":
        return True
    if not call.arrived:
        return False
    if call.status in _NOT_YET or call.status in _GATEWAYS:
        return True
    return call.status >= 500 and bool(call.exchange.faults)


def is_final(call: Call) -> bool:
    """Whether the same again is refused again."""
    return call.arrived and call.status >= 400 and not is_passing(call)


def is_throttled(call: Call) -> bool:
    return call.arrived and call.status == _TOO_MANY


class Retry(msgspec.Struct, frozen=True):
    """The same again after passing trouble: the `nth` time in a row, from 1, after `wait_ms`."""

    first: Call
    again: Call
    nth: int

    @property
    def wait_ms(self) -> int:
        """From the answer, or from its end, to the next attempt."""
        return self.again.at_ms - self.first.answered_ms


def retries(evidence: Evidence) -> list[list[Retry]]:
    """Rows of attempts at the same thing, each after trouble: one list for each row."""
    rows: list[list[Retry]] = []
    for attempts in evidence.attempts.values():
        row: list[Retry] = []
        for first, again in zip(attempts, attempts[1:], strict=False):  # noqa: RUF007  both are named
            if not is_passing(first):
                if row:
                    rows.append(row)
                row = []
            elif again.at_ms >= first.answered_ms:
                row.append(Retry(first, again, len(row) + 1))
        if row:
            rows.append(row)
    return rows


def tolerance_ms(evidence: Evidence) -> float:
    """How much earlier a client may be than it was told: timers are a little early, and clients
    round; what takes a real millisecond takes many of a client's that lives faster.
    """
    return 50 + 50 * evidence.client.speed
