"""What clients get wrong while they spend: each mistake is found by its check alone."""

from __future__ import annotations

import pytest

from tests.harness.stage import CAT, Stage


@pytest.mark.parametrize(("wanted", "found"), [(1, {"duplicate-click"}), (2, set()), (None, set())])
def test_two_clicks(wanted: int | None, found: set[str]) -> None:
    with Stage(expect={} if wanted is None else {"jobs": wanted}) as stage:
        jobs = [stage.order(), stage.order()]
        for job in jobs:
            stage.collect(job)
        assert stage.names() == found


def test_other_words_are_another_wish() -> None:
    with Stage(expect={"jobs": 1}) as stage:
        for prompt in ("a cat", "a dog"):
            stage.collect(stage.order({**CAT, "prompt": prompt}))
        assert stage.findings("duplicate-click") == []


@pytest.mark.parametrize(("most", "found"), [(29, {"budget-exceeded"}), (30, set()), (None, set())])
def test_spending_more_than_allowed(most: int | None, found: set[str]) -> None:
    with Stage(expect={} if most is None else {"credits_most": most}) as stage:
        for prompt in ("a cat", "a dog"):
            stage.collect(stage.order({**CAT, "prompt": prompt}))
        assert sum(entry.credits for entry in stage.run().record.ledger) == 30
        assert stage.names() == found


def test_what_failed_was_not_spent() -> None:
    with Stage(expect={"credits_most": 15}, faults=[{"fault": "job-fails", "nth": [1]}]) as stage:
        assert stage.until_done(stage.order()) == "FAILED"
        stage.collect(stage.order({**CAT, "prompt": "a dog"}))
        assert stage.names() == set()


@pytest.mark.parametrize(
    ("expect", "jobs", "found"),
    [({}, 10, set()), ({}, 11, {"too-many-in-flight"}), ({"in_flight_most": 2}, 3, {"too-many-in-flight"}),
     ({"in_flight_most": 3}, 3, set()), ({"in_flight_most": 11}, 11, set())],
)  # fmt: skip
def test_more_at_once_than_there_is_room_for(expect: dict[str, int], jobs: int, found: set[str]) -> None:
    with Stage(expect=expect) as stage:
        ids = [stage.order({**CAT, "prompt": f"cat {nth}"}) for nth in range(jobs)]
        for job in ids:
            stage.until_done(job)
        assert stage.names() == found


@pytest.mark.parametrize(("orders", "found"), [(14, set()), (15, {"queue-unbounded"})])
def test_the_queue_is_full(orders: int, found: set[str]) -> None:
    with Stage(rules={"plans.credits.pending.image": 2}) as stage:
        wanted = [{**CAT, "prompt": f"cat {nth}"} for nth in range(orders)]
        refused = [each for each in wanted if not stage.order(each)]
        assert len(refused) == orders - 12
        for each in refused:
            stage.wait(20_000)
            stage.order(each)
        stage.wait(60_000)
        assert stage.names() - {"orphaned-job"} == found


@pytest.mark.parametrize(
    ("wanted", "exit_code", "found"),
    [("nonzero", 0, {"false-success"}), ("nonzero", 1, set()), ("any", 0, set()), ("zero", 0, set()),
     ("zero", 1, {"not-brought-about"}), ("zero", None, {"not-brought-about"})],
)  # fmt: skip
def test_how_it_ended(wanted: str, exit_code: int | None, found: set[str]) -> None:
    with Stage(expect={"exit": wanted}, faults=[{"fault": "job-fails"}]) as stage:
        assert stage.until_done(stage.order()) == "FAILED"
        assert stage.names(exit_code=exit_code) == found


@pytest.mark.parametrize(
    ("expect", "found"),
    [({"jobs": 2}, {"not-brought-about"}), ({"jobs": 1}, set()), ({"files": 1}, {"not-brought-about"})],
)
def test_what_is_missing(expect: dict[str, int], found: set[str]) -> None:
    with Stage(expect=expect) as stage:
        stage.collect(stage.order())
        assert stage.names() == found


def test_no_good_grade_for_what_was_not_brought_about() -> None:
    """One slip of case, and nothing was made: that is no B."""
    with Stage(expect={"jobs": 1, "exit": "zero"}) as stage:
        stage.order({**CAT, "numImages": 1})
        verdict = stage.verdict(exit_code=1)
    assert [found.check for found in verdict.findings] == ["miscased-parameter"]
    assert (verdict.grade, verdict.rule) == ("D", "what the client was to bring about is not there")


@pytest.mark.parametrize(("speed", "outcome"), [(1.0, "findings"), (20.0, "inconclusive")])
def test_who_may_have_hung_because_of_us_is_not_judged(speed: float, outcome: str) -> None:
    with Stage(expect={"exit": "zero"}) as stage:
        stage.collect(stage.order())
        assert stage.verdict(exit_code=None, speed=speed).outcome == outcome


def test_where_another_check_tells_why_nothing_more_is_said() -> None:
    with Stage(expect={"jobs": 1}) as stage:
        stage.order()
        stage.wait(60_000)
        assert stage.names() == {"orphaned-job"}


def test_who_orders_anew_what_has_failed_is_right() -> None:
    with Stage(expect={"jobs": 1, "exit": "nonzero"}, faults=[{"fault": "job-fails", "nth": [2]}]) as stage:
        stage.collect(stage.order({**CAT, "prompt": "a dog"}))
        assert stage.until_done(stage.order()) == "FAILED"
        stage.wait(1_000)
        stage.collect(stage.order())
        assert stage.names() == set()


def test_who_does_not_wait_for_the_first_orders_twice() -> None:
    with Stage(expect={"jobs": 1}, faults=[{"fault": "job-fails", "nth": [3]}]) as stage:
        jobs = [stage.order(), stage.order()]
        assert stage.until_done(stage.order({**CAT, "prompt": "a dog"})) == "FAILED"
        for job in jobs:
            stage.collect(job)
        assert stage.names() == {"duplicate-click"}
