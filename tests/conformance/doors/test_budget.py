"""The budget is never exceeded: not by many at once, not by lost answers, not by prices that vary."""

import random
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import suppress
from decimal import Decimal
from functools import partial
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockleo.conformance.door import Answer, MayNot, NoAnswer, OutOfBudget
from mockleo.conformance.doors.budget import Budget, Guard, Reservation, dollars, micro_of
from mockleo.conformance.doors.terms import MICRO, Errand, Kind
from tests.conformance.doors.interleaved import Interleaved, PausingLock
from tests.conformance.doors.upstream import TERMS, Upstream

WORKERS = 64
# Some forty calls at their worst: far fewer than are wanted.
BUDGET_MICRO = 24 * MICRO
RUNS = 1_000
CALLS = 4


class Outcome(msgspec.Struct, kw_only=True):
    """What came of a run, by the upstream's own books and by ours; millionths of a dollar."""

    charged: int
    told: int
    charges: int
    spent: int
    known: int
    reserved: int

    @property
    def is_sound(self) -> bool:
        return self.charged <= self.spent <= BUDGET_MICRO and self.told <= self.known and self.reserved == 0


def outcome(upstream: Upstream, budget: Budget) -> Outcome:
    return Outcome(
        charged=upstream.charged_micro,
        told=upstream.told_micro,
        charges=upstream.charges,
        spent=budget._spent,
        known=budget._spent - budget._unknown,
        reserved=budget._reserved,
    )


def in_steps(seed: int, *, budget_of: type[Budget] = Budget, guard_of: type[Guard] = Guard) -> Outcome:
    """64 who want to spend until nothing is left; who goes on when, the seed decides."""
    chance = random.Random(seed)  # noqa: S311  a seed is what it is for
    upstream, budget = Upstream(seed), budget_of(BUDGET_MICRO)
    guard = guard_of(budget, TERMS)

    def work() -> Generator[None]:
        for _ in range(CALLS):
            errand = upstream.errand()
            try:
                reservation = guard.begin(errand)
            except OutOfBudget:
                yield
                continue
            yield
            try:
                answer = upstream.answer(errand)
            except NoAnswer:
                yield
                guard.lose(reservation)
                continue
            yield
            guard.end(reservation, answer)

    working = [work() for _ in range(WORKERS)]
    while working:
        place = chance.randrange(len(working))
        if next(working[place], working) is working:
            del working[place]
    return outcome(upstream, budget)


def in_threads(seed: int, *, budget_of: type[Budget] = Budget, guard_of: type[Guard] = Guard) -> Outcome:
    """The same with threads that go on where the seed says, the doors of the lock among it."""
    order = Interleaved(seed)
    upstream = Upstream(seed, pause=order.pause)
    budget = budget_of(BUDGET_MICRO)
    budget._lock = PausingLock(order)  # type: ignore[assignment]  # the same, with others at its door
    if isinstance(budget, Racy):
        budget.order = order
    guard = guard_of(budget, TERMS)
    order.run([_worker(guard, upstream)] * WORKERS)
    return outcome(upstream, budget)


def _worker(guard: Guard, upstream: Upstream) -> Callable[[], None]:
    def work() -> None:
        for _ in range(CALLS):
            errand = upstream.errand()
            with suppress(NoAnswer, OutOfBudget):
                guard.call(errand, partial(upstream.answer, errand))

    return work


def test_64_workers_never_exceed_the_budget_over_1000_seeds() -> None:
    charges = 0
    for seed in range(RUNS):
        seen = in_steps(seed)
        assert seen.is_sound, f"seed {seed}: {seen}"
        charges += seen.charges
    # Neither does it stop everything: each run had its money's worth.
    assert charges > 20 * RUNS


def test_nor_where_others_go_on_at_the_doors_of_the_lock() -> None:
    for seed in range(30):
        seen = in_threads(seed)
        assert seen.is_sound, f"seed {seed}: {seen}"


def test_the_same_seed_is_the_same_run() -> None:
    assert in_steps(7) == in_steps(7) != in_steps(8)
    assert in_threads(7) == in_threads(7) != in_threads(8)


