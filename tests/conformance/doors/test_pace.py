"""Below the documented limits, on a clock that we hold."""

import random
from collections import Counter, deque

import pytest

from mockleo import contracts
from mockleo.conformance.doors.pace import Pace

PLAN = contracts.rules()["plans"]["credits"]["values"]


class Held:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.s = 100.0

    def now_s(self) -> float:
        return self.s

    def sleep_s(self, seconds: float) -> None:
        assert seconds >= 0
        self.s += seconds


def most_in_a_minute(at_s: list[float]) -> int:
    """The most calls in any 60 seconds, wherever they begin."""
    window: deque[float] = deque()
    most = 0
    for each in at_s:
        window.append(each)
        while window[0] <= each - 60:
            window.popleft()
        most = max(most, len(window))
    return most


def test_reading_stays_below_the_limit_of_everything() -> None:
    watch = Held()
    pace = Pace(PLAN, watch)
    at_s = []
    for _ in range(6_000):
        pace.wait_to_read()
        at_s.append(watch.s)
    assert 1_700 <= most_in_a_minute(at_s) < PLAN["per_minute"]["all"]


@pytest.mark.parametrize(
    "operation", ["createGeneration", "createVariationNoBG", "promptRandom", "deleteModelById"]
)
def test_each_operation_stays_below_its_own(operation: str) -> None:
    watch = Held()
    pace = Pace(PLAN, watch)
    at_s = []
    for number in range(300):
        held = pace.wait_to_change(operation)
        at_s.append(watch.s)
        pace.began(operation, held, f"job {number}")
        pace.ended(f"job {number}")
    assert 80 <= most_in_a_minute(at_s) < 100


def test_all_of_them_together_stay_below_it() -> None:
    watch, chance = Held(), random.Random(7)  # noqa: S311  a seed is what it is for
    pace = Pace(PLAN, watch)
    at_s: list[float] = []
    by_operation: dict[str, list[float]] = {}
    for _ in range(5_000):
        operation = chance.choice(["createGeneration", "promptRandom", *["me"] * 60])
        if operation == "me":
            pace.wait_to_read()
        else:
            pace.began(operation, pace.wait_to_change(operation), None)
        at_s.append(watch.s)
        by_operation.setdefault(operation, []).append(watch.s)
        # Somebody who thinks for a while must not have his turns saved up.
        watch.s += chance.choice([0.0] * 200 + [30.0])
    assert most_in_a_minute(at_s) < 2_000
    assert most_in_a_minute(by_operation["createGeneration"]) < 100


@pytest.mark.parametrize(("operation", "slots"), [("createGeneration", 10), ("createModel", 5)])
def test_jobs_that_nobody_has_seen_end_hold_their_slots(operation: str, slots: int) -> None:
    watch = Held()
    pace = Pace(PLAN, watch)
    began_s = []
    for number in range(slots + 1):
        held = pace.wait_to_change(operation)
        began_s.append(watch.s)
        pace.began(operation, held, f"job {number}")
    assert began_s[-2] - began_s[0] < 30
    assert began_s[-1] - began_s[0] >= 60


def test_a_job_that_has_ended_gives_its_slot_back_and_so_does_a_refusal() -> None:
    watch = Held()
    pace = Pace(PLAN, watch)
    outcomes: Counter[str] = Counter()
    for number in range(60):
        held = pace.wait_to_change("createModel")
        if number % 2:
            pace.began("createModel", held, None)
            outcomes["refused"] += 1
        else:
            pace.began("createModel", held, f"job {number}")
            pace.ended(f"job {number}")
            outcomes["ended"] += 1
    assert outcomes == {"refused": 30, "ended": 30}
    assert watch.s - 100 < 45


def test_many_refusals_hold_no_slot() -> None:
    watch = Held()
    pace = Pace(PLAN, watch)
    for _ in range(3):
        pace.began("createModel", pace.wait_to_change("createModel"), None)
    before_s = watch.s
    for number in range(5):
        pace.began("createModel", pace.wait_to_change("createModel"), f"job {number}")
    assert watch.s - before_s < 10
