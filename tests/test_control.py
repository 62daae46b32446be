"""The operator's own API."""

from typing import Any

import pytest

from mockleo import __version__
from tests.wire.leo import LONG_MS, Leo

Json = Any

TOKEN = "swordfish"


def test_health_tells_what_is_running_and_what_was_used() -> None:
    leo = Leo(profile="wire-true")
    leo.order()
    leo.order()
    leo.beside("another").order()
    leo.ask("GET", "/nothing")
    leo.advance(LONG_MS)
    health = leo.send("GET", "/_mockleo/health").json()
    expected = {
        "status": "ok",
        "version": __version__,
        "seed": 7,
        "time": {"mode": "manual", "now_ms": leo.clock.now_ms()},
        "keys": "open",
        "profile": "wire-true",
        "accounts": 2,
        "generations": 3,
        "journal": {"exchanges": 4, "dropped": 0},
    }
    assert {key: health[key] for key in expected} == expected


def test_what_health_names_can_be_called() -> None:
    leo = Leo(keys="strict")
    health = leo.send("GET", "/_mockleo/health").json()
    assert health["base_url"] == f"{health['url']}/api/rest/v1"
    answer = leo.send("GET", "/api/rest/v1/me", headers={"authorization": f"Bearer {health['api_key']}"})
    assert answer.status_code == 200


def test_ready_is_no_more_than_that() -> None:
    answer = Leo(control_token=TOKEN).send("GET", "/_mockleo/ready")
    assert (answer.status_code, answer.json()) == (200, {"ready": True})


def test_health_catches_up_with_the_clock() -> None:
    leo = Leo()
    leo.order()
    leo.advance(LONG_MS)
    leo.send("GET", "/_mockleo/health")
    assert len(leo.app.record.transitions) == 2


def test_reset_begins_again() -> None:
    leo = Leo()
    leo.order()
    answer = leo.send("POST", "/_mockleo/reset")
    assert (answer.status_code, answer.json()) == (200, {"reset": True})
    health = leo.send("GET", "/_mockleo/health").json()
    assert (health["accounts"], health["generations"], health["journal"]) == (
        0,
        0,
        {"exchanges": 0, "dropped": 0},
    )


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/_mockleo/nothing", 404),
        ("GET", "/_mockleo/reset", 405),
        ("POST", "/_mockleo/health", 405),
        ("POST", "/_mockleo/ready", 405),
    ],
)
def test_nothing_else_is_there(method: str, path: str, status: int) -> None:
    leo = Leo()
    leo.order()
    assert leo.send(method, path).status_code == status
    assert leo.account.generations


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (None, 401),
        ("", 401),
        ("Bearer ", 401),
        ("Bearer wrong", 401),
        (f"Bearer {TOKEN}x", 401),
        (f"Bearer {TOKEN[:-1]}", 401),
        (f"Bearer {TOKEN}", 200),
    ],
)
@pytest.mark.parametrize(("method", "path"), [("GET", "/_mockleo/health"), ("POST", "/_mockleo/reset")])
def test_where_there_is_a_token_it_is_wanted(
    method: str, path: str, authorization: str | None, status: int
) -> None:
    leo = Leo(control_token=TOKEN)
    leo.order()
    headers = {} if authorization is None else {"authorization": authorization}
    answer = leo.send(method, path, headers=headers)
    assert answer.status_code == status
    assert TOKEN not in answer.text
    assert bool(leo.app.site.world.accounts) != (method == "POST" and status == 200)


def test_the_operators_calls_are_not_in_the_journal() -> None:
    leo = Leo()
    leo.send("GET", "/_mockleo/health")
    assert list(leo.app.record.exchanges) == []


def test_nothing_of_the_operators_is_below_the_emulated_paths() -> None:
    leo = Leo()
    assert leo.ask("GET", "/_mockleo/health").status_code == 404