def at_once(seed: int) -> Outcome:
    """The same with threads that the system lets go on as it likes."""
    upstream, budget = Upstream(seed), Budget(BUDGET_MICRO)
    guard = Guard(budget, TERMS)
    threads = [threading.Thread(target=_worker(guard, upstream)) for _ in range(WORKERS)]
    before_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before_s)
    return outcome(upstream, budget)


def test_threads_of_the_system_never_exceed_it_either() -> None:
    for seed in range(20):
        seen = at_once(seed)
        assert seen.is_sound, f"seed {seed}: {seen}"


# --- planted mistakes: each is found by the run above ------------------------------------------


class WithoutReservation(Budget):
    """Looks whether something is left, and puts nothing aside."""

    def reserve(self, operation: str, micro: int) -> Reservation:
        made = super().reserve(operation, micro)
        with self._lock:
            self._reserved -= micro
        return made

    def _end(self, reservation: Reservation) -> None:
        self._reserved += reservation.micro
        super()._end(reservation)


class Racy(Budget):
    """Checks, lets others go on, and then acts."""

    order: Interleaved

    def reserve(self, operation: str, micro: int) -> Reservation:
        if micro > self._budget - self._spent - self._reserved:
            raise OutOfBudget
        self.order.pause()
        self._calls += 1
        made = Reservation(number=self._calls, operation=operation, micro=micro)
        self._open[made.number] = made
        self._reserved += micro
        return made


class ForgetsTheReserved(Budget):
    """Compares with what was spent alone."""

    def reserve(self, operation: str, micro: int) -> Reservation:
        with self._lock:
            reserved, self._reserved = self._reserved, 0
        try:
            return super().reserve(operation, micro)
        finally:
            with self._lock:
                self._reserved += reserved


class ReleasesWhatWasLost(Budget):
    """Takes no answer for no price."""

    def keep(self, reservation: Reservation) -> None:
        self.release(reservation)


class InFloats(Budget):
    """Counts in floats, cut to cents."""

    def settle(self, reservation: Reservation, micro: int) -> None:
        super().settle(reservation, int(float(micro) / 10_000) * 10_000)


class SettlesTwice(Guard):
    def end(self, reservation: Reservation, answer: Answer) -> None:
        super().end(reservation, answer)
        self._budget.release(reservation)


class BelievesEveryRefusal(Guard):
    """Takes each 4xx and 5xx for free."""

    def end(self, reservation: Reservation, answer: Answer) -> None:
        if answer.status >= 400:
            self._budget.release(reservation)
        else:
            super().end(reservation, answer)


class TakesNoPriceForNone(Guard):
    def end(self, reservation: Reservation, answer: Answer) -> None:
        if answer.status == 200 and self._terms.told_micro(reservation.operation, answer) is None:
            self._budget.release(reservation)
        else:
            super().end(reservation, answer)


class TakesTheRoundedPrice(Guard):
    """Settles what the answer says to the digit, though it was rounded."""

    def end(self, reservation: Reservation, answer: Answer) -> None:
        told = self._terms.told_micro(reservation.operation, answer)
        if told is None:
            super().end(reservation, answer)
        else:
            self._budget.settle(reservation, told - 50)


class LosesWhatIsInterrupted(Guard):
    """Forgets a reservation whose call has raised."""

    def call(self, errand: Errand, send: Any) -> Answer:
        reservation = self._budget.reserve(errand.operation, errand.worst_micro)
        answer: Answer = send()
        self.end(reservation, answer)
        return answer


@pytest.mark.parametrize(
    "planted",
    [
        WithoutReservation, Racy, ForgetsTheReserved, ReleasesWhatWasLost, InFloats, SettlesTwice,
        BelievesEveryRefusal, TakesNoPriceForNone, TakesTheRoundedPrice, LosesWhatIsInterrupted,
    ],
)  # fmt: skip
def test_a_planted_mistake_is_found(planted: type[Any]) -> None:
    kinds: dict[str, Any] = {"budget_of" if issubclass(planted, Budget) else "guard_of": planted}

    # The race is inside one step of the others.
    run = in_threads if planted in (Racy, LosesWhatIsInterrupted) else in_steps

    def is_found(seed: int) -> bool:
        try:
            return not run(seed, **kinds).is_sound
        except AssertionError:
            return True

    assert any(is_found(seed) for seed in range(30))


