"""What may be spent, and what was: no call that costs is made unless its worst is put aside first.

    reserve    before the call: the worst that it can cost, or `OutOfBudget` and nothing is sent;
               what costs more than the whole budget may not be called, and others still may
    settle     the answer has told the price: that counts, and the rest is free again
    keep       nobody knows what it has cost (no answer, a 5xx, no price in it): the worst counts
    release    it was refused for nothing

Each reservation ends once, in one of the last three ways. At each instant spent + reserved is at
most the budget, as long as no call costs more than its worst; if an answer says that one has, it
counts, and that operation is not called again. Money is whole millionths of a dollar.
"""

from __future__ import annotations

from decimal import Decimal
from threading import Lock
from typing import TYPE_CHECKING

import msgspec

from mockleo.conformance.door import MayNot, OutOfBudget
from mockleo.conformance.doors.terms import MICRO, ROUNDED_MICRO

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockleo.conformance.door import Answer
    from mockleo.conformance.doors.terms import Errand, Terms


class Reservation(msgspec.Struct, frozen=True, kw_only=True):
    """So much is put aside for one call, in millionths of a dollar."""

    number: int
    operation: str
    micro: int


class Spending(msgspec.Struct, frozen=True, kw_only=True):
    """Where the budget stands, in millionths of a dollar. `unknown` is the part of `spent` that was
    kept at the worst since nobody told the price; `dearer` are operations that cost more than their
    worst.
    """

    budget: int
    spent: int
    reserved: int
    unknown: int
    calls: int
    dearer: tuple[str, ...]

    @property
    def left(self) -> int:
        return self.budget - self.spent - self.reserved


class Budget:
    """Counts money. Safe to be used by several threads at once."""

    def __init__(self, micro: int) -> None:
        assert micro >= 0
        self._budget = micro
        self._spent = 0
        self._unknown = 0
        self._calls = 0
        self._open: dict[int, Reservation] = {}
        self._reserved = 0
        self._dearer: set[str] = set()
        self._lock = Lock()

    def reserve(self, operation: str, micro: int) -> Reservation:
        """Put `micro` aside for a call. Raises `OutOfBudget`, and `MayNot` for what could never be paid
        or has cost too much before.
        """
        assert micro >= 0
        with self._lock:
            if operation in self._dearer:
                raise MayNot(
                    f"{operation} has cost more than its worst price "
                    f"(pricing.worst.{operation} in rules.toml): it is not called again"
                )
            if micro > self._budget:
                raise MayNot(
                    f"{operation} may cost ${dollars(micro)}, more than the whole budget of "
                    f"${dollars(self._budget)}"
                )
            left = self._budget - self._spent - self._reserved
            if micro > left:
                raise OutOfBudget(
                    f"{operation} may cost ${dollars(micro)}, and of the budget of ${dollars(self._budget)} "
                    f"there is ${dollars(left)} left (${dollars(self._reserved)} put aside for other calls)"
                )
            self._calls += 1
            reservation = Reservation(number=self._calls, operation=operation, micro=micro)
            self._open[reservation.number] = reservation
            self._reserved += micro
            return reservation

    def settle(self, reservation: Reservation, micro: int) -> None:
        """The call has cost so much. More than was reserved counts, too."""
        assert micro >= 0
        with self._lock:
            self._end(reservation)
            self._spent += micro
            if micro > reservation.micro:
                self._dearer.add(reservation.operation)

    def keep(self, reservation: Reservation) -> None:
        """What the call has cost is not known: the worst counts."""
        with self._lock:
            self._end(reservation)
            self._spent += reservation.micro
            self._unknown += reservation.micro

    def release(self, reservation: Reservation) -> None:
        """The call has cost nothing."""
        with self._lock:
            self._end(reservation)

    def spending(self) -> Spending:
        with self._lock:
            return Spending(
                budget=self._budget,
                spent=self._spent,
                reserved=self._reserved,
                unknown=self._unknown,
                calls=self._calls,
                dearer=tuple(sorted(self._dearer)),
            )

    def _end(self, reservation: Reservation) -> None:
        ended = self._open.pop(reservation.number, None)
        assert ended is reservation, "a reservation ends once, where it was made"
        self._reserved -= reservation.micro


class Guard:
    """Makes calls that cost, within the budget, whatever becomes of them."""

    def __init__(self, budget: Budget, terms: Terms) -> None:
        self._budget = budget
        self._terms = terms

    def call(self, errand: Errand, send: Callable[[], Answer]) -> Answer:
        """Make the call by `send`. Raises `OutOfBudget` before, and whatever `send` raises."""
        reservation = self.begin(errand)
        try:
            answer = send()
        except BaseException:
            # Ctrl-C among them: the call may have been heard.
            self.lose(reservation)
            raise
        self.end(reservation, answer)
        return answer

    def begin(self, errand: Errand) -> Reservation:
        """Put the worst aside. Raises `OutOfBudget`."""
        return self._budget.reserve(errand.operation, errand.worst_micro)

    def lose(self, reservation: Reservation) -> None:
        """There is no answer, and nobody knows what it would have said."""
        self._budget.keep(reservation)

    def end(self, reservation: Reservation, answer: Answer) -> None:
        """Settle by what the answer says, and by the worst where it says nothing."""
        if self._terms.is_free_refusal(answer):
            self._budget.release(reservation)
        elif (told := self._terms.told_micro(reservation.operation, answer)) is None:
            self._budget.keep(reservation)
        elif told <= reservation.micro + ROUNDED_MICRO:
            # What is told is rounded up here, for what may have been rounded down there.
            self._budget.settle(reservation, min(told, reservation.micro))
        else:
            self._budget.settle(reservation, told)


def micro_of(budget: str | Decimal) -> int:
    """A budget as a user writes it ("5", "2.50"), in whole millionths of a dollar; never more than he says.

    Nothing ("0") is a budget, too: for reading. Raises `ValueError` for what is no amount.
    """
    amount = Decimal(budget) if isinstance(budget, Decimal) else _decimal(budget)
    if not amount.is_finite() or amount < 0:
        raise ValueError("a budget is an amount of dollars, such as 2.50; 0 for none")
    return int(amount * MICRO)


def dollars(micro: int) -> str:
    """Millionths of a dollar as text: "2.5", "0.000061"."""
    text = f"{Decimal(micro) / MICRO:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text.strip())
    except ArithmeticError:
        raise ValueError("a budget is an amount of dollars, such as 2.50") from None
