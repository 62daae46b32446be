"""The whole state, taken out and put in again."""

import json
from typing import Any

import pytest

from mockleo.runtime.clock import LATEST_MS
from tests.wire.leo import LONG_MS, Leo

from .operator import No, Operator, a_busy_emulator

Json = Any


def a_state(operator: Operator) -> Json:
    return operator.get("state")


def test_what_is_put_in_comes_out_again() -> None:
    operator = a_busy_emulator()
    operator.leo.uploaded()
    state = a_state(operator)
    other = Operator()
    other.leo.order()
    assert other.put("state", state) == {"reset": True}
    assert a_state(other) == state
    assert other.get("clock")["now_ms"] == operator.get("clock")["now_ms"]


def test_both_go_on_alike() -> None:
    operator = a_busy_emulator()
    other = Operator()
    other.put("state", a_state(operator))
    twin = Leo(other.app, key=operator.leo.key)
    for each in (operator, other):
        each.post("clock/advance", by_ms=LONG_MS)
    job = operator.leo.order()
    assert twin.order() == job
    for path in ("/me", f"/generations/{job}", f"/generations/user/{twin.user_id}"):
        assert operator.leo.ask("GET", path).content == twin.ask("GET", path).content
    assert other.get("accounts") == operator.get("accounts")


@pytest.mark.parametrize("missing", ["version", "clock", "world", "faults", "objects"])
def test_a_state_that_lacks_something_is_refused_and_nothing_changes(missing: str) -> None:
    operator = a_busy_emulator()
    before = a_state(operator)
    state = {name: value for name, value in before.items() if name != missing}
    status, field = operator.no("PUT", "state", json=state)
    assert status == 400
    assert field is not None
    assert a_state(operator) == before


SPOILED: list[tuple[str, Any]] = [
    ("version", 99),
    ("version", "1"),
    ("clock.now_ms", "now"),
    ("clock.mode", "fast"),
    ("world.accounts", 7),
    ("world.accounts.0.ledger.balance", -5),
    ("world.accounts.0.user_id", None),
    ("world.now_ms", -1),
    ("faults.active", 7),
    ("faults.active.0.fault.fault", "nothing"),
    ("faults.active.0.fault.status", 1),
    ("clock.pace", 1e-9),
    ("world.now_ms", LATEST_MS + 1),
    ("objects", {}),
    ("objects.0.bytes", 7),
    ("objects.0.bytes", "no base64!"),
    ("objects.0.key", None),
]


@pytest.mark.parametrize(("place", "value"), SPOILED)
def test_a_state_that_cannot_be_is_refused_and_nothing_changes(place: str, value: Any) -> None:
    operator = a_busy_emulator()
    operator.leo.uploaded()
    before = a_state(operator)
    state = json.loads(json.dumps(before))
    *above, last = place.split(".")
    inner = state
    for step in above:
        inner = inner[int(step) if step.isdigit() else step]
    inner[last] = value
    status, field = operator.no("PUT", "state", json=state)
    assert (status, field is not None) == (400, True)
    assert a_state(operator) == before


OUTAGE = {"fault": {"fault": "outage", "id": "o"}, "added_ms": 0, "fired": 0, "counts": {}}
SAME = {"fault": {"fault": "status", "status": 503, "id": "busy"}, "added_ms": 0, "fired": 0, "counts": {}}
CALL = {
    "place": "0" * 32, "operation": "x", "user_id": "", "attempt": 1, "numbers": {"busy": 1}, "fired": {},
}  # fmt: skip

# Where in `faults`, what stands there, and the field that is named.
SPOILED_PLANS: list[tuple[str, Any, str]] = [
    ("", {}, "added"),
    ("added", "zz", "added"),
    ("added", -1, "added"),
    ("zzz", 1, "zzz"),
    ("active.0.zzz", 1, "active.0.zzz"),
    ("active.0.added_ms", "zz", "active.0.added_ms"),
    ("active.0.added_ms", LATEST_MS + 1, "active.0.added_ms"),
    ("active.0.fired", "zz", "active.0.fired"),
    ("active.0.fired", -1, "active.0.fired"),
    ("active.0.counts", [], "active.0.counts"),
    ("active.0.counts", {"a": "b"}, "active.0.counts"),
    ("active.0.fault", 7, "active.0.fault"),
    ("active.0.fault.id", "", "active.0.fault.id"),
    ("active.0.fault.fault", "nothing", "active.0.fault.fault"),
    ("active.0.fault.status", 1, "active.0.fault.status"),
    ("active.0.fault.status", "1", "active.0.fault.status"),
    ("active.0.fault.zzz", 1, "active.0.fault.zzz"),
    ("active.0.fault.operations", ["nothing"], "active.0.fault.operations"),
    ("active.1", SAME, "active.1.fault.id"),
    ("active.1", OUTAGE, "active.1.fault.fault"),
    ("open.0.zzz", 1, "open.0.zzz"),
    ("open.0.place", "zz", "open.0.place"),
    ("open.0.place", "00", "open.0.place"),
    ("open.0.attempt", "zz", "open.0.attempt"),
    ("open.0.attempt", 0, "open.0.attempt"),
    ("open.0.numbers", [1], "open.0.numbers"),
    ("open.0.numbers", {"busy": "q"}, "open.0.numbers"),
    ("open.0.numbers", {"zzz": 1}, "open.0.numbers"),
    ("open.0.fired", {"zzz": 1}, "open.0.fired"),
    ("open.1", CALL, "open.1.place"),
]


@pytest.mark.parametrize(("place", "value", "field"), SPOILED_PLANS, ids=str)
def test_faults_that_cannot_be_are_refused_by_their_field(place: str, value: Any, field: str) -> None:
    operator = a_busy_emulator()
    before = a_state(operator)
    state = json.loads(json.dumps(before))
    state["faults"]["open"] = [dict(CALL)]
    operator.put("state", state)
    operator.put("state", before)
    inner: Any = state
    last: Any = "faults"
    for step in place.split(".") if place else ():
        inner, last = inner[last], int(step) if step.isdigit() else step
    if isinstance(inner, list) and last == len(inner):
        inner.append(value)
    else:
        inner[last] = value
    assert operator.no("PUT", "state", json=state) == No(400, f"faults.{field}")
    assert a_state(operator) == before


def test_a_state_is_no_larger_than_it_may_be() -> None:
    body = b" " * ((64 << 20) + 1)
    headers = {"content-type": "application/json"}
    assert Operator().no("PUT", "state", content=body, headers=headers) == No(413, "body")


def test_a_state_may_be_larger_than_other_bodies() -> None:
    body = b" " * (2 << 20) + b"{}"
    headers = {"content-type": "application/json"}
    assert Operator().no("PUT", "state", content=body, headers=headers).status == 400
