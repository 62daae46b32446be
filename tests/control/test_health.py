"""What is running, and what a client of it needs to know."""

from mockleo import __version__
from tests.wire.leo import LONG_MS, Leo

from .operator import HERE, Operator


def test_health_tells_what_is_running_and_what_was_used() -> None:
    operator = Operator(profile="wire-true", journal=3)
    leo = operator.leo
    leo.order()
    leo.order()
    leo.beside("another").order()
    leo.ask("GET", "/nothing")
    leo.advance(LONG_MS)
    operator.post("faults", fault="status", status=500)
    health = operator.get("health")
    now_ms = leo.clock.now_ms()
    expected = {
        "status": "ok",
        "version": __version__,
        "seed": 7,
        "time": {"mode": "manual", "now_ms": now_ms},
        "keys": "open",
        "profile": "wire-true",
        "plan": "credits",
        "accounts": 2,
        "generations": 3,
        "journal": {"exchanges": 3, "dropped": 1, "most": 3},
        "deliveries": 0,
        "faults": 1,
    }
    assert {key: health[key] for key in expected} == expected
    assert health["clock"]["now_ms"] == now_ms
    assert health["base_url"] == f"{health['url']}/api/rest/v1"


def test_health_tells_no_key() -> None:
    operator = Operator()
    assert operator.app.api_key not in operator.send("GET", "health").text


def test_health_catches_up_with_the_clock() -> None:
    operator = Operator()
    operator.leo.order()
    operator.leo.advance(LONG_MS)
    operator.get("health")
    assert [moved.state.value for moved in operator.app.record.transitions if hasattr(moved, "state")] == [
        "RUNNING",
        "COMPLETE",
    ]


def test_the_environment_is_what_a_client_needs() -> None:
    operator = Operator(keys="strict", webhook="http://127.0.0.1:9/hook", webhook_key="for-the-receiver")
    told = operator.get("environment")
    base = f"{HERE}/api/rest/v1"
    assert told == {
        "LEONARDO_BASE_URL": base,
        "LEONARDO_API_URL": base,
        "LEONARDO_API_BASE_URL": base,
        "LEONARDO_API_KEY": operator.app.api_key,
        "LEONARDO_WEBHOOK_KEY": "for-the-receiver",
        "MOCKLEO_URL": HERE,
    }
    assert Leo(operator.app, key=told["LEONARDO_API_KEY"]).ask("GET", "/me").status_code == 200


def test_without_a_webhook_there_is_no_key_of_it() -> None:
    assert "LEONARDO_WEBHOOK_KEY" not in Operator().get("environment")
