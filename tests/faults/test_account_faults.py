"""What an account may do and has, under faults: each seen acting, at the service's own place."""

from typing import Any

import httpx
import msgspec
import pytest

from mockleo.faults.menu import KINDS
from tests.core.worlds import LIGHTNING, PHOENIX
from tests.wire.leo import LONG_MS, Leo, refused

from . import rig

Told = dict[str, Any]


def faulty(told: Told, leo: Leo | None = None) -> Leo:
    leo = leo or Leo()
    leo.app.faults.add(msgspec.convert(told, KINDS), now_ms=leo.clock.now_ms())
    return leo


def order(leo: Leo, **variables: Any) -> httpx.Response:
    return leo.ask("POST", "/generations", json={"prompt": "a cat", **variables})


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"fault": "credits-gone", "left": -1}, "^left: -1 is below zero"),
        ({"fault": "limits-halved", "percent": 0}, "^percent: 0 is not between 1 and 99"),
        ({"fault": "limits-halved", "percent": 100}, "^percent: 100 is not between 1 and 99"),
        ({"fault": "model-retired"}, "required field `model_id`"),
        ({"fault": "model-retired", "model_id": ""}, "^model_id: must not be empty"),
        ({"fault": "key-revoked", "left": 1}, "left"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(told: Told, words: str) -> None:
    rig.refused(told, words)


# --- the key ------------------------------------------------------------------------------------


def test_a_key_is_revoked_between_two_calls() -> None:
    leo = faulty({"fault": "key-revoked", "nth": [3]})
    generation_id = leo.order()
    assert leo.status(generation_id) == "PENDING"
    third, fourth = (leo.ask("GET", f"/generations/{generation_id}") for _ in range(2))
    assert (third.status_code, fourth.status_code) == (401, 401)
    assert third.json() == fourth.json()
    assert "fault=fault-1; key-revoked" in third.headers["x-mockleo-why"]
    leo.app.faults.clear()
    assert leo.ask("GET", "/me").status_code == 401


def test_a_revoked_key_takes_none_of_its_account_with_it() -> None:
    leo = faulty({"fault": "key-revoked", "operations": ["getUserSelf"]})
    generation_id = leo.order()
    leo.ask("GET", "/me")
    world = leo.app.site.world
    other = Leo(leo.app, key=world.make_key("another", account=leo.account).plain)
    leo.advance(LONG_MS)
    assert other.status(generation_id) == "COMPLETE"


# --- credits ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("left", "is_let_in"), [(0, False), (1, False), (10_000, True)])
def test_an_order_meets_the_real_check_with_what_is_left(left: int, *, is_let_in: bool) -> None:
    leo = faulty({"fault": "credits-gone", "left": left, "operations": ["createGeneration"]})
    answer = order(leo)
    assert (answer.status_code == 200) is is_let_in
    if not is_let_in:
        assert refused(answer).error == f"not enough api tokens userId: {leo.user_id}"
        assert leo.balance == left
    ledger = leo.account.ledger
    told = sum(-e.credits if e.why.name in {"CHARGE", "WITHDRAWAL"} else e.credits for e in ledger.entries)
    assert ledger.opening + told == ledger.balance


def test_nobody_is_made_richer_by_it() -> None:
    leo = Leo(credits=5)
    faulty({"fault": "credits-gone", "left": 100}, leo)
    leo.get("/me")
    assert leo.balance == 5


# --- limits -------------------------------------------------------------------------------------


def let_in(leo: Leo, calls: int) -> int:
    return sum(order(leo).status_code == 200 for _ in range(calls))


def test_half_of_the_calls_of_a_minute_are_let_in() -> None:
    assert let_in(Leo(), 102) == 100
    assert let_in(faulty({"fault": "limits-halved"}), 102) == 50
    assert let_in(faulty({"fault": "limits-halved", "percent": 10}), 12) == 10


def test_half_of_the_slots_run_and_none_more_when_one_is_free() -> None:
    leo = faulty({"fault": "limits-halved"})
    let_in(leo, 9)
    lane = leo.account.lanes["image"]
    assert (lane.running, len(lane.queue)) == (5, 4)
    due_ms = leo.app.site.world.due_ms()
    assert due_ms is not None
    leo.advance(due_ms - leo.clock.now_ms())
    leo.app.catch_up()
    assert lane.running <= 5
    leo.advance(LONG_MS)
    leo.app.catch_up()
    assert (lane.running, len(lane.queue)) == (0, 0)


def test_what_waits_moves_up_once_an_order_finds_the_whole_again() -> None:
    leo = faulty({"fault": "limits-halved", "until_ms": 1_000})
    let_in(leo, 9)
    lane = leo.account.lanes["image"]
    leo.advance(1_000)
    leo.get("/me")
    assert (lane.running, len(lane.queue)) == (5, 4), "a look changes nothing"
    order(leo)
    assert (lane.running, len(lane.queue)) == (10, 0)


def test_half_of_the_places_in_the_queue_are_left() -> None:
    rules = {"plans.credits.pending": '{"image":4,"upscale":100,"blueprint":10,"three_d":100}'}
    whole = Leo(rules=rules)
    half = faulty({"fault": "limits-halved"}, Leo(rules=rules))
    assert (let_in(whole, 20), let_in(half, 20)) == (10 + 4, 5 + 2)


def test_one_of_each_is_always_left() -> None:
    leo = faulty({"fault": "limits-halved", "percent": 1})
    assert let_in(leo, 2) == 1
    assert leo.account.lanes["image"].running == 1


def test_others_have_their_whole() -> None:
    leo = Leo()
    faulty({"fault": "limits-halved", "account": leo.user_id}, leo)
    other = leo.beside("another")
    assert (let_in(leo, 60), let_in(other, 60)) == (50, 60)


# --- models -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("retired", "named", "is_let_in"),
    [
        (PHOENIX, PHOENIX, False),
        (PHOENIX, LIGHTNING, True),
        (PHOENIX, None, True),
        (LIGHTNING, None, False),
        (LIGHTNING, LIGHTNING, False),
        (LIGHTNING, PHOENIX, True),
    ],
)
def test_a_retired_model_is_not_usable_named_or_not(
    retired: str, named: str | None, *, is_let_in: bool
) -> None:
    leo = faulty({"fault": "model-retired", "model_id": retired})
    answer = order(leo, **({"modelId": named} if named else {}))
    assert (answer.status_code == 200) is is_let_in
    if not is_let_in:
        assert refused(answer).error.startswith(f"{retired} is not supported within the Production API.")
    listed = {model["id"] for model in leo.get("/platformModels")}
    assert retired not in listed
    leo.app.faults.clear()
    assert order(leo, **({"modelId": named} if named else {})).status_code == 200


def test_the_order_of_checks_is_the_services() -> None:
    leo = faulty({"fault": "model-retired", "model_id": LIGHTNING})
    assert "nude" in leo.refusal("/generations", prompt="nude").error
