"""Faults, put in force and lifted by the operator."""

from typing import Any

import pytest

from mockleo.faults.fault import Fault
from mockleo.faults.menu import MENU

from .operator import No, Operator

FAULT = {"fault": "status", "status": 503, "operations": ["getUserSelf"]}


def test_a_fault_is_in_force_from_now_on_until_it_is_lifted() -> None:
    operator = Operator()
    added = operator.post("faults", FAULT)
    assert added == {
        "id": "fault-1",
        "fault": {**FAULT, "id": "fault-1"},
        "added_ms": operator.app.clock.now_ms(),
        "fired": 0,
        "counts": {},
    }
    answer = operator.leo.send(
        "GET", "/api/rest/v1/me", headers={"authorization": f"Bearer {operator.leo.key}"}
    )
    assert answer.status_code == 503
    assert answer.headers["x-mockleo-why"] == "fault=fault-1; status"
    told = operator.get("faults/fault-1")
    assert (told["fired"], told["counts"]) == (1, {operator.leo.user_id: 1})
    assert operator.get("faults")["faults"] == [told]
    assert operator.delete("faults/fault-1") == {"faults": []}
    assert operator.leo.ask("GET", "/me").status_code == 200


def test_one_that_acts_once() -> None:
    operator = Operator()
    operator.post("faults", {**FAULT, "times": 1})
    key = {"authorization": f"Bearer {operator.leo.key}"}
    statuses = [operator.leo.send("GET", "/api/rest/v1/me", headers=key).status_code for _ in range(3)]
    assert statuses == [503, 200, 200]


def test_several_at_once() -> None:
    operator = Operator()
    added = operator.post("faults", [FAULT, {"fault": "latency", "id": "slow", "ms": 100}])
    assert [each["id"] for each in added] == ["fault-1", "slow"]
    assert operator.delete("faults") == {"faults": []}


def test_of_a_list_that_cannot_be_nothing_is_left_not_even_a_number() -> None:
    operator = Operator()
    bad = [FAULT, FAULT, {**FAULT, "operations": ["nothing"]}]
    assert operator.no("POST", "faults", json=bad) == No(400, "[2].operations")
    assert operator.get("faults") == {"faults": []}
    assert operator.app.faults.is_empty
    assert operator.post("faults", FAULT)["id"] == "fault-1"


def test_of_a_list_that_cannot_be_those_in_force_lose_nothing() -> None:
    operator = Operator()
    operator.post("faults", {**FAULT, "nth": [2]})
    key = {"authorization": f"Bearer {operator.leo.key}"}
    operator.leo.send("GET", "/api/rest/v1/me", headers=key)
    before = operator.app.faults.export()
    assert operator.no("POST", "faults", json=[FAULT, {**FAULT, "id": "fault-1"}]) == No(409, "[1].id")
    assert operator.app.faults.export() == before
    assert operator.leo.send("GET", "/api/rest/v1/me", headers=key).status_code == 503


def test_the_nearest_kind_and_the_list_are_told() -> None:
    error = Operator().send("POST", "faults", json={"fault": "latncy"}).json()["error"]
    assert "did you mean latency?" in error
    assert all(kind.__struct_config__.tag in error for kind in MENU)


def test_the_nearest_field_is_told() -> None:
    error = Operator().send("POST", "faults", json={**FAULT, "operation": "x"}).json()["error"]
    assert "did you mean operations?" in error


def test_what_suits_only_some_clocks_is_looked_at() -> None:
    operator = Operator()
    assert operator.no("POST", "faults", json={"fault": "outage"}) == No(400, "fault")
    operator.post("clock", mode="real")
    operator.post("faults", fault="outage", times=1)


@pytest.mark.parametrize("kind", MENU, ids=lambda kind: kind.__name__)
def test_the_menu_describes_each_kind(kind: type[Fault]) -> None:
    menu = Operator().get("faults/menu")
    (told,) = [each for each in menu["kinds"] if each["fault"] == kind.__struct_config__.tag]
    common = [field["name"] for field in menu["matching_fields"]]
    assert common == list(Fault.__struct_fields__)
    own = [name for name in kind.__struct_fields__ if name not in common]
    assert sorted(field["name"] for field in told["fields"]) == sorted(own)
    assert told["acts_on"] == list(kind.WHERE)
    assert told["about"]
    for field in told["fields"]:
        assert field["required"] != ("default" in field["schema"])


def test_no_fault_at_all_is_no_list_of_them() -> None:
    assert Operator().no("POST", "faults", json=[]) == No(400, "body")


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("place", ["", "[0]."])
def test_a_key_never_stands_in_the_place_of_its_id(known: bool, place: str) -> None:
    """Keys of the service have the shape of ids, so what is known here is looked at."""
    operator = Operator()
    key = "5d1f2c34-7a86-4a0e-8f43-2f6a0d1c9b7e" if known else "CANARY-0123456789"
    if known:
        operator.send("POST", "keys", json={"key": key})
    one = {**FAULT, "key": key}
    answer = operator.send("POST", "faults", json=[one] if place else one)
    assert (answer.status_code, answer.json()["field"]) == (400, f"{place}key")
    assert key not in answer.text
    assert operator.app.faults.is_empty


def test_a_fault_for_one_key_goes_by_its_id() -> None:
    operator = Operator()
    operator.leo.ask("GET", "/me")
    operator.post("faults", {**FAULT, "key": next(iter(operator.leo.account.keys))})
    key = {"authorization": f"Bearer {operator.leo.key}"}
    assert operator.leo.send("GET", "/api/rest/v1/me", headers=key).status_code == 503


@pytest.mark.parametrize(
    ("described", "why"),
    [
        ({"fault": "null-field", "path": "nothing.here", "id": "a"}, None),
        ({"fault": "add-field", "path": "nothing.here", "id": "a"}, None),
        ({"fault": "null-field", "path": "user_details", "id": "a"}, "fault=a; null-field"),
        ({"fault": "latency", "ms": 0, "id": "a"}, "fault=a; latency"),
    ],
    ids=str,
)
def test_a_fault_that_changed_nothing_is_not_named(described: dict[str, Any], why: str | None) -> None:
    operator = Operator()
    operator.post("faults", described)
    key = {"authorization": f"Bearer {operator.leo.key}"}
    answer = operator.leo.send("GET", "/api/rest/v1/me", headers=key)
    assert answer.headers.get("x-mockleo-why") == why
    assert operator.app.record.exchanges[-1].faults == (("a",) if why else ())
    # What was a good answer is no failure, after which the same would be another attempt.
    assert bool(operator.app.faults.export()["open"]) is (why == "fault=a; null-field")


@pytest.mark.parametrize("path", ["clock", "clock/freeze"])
def test_an_outage_that_would_never_end_keeps_the_clock_going(path: str) -> None:
    operator = Operator()
    operator.post("clock", mode="real")
    operator.post("faults", fault="outage", times=1)
    body = {"mode": "manual"} if path == "clock" else {}
    assert operator.no("POST", path, json=body) == No(409, "mode")
    assert operator.get("clock")["mode"] == "real"
