"""Credits of one account: what came in, what went out, and why.

Law: opening balance - charges + refunds = balance, at each instant. Grants and withdrawals by
the operator count as refunds and charges do.
"""

from enum import Enum

import msgspec

from mockleo.core.errors import OutOfCredits


class Why(Enum):
    CHARGE = "CHARGE"
    REFUND = "REFUND"
    GRANT = "GRANT"
    WITHDRAWAL = "WITHDRAWAL"


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One booking. `credits` is never negative; `why` tells its direction."""

    at_ms: int
    why: Why
    credits: int
    job_id: str


class Ledger:
    """The bookings of one account, in order, and their sum."""

    def __init__(self, *, owner: str, opening: int) -> None:
        self.owner = owner
        self.opening = opening
        self.balance = opening
        self.entries: list[Entry] = []

    def require(self, credits: int) -> None:
        """Refuse a price that the balance does not cover."""
        if credits > self.balance:
            raise OutOfCredits(user_id=self.owner)

    def charge(self, credits: int, *, job_id: str, at_ms: int) -> None:
        """Book the price of a job, or refuse it when the balance does not cover it."""
        assert credits >= 0, "a price is never negative"
        self.require(credits)
        self.balance -= credits
        self.entries.append(Entry(at_ms, Why.CHARGE, credits, job_id))

    def refund(self, credits: int, *, job_id: str, at_ms: int) -> None:
        """Give the price of a failed job back. The caller sees to it that it happens once."""
        assert credits >= 0, "a refund is never negative"
        self.balance += credits
        self.entries.append(Entry(at_ms, Why.REFUND, credits, job_id))

    def adjust(self, balance: int, *, at_ms: int) -> None:
        """Bring the balance to `balance`, as the operator wants it."""
        difference = balance - self.balance
        if difference:
            why = Why.GRANT if difference > 0 else Why.WITHDRAWAL
            self.entries.append(Entry(at_ms, why, abs(difference), ""))
            self.balance = balance
