"""Beginning again, with everything or with one thing."""

from typing import Any

import pytest

from tests.wire.leo import Leo

from .operator import Operator, a_busy_emulator


def seen(operator: Operator) -> dict[str, Any]:
    """What each reset may change."""
    health = operator.get("health")
    return {
        "journal": health["journal"]["exchanges"],
        "faults": health["faults"],
        "jobs": operator.get("jobs")["total"],
        "accounts": health["accounts"],
        "balances": [account["balance"] for account in operator.get("accounts")["accounts"]],
    }


@pytest.mark.parametrize("thing", ["journal", "faults", "jobs"])
def test_one_thing_and_no_other(thing: str) -> None:
    operator = a_busy_emulator()
    before = seen(operator)
    assert before[thing]
    assert operator.post(f"reset/{thing}") == {"reset": True}
    assert seen(operator) == before | {thing: 0}


def test_everything() -> None:
    operator = a_busy_emulator()
    assert operator.post("reset") == {"reset": True}
    assert seen(operator) == {"journal": 0, "faults": 0, "jobs": 0, "accounts": 0, "balances": []}
    assert operator.get("webhooks") == {"webhooks": []}


def test_credits_of_all_or_of_one() -> None:
    operator = Operator(credits=1_000)
    first, second = operator.leo, operator.leo.beside("another-key")
    for leo in (first, second):
        leo.made()
    operator.post("reset/credits", account=first.user_id)
    assert (first.balance, second.balance < 1_000) == (1_000, True)
    operator.post("reset/credits")
    assert second.balance == 1_000
    assert [entry.why.value for entry in second.account.ledger.entries] == ["CHARGE", "GRANT"]


def test_jobs_that_are_forgotten_end_no_more_and_free_their_slots() -> None:
    operator = Operator(slots={"image": 1})
    job = operator.leo.order()
    operator.leo.order()
    operator.post("reset/jobs")
    assert operator.get("clock")["due_ms"] is None
    assert operator.leo.generation(job) is None
    lane = operator.get(f"accounts/{operator.leo.user_id}")["lanes"]["image"]
    assert (lane["running"], lane["queued"]) == (0, 0)
    operator.leo.made()


def test_after_a_reset_the_same_key_is_a_new_account_with_the_same_id() -> None:
    operator = Operator()
    before = operator.leo.user_id
    operator.post("reset")
    assert Leo(operator.app, key=operator.leo.key).user_id == before
    assert operator.leo.ask("GET", "/me").status_code == 200


def test_credits_of_jobs_under_way_are_not_given_twice() -> None:
    operator = Operator(credits=1_000, slots={"image": 1})
    leo = operator.leo
    jobs = [leo.order(), leo.order()]
    held = 1_000 - leo.balance
    operator.patch(f"accounts/{leo.user_id}", credits=7)
    operator.post("reset/credits")
    assert leo.balance == 1_000 - held
    for job in jobs:
        operator.post(f"jobs/{job}", event="FAIL")
    assert leo.balance == 1_000


def test_no_balance_is_below_nothing() -> None:
    operator = Operator(credits=10)
    operator.patch(f"accounts/{operator.leo.user_id}", credits=1_000)
    operator.leo.order()
    operator.post("reset/credits")
    assert operator.leo.balance == 0
