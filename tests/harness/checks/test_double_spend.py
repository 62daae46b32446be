"""Paying twice: the same order again, after the first had been booked."""

from __future__ import annotations

import pytest

from tests.harness.stage import CAT, Stage

LOST = [{"fault": "connection-close", "commit": True, "operations": ["createGeneration"], "nth": [1]}]
LATE_500 = [
    {"fault": "status", "status": 500, "commit": True, "operations": ["createGeneration"], "nth": [1]}
]


@pytest.mark.parametrize("faults", [LOST, LATE_500], ids=["no answer", "a 500"])
def test_the_same_again_is_paid_twice(faults: list[dict[str, object]]) -> None:
    with Stage(faults=faults) as stage:
        assert stage.order() == ""
        stage.wait(2_000)
        stage.collect(stage.order())
        [found] = stage.findings("double-spend")
    assert found.exchanges == (1, 2)
    assert found.credits > 0


def test_in_other_words_it_is_the_same() -> None:
    with Stage(faults=LOST) as stage:
        stage.order()
        stage.order(dict(reversed(CAT.items())))
        assert len(stage.findings("double-spend")) == 1


def test_who_looks_first_is_right() -> None:
    with Stage(faults=LOST) as stage:
        stage.order()
        user = stage.app.site.world.open_key(stage.key).account.user_id
        stage.wait(3_000)
        listed = stage.get(f"/generations/user/{user}?offset=0&limit=10")
        assert b"a cat" in listed.body
        assert stage.findings("double-spend") == []


def test_two_orders_that_were_answered_are_two_wishes() -> None:
    with Stage() as stage:
        for _ in range(2):
            stage.collect(stage.order())
        assert stage.findings("double-spend") == []


def test_what_was_not_booked_may_be_ordered_again() -> None:
    with Stage(faults=[{**LOST[0], "commit": False}]) as stage:
        stage.order()
        stage.collect(stage.order())
        assert stage.findings("double-spend") == []


@pytest.mark.parametrize(
    ("wanted", "found"), [(1, {"double-spend"}), (2, {"orphaned-job"}), (None, {"orphaned-job"})]
)
def test_another_seed_is_no_other_wish(wanted: int | None, found: set[str]) -> None:
    with Stage(faults=LOST, expect={} if wanted is None else {"jobs": wanted}) as stage:
        stage.order({**CAT, "seed": 1})
        stage.wait(2_000)
        stage.collect(stage.order({**CAT, "seed": 2}))
        assert stage.names() == found


def test_another_prompt_is_another_wish() -> None:
    with Stage(faults=LOST, expect={"jobs": 1}) as stage:
        stage.order()
        stage.collect(stage.order({**CAT, "prompt": "a dog"}))
        assert stage.names() == {"orphaned-job"}
