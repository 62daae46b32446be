"""Keys, made and revoked by the operator."""

import pytest

from tests.wire.leo import Leo

from .operator import No, Operator

HOOK = {
    "webhook_url": "http://127.0.0.1:9/hook",
    "webhook_key": "receiver-secret",
    "payload": "legacy2023",
}
UUID = "0F4B5E52-7B3A-4E39-9B57-9B1E0C5C4B11"


@pytest.mark.parametrize("keys", ["open", "strict"])
def test_a_key_is_drawn_shown_once_and_good(keys: str) -> None:
    operator = Operator(keys=keys)
    made = operator.post("keys", name="ci", **HOOK)
    assert Leo(operator.app, key=made["key"]).ask("GET", "/me").status_code == 200
    shown = {name: value for name, value in made.items() if name != "key"}
    assert shown["webhook"] == {"url": HOOK["webhook_url"], "payload": "legacy2023", "has_key": True}
    assert operator.get(f"keys/{made['id']}") == shown
    assert shown in operator.get("keys")["keys"]
    assert made["key"] not in operator.send("GET", "keys").text
    assert HOOK["webhook_key"] not in operator.send("GET", "keys").text


def test_the_same_seed_draws_the_same_keys_and_no_two_are_alike() -> None:
    first, second = Operator(), Operator()
    drawn = [[each.post("keys")["key"] for _ in range(3)] for each in (first, second)]
    assert drawn[0] == drawn[1]
    assert len(set(drawn[0])) == 3


def test_a_key_can_be_brought_along() -> None:
    operator = Operator(keys="strict")
    made = operator.post("keys", key=UUID)
    assert made["key"] == UUID.lower()
    assert Leo(operator.app, key=UUID).ask("GET", "/me").status_code == 200
    assert operator.no("POST", "keys", json={"key": UUID.lower()}) == No(409, "key")
    assert operator.no("POST", "keys", json={"key": "no-uuid"}) == No(400, "key")


def test_an_account_gets_further_keys_up_to_the_most_it_may_have() -> None:
    operator = Operator()
    first = operator.post("keys")
    most = operator.app.contract.rules.integer("keys.per_account")
    for _ in range(most - 1):
        assert operator.post("keys", account=first["account"])["account"] == first["account"]
    assert operator.no("POST", "keys", json={"account": first["account"]}) == No(409, "account")
    assert operator.get("keys", account=first["account"])["total"] == most
    operator.delete(f"keys/{first['id']}")
    operator.post("keys", account=first["account"])


def test_both_keys_of_an_account_see_the_same_things() -> None:
    operator = Operator()
    job = operator.leo.order()
    second = Leo(operator.app, key=operator.post("keys", account=operator.leo.user_id)["key"])
    assert second.status(job) == "PENDING"


def test_a_revoked_key_is_good_no_longer_and_stays_on_the_list() -> None:
    operator = Operator()
    made = operator.post("keys")
    client = Leo(operator.app, key=made["key"])
    assert client.ask("GET", "/me").status_code == 200
    now_ms = operator.app.clock.now_ms()
    assert operator.delete(f"keys/{made['id']}")["revoked_ms"] == now_ms
    assert client.ask("GET", "/me").status_code == 401
    client.advance(5)
    assert operator.delete(f"keys/{made['id']}")["revoked_ms"] == now_ms


def test_a_key_without_a_webhook_gets_the_one_of_all() -> None:
    operator = Operator(webhook="http://127.0.0.1:9/all")
    assert operator.post("keys")["webhook"]["url"] == "http://127.0.0.1:9/all"
    assert operator.post("keys", **HOOK)["webhook"]["url"] == HOOK["webhook_url"]


def test_a_list_comes_in_parts() -> None:
    operator = Operator()
    made = [operator.post("keys")["id"] for _ in range(5)]
    told = operator.get("keys", limit=2, offset=1)
    assert ([key["id"] for key in told["keys"]], told["total"]) == (made[1:3], 5)