# --- the parts ---------------------------------------------------------------------------------


def test_a_reservation_ends_once() -> None:
    budget = Budget(10)
    made = budget.reserve("createGeneration", 4)
    budget.settle(made, 3)
    for end in (partial(budget.settle, micro=3), budget.keep, budget.release):
        with pytest.raises(AssertionError, match="ends once"):
            end(made)
    assert budget.spending().left == 7


def test_what_does_not_suffice_is_told_and_not_sent() -> None:
    budget = Budget(MICRO)
    budget.reserve("createGeneration", 600_000)
    sent: list[bool] = []
    errand = Errand(kind=Kind.PAY, operation="promptRandom", worst_micro=400_001)

    def send() -> Answer:
        sent.append(True)
        return Answer(status=200)

    with pytest.raises(
        OutOfBudget, match=r"may cost \$0.400001, and of the budget of \$1 there is \$0.4 left"
    ):
        Guard(budget, TERMS).call(errand, send)
    assert not sent
    assert budget.spending().calls == 1


def test_what_the_whole_budget_would_not_pay_stops_nothing_else() -> None:
    budget = Budget(100)
    with pytest.raises(MayNot, match="more than the whole budget") as told:
        budget.reserve("createModel", 101)
    assert not isinstance(told.value, OutOfBudget)
    budget.reserve("promptRandom", 100)


def test_the_last_millionth_may_be_spent() -> None:
    budget = Budget(10)
    budget.keep(budget.reserve("createGeneration", 10))
    assert budget.spending().left == 0
    budget.reserve("createDataset", 0)


def test_what_costs_more_than_its_worst_counts_and_is_not_called_again() -> None:
    budget = Budget(100_000)
    guard = Guard(budget, TERMS)
    body = msgspec.json.encode({"promptGeneration": {"cost": {"amount": "0.07", "unit": "DOLLARS"}}})
    errand = Errand(kind=Kind.PAY, operation="promptRandom", worst_micro=24_000)
    guard.call(errand, lambda: Answer(status=200, body=body))
    assert budget.spending().spent == 70_050
    assert budget.spending().dearer == ("promptRandom",)
    with pytest.raises(MayNot, match="has cost more than its worst price"):
        guard.call(errand, lambda: Answer(status=200, body=body))
    budget.reserve("createDataset", 0)


@pytest.mark.parametrize("error", [NoAnswer("lost"), KeyboardInterrupt(), MayNot("no HTTP"), ValueError("?")])
def test_whatever_is_raised_on_the_way_the_worst_is_kept(error: BaseException) -> None:
    budget = Budget(1_000)

    def send() -> Answer:
        raise error

    with pytest.raises(type(error)):
        Guard(budget, TERMS).call(Errand(kind=Kind.PAY, operation="promptRandom", worst_micro=900), send)
    assert (budget.spending().spent, budget.spending().unknown, budget.spending().left) == (900, 900, 100)


@pytest.mark.parametrize(
    ("said", "micro"),
    [
        ("5", 5_000_000),
        ("2.50", 2_500_000),
        ("0.000001", 1),
        ("1e-6", 1),
        (" 1 ", MICRO),
        ("0.0000019", 1),
        ("0", 0),
        ("-0", 0),
    ],
)
def test_a_budget_is_read_and_never_grows(said: str, micro: int) -> None:
    assert micro_of(said) == micro


@pytest.mark.parametrize(
    "said", ["", "-0.01", "-1", "abc", "NaN", "Infinity", "-Infinity", "1,5", "$5", "sNaN"]
)
def test_what_is_no_budget_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="a budget is an amount of dollars"):
        micro_of(said)


@given(st.integers(0, 10**12))
def test_money_is_told_exactly(micro: int) -> None:
    assert Decimal(dollars(micro)) * MICRO == micro
    assert "E" not in dollars(micro)
