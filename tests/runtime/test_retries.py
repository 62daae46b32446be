"""When a webhook is sent again: the schedules as they are written, and their jitter."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockleo.core.chance import Chance
from mockleo.core.rules import Rules
from mockleo.runtime.retries import BadSchedule, Retries
from tests.core.worlds import the_rules

SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000


def rules(chosen: str, **schedules: Any) -> Rules:
    """The shipped rules with another choice, and perhaps other schedules to choose from."""
    row, table = the_rules()["webhooks.retries"], the_rules()["webhooks.schedules"]
    return the_rules().with_(
        {
            "webhooks.retries": msgspec.structs.replace(row, value=chosen),
            "webhooks.schedules": msgspec.structs.replace(
                table, values={**the_rules().table("webhooks.schedules"), **schedules}
            ),
        }
    )


@pytest.mark.parametrize(
    ("chosen", "pauses_ms"),
    [
        ("none", []),
        ("steps", [1 * SECOND, 5 * SECOND, 30 * SECOND]),
        (
            "exponential",
            [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR],
        ),
        ("doubling", [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]),
    ],
)
def test_the_schedules_that_are_shipped(chosen: str, pauses_ms: list[int]) -> None:
    assert list(Retries.of(rules(chosen)).pauses_ms) == pauses_ms


def test_by_default_nothing_is_sent_again() -> None:
    assert Retries.of(the_rules()) == Retries()


def test_every_schedule_can_be_chosen_and_nothing_else() -> None:
    named = ["none", *the_rules().table("webhooks.schedules")]
    assert the_rules()["webhooks.retries"].one_of == named


@pytest.mark.parametrize(
    ("chosen", "schedule", "named"),
    [
        ("often", {}, "webhooks.retries: 'often' is none of none, steps"),
        ("mine", {"pauses_ms": [-1]}, "webhooks.schedules.mine"),
        ("mine", {"pauses_ms": [1] * 101}, "more than 100 tries"),
        ("mine", {"first_ms": 1, "factor": 10, "tries": 100_000_000}, "more than 100 tries"),
        ("mine", {"pauses_ms": ["soon"]}, "webhooks.schedules.mine"),
        ("mine", {"pause_ms": [1]}, "pause_ms"),
        ("mine", {"pauses_ms": [1], "jitter_percent": -5}, "webhooks.schedules.mine"),
    ],
)
def test_a_schedule_that_cannot_be_kept_is_refused(chosen: str, schedule: Any, named: str) -> None:
    with pytest.raises(BadSchedule, match=named):
        Retries.of(rules(chosen, **({"mine": schedule} if schedule else {})))


def test_after_the_last_try_there_is_none() -> None:
    retries, chance = Retries(pauses_ms=(7, 8)), Chance(b"seed")
    assert [retries.pause_ms(attempts=nth, n=1, chance=chance) for nth in (1, 2, 3, 4)] == [7, 8, None, None]
    assert Retries().pause_ms(attempts=1, n=1, chance=chance) is None


@given(st.integers(0, 10**8), st.integers(0, 200), st.integers(1, 10**6), st.binary(max_size=16))
def test_jitter_makes_a_pause_longer_by_its_share_at_most(
    pause_ms: int, percent: int, n: int, seed: bytes
) -> None:
    retries = Retries(pauses_ms=(pause_ms, pause_ms), jitter_percent=percent)
    for attempts in (1, 2):
        drawn = retries.pause_ms(attempts=attempts, n=n, chance=Chance(seed))
        assert drawn is not None
        assert pause_ms <= drawn <= pause_ms + pause_ms * percent // 100
        assert drawn == retries.pause_ms(attempts=attempts, n=n, chance=Chance(seed))


def test_deliveries_that_fail_together_do_not_come_back_together() -> None:
    retries = Retries(pauses_ms=(HOUR, HOUR), jitter_percent=10)
    drawn = {
        retries.pause_ms(attempts=attempts, n=n, chance=Chance(b"seed"))
        for n in range(1, 51)
        for attempts in (1, 2)
    }
    assert len(drawn) > 90
