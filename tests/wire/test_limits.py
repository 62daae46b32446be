"""The limits as a client meets them: each with its refusal, by account, and `Retry-After` that is right."""

from email.utils import parsedate_to_datetime

import httpx
import pytest

from mockleo.app import App
from mockleo.settings import BadSetting, Settings

from .leo import Leo
from .promise import OPERATIONS

MINUTE_MS = 60_000
UNLIMITED = {"plans.credits.per_minute.all": 10**6, "plans.credits.per_minute.createGeneration": 10**6}


def limited(**rules: object) -> Leo:
    """A client whose account may make 5 calls a minute, 3 of them orders."""
    return Leo(
        rules={"plans.credits.per_minute.all": 5, "plans.credits.per_minute.createGeneration": 3, **rules}
    )


def order(leo: Leo, prompt: str = "a cat") -> httpx.Response:
    return leo.ask("POST", "/generations", json={"prompt": prompt, "num_images": 1})


def outcomes(leo: Leo, count: int) -> list[int]:
    return [order(leo).status_code for _ in range(count)]


def test_more_orders_than_a_minute_has_are_refused() -> None:
    leo = limited()
    assert outcomes(leo, 5) == [200, 200, 200, 429, 429]
    answer = order(leo)
    assert answer.json() == {"error": "Too many requests", "path": "$", "code": "unexpected"}
    assert answer.headers["x-mockleo-why"] == (
        "too-many-of-this-kind; rule=plans.credits.per_minute.createGeneration"
    )
    assert "retry-after" not in answer.headers


def test_more_calls_of_all_kinds_than_a_minute_has_are_refused() -> None:
    leo = limited()
    assert [leo.ask("GET", "/me").status_code for _ in range(6)] == [200] * 5 + [429]
    assert leo.ask("GET", "/me").headers["x-mockleo-why"] == (
        "too-many-requests; rule=plans.credits.per_minute.all"
    )


def test_who_is_refused_is_charged_nothing_and_counted_nowhere() -> None:
    leo = limited()
    outcomes(leo, 3)
    before = leo.balance
    outcomes(leo, 50)
    assert leo.balance == before
    assert [leo.ask("GET", "/me").status_code for _ in range(3)] == [200, 200, 429]


def test_each_account_has_limits_of_its_own() -> None:
    leo = limited()
    assert outcomes(leo, 4)[-1] == 429
    assert outcomes(leo.beside("another-key"), 3) == [200] * 3


def test_what_is_refused_at_the_door_is_not_counted() -> None:
    leo = limited()
    for _ in range(10):
        leo.ask("GET", "/nowhere")
    assert outcomes(leo, 3) == [200] * 3


def test_an_order_that_makes_no_sense_counts() -> None:
    """The limit stands before the validation."""
    leo = limited()
    for _ in range(3):
        assert leo.ask("POST", "/generations", json={"prompts": 1}).status_code == 400
    assert order(leo).status_code == 429


def test_the_next_minute_is_a_new_one() -> None:
    leo = limited()
    outcomes(leo, 4)
    leo.advance(MINUTE_MS - leo.clock.now_ms() % MINUTE_MS - 1)
    assert order(leo).status_code == 429
    leo.advance(1)
    assert order(leo).status_code == 200


@pytest.mark.parametrize("window", ["fixed", "sliding", "bucket"])
@pytest.mark.parametrize("style", ["seconds", "date"])
@pytest.mark.parametrize("late_ms", [0, 1, 999, 30_500])
def test_who_waits_as_long_as_he_is_told_is_let_in(window: str, style: str, late_ms: int) -> None:
    leo = limited(**{"limits.window": window, "limits.retry_after": style})
    leo.advance(late_ms)
    while (answer := order(leo)).status_code == 200:
        leo.advance(7)
    told = answer.headers["retry-after"]
    if style == "seconds":
        leo.advance(int(told) * 1_000)
    else:
        leo.clock.jump(int(parsedate_to_datetime(told).timestamp() * 1_000))
    assert order(leo).status_code == 200


def test_a_retry_after_can_be_wrong() -> None:
    leo = limited(**{"limits.retry_after": "early"})
    outcomes(leo, 3)
    leo.advance(int(order(leo).headers["retry-after"]) * 1_000)
    assert order(leo).status_code == 429
    leo = limited(**{"limits.retry_after": "nonsense"})
    assert outcomes(leo, 4)[-1] == 429
    assert not order(leo).headers["retry-after"].isdigit()


def test_a_full_queue_refuses_and_nothing_has_happened() -> None:
    leo = Leo(rules={**UNLIMITED, "plans.credits.pending.image": 2, "limits.retry_after": "seconds"})
    assert outcomes(leo, 12) == [200] * 12, "10 run and 2 wait"
    before = leo.balance, len(leo.account.generations)
    answer = order(leo)
    assert (answer.status_code, answer.json()["error"]) == (429, "Queue limit reached")
    assert answer.headers["x-mockleo-why"] == "queue-full; rule=plans.credits.pending.image"
    assert "retry-after" not in answer.headers, "time alone does not empty a queue"
    assert (leo.balance, len(leo.account.generations)) == before
    leo.advance(6_000)
    assert order(leo).status_code == 200


def test_the_refusal_of_a_full_queue_can_be_another() -> None:
    leo = Leo(rules={**UNLIMITED, "plans.credits.pending.image": 0}, refusals={"queue-full.status": 400})
    assert outcomes(leo, 11)[-1] == 400


@pytest.mark.parametrize(
    "operation",
    [
        "createGeneration", "createVariationUpscale", "createVariationUnzoom", "createVariationNoBG",
        "CreateUniversalUpscalerJob", "createTextureGeneration", "executeBlueprint",
    ],
)  # fmt: skip
def test_each_endpoint_of_the_table_has_a_limit_of_its_own(operation: str) -> None:
    method, path, _ = OPERATIONS[operation]
    leo = Leo(rules={f"plans.credits.per_minute.{operation}": 0})
    answer = leo.ask(method, path, json={})
    assert (answer.status_code, answer.headers["x-mockleo-why"]) == (
        429,
        f"too-many-of-this-kind; rule=plans.credits.per_minute.{operation}",
    )
    assert leo.ask("GET", "/me").status_code == 200


def test_bought_slots_bring_more_of_the_rest() -> None:
    plan = App.of(Settings(slots={"image": 20, "three_d": 5, "training": 7})).plan
    assert plan.slots == {
        "image": 20, "upscale": 10, "video": 10, "training": 7, "three_d": 5, "blueprint": 10,
    }  # fmt: skip
    assert plan.pending == {"image": 400, "upscale": 100, "blueprint": 10, "three_d": 50}
    assert plan.per_minute["createGeneration"] == 200
    assert plan.per_minute["createTextureGeneration"] == 50
    assert (plan.per_minute["all"], plan.per_minute["executeBlueprint"]) == (2_000, 100)


def test_the_plan_as_it_is_sold_is_ten_slots() -> None:
    """What the table says for ten slots is what ten bought ones bring."""
    assert App.of(Settings(slots={"image": 10, "three_d": 10})).plan == App.of(Settings()).plan


@pytest.mark.parametrize(
    ("slots", "told"),
    [
        ({"images": 5}, "slots.images: there are slots for image, "),
        ({"image": 0}, "slots.image: 0 is no whole number from 1 on"),
    ],
)
def test_slots_that_cannot_be_bought_name_their_kind(slots: dict[str, int], told: str) -> None:
    with pytest.raises(BadSetting, match=told):
        App.of(Settings(slots=slots))
