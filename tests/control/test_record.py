"""The record of a run, over the operator's API."""

import json
from typing import Any

from mockleo.core.ledger import Why
from mockleo.record.lines import lines, read
from tests.wire.leo import LONG_MS, Leo

from .operator import Operator

Json = Any


def a_run(**settings: Any) -> Operator:
    operator = Operator(**settings)
    operator.post("faults", fault="status", status=503, nth=[2], operations=["createGeneration"])
    made = operator.post("keys", key="key-number-one", webhook_url="http://127.0.0.1:9/hook")
    leo = Leo(operator.app, key=made["key"])
    leo.order()
    leo.send("POST", "/api/rest/v1/generations", headers={"authorization": f"Bearer {leo.key}"}, json={})
    operator.post("clock/advance", by_ms=LONG_MS)
    operator.patch(f"accounts/{leo.user_id}", credits=5)
    leo.ask("GET", "/me")
    return operator


def told(operator: Operator) -> list[Json]:
    answer = operator.send("GET", "record")
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.content.endswith(b"\n")
    return [json.loads(line) for line in answer.content.splitlines()]


def test_everything_that_has_happened_is_in_it() -> None:
    entries = told(a_run())
    assert entries[0]["kind"] == "run"
    kinds = [entry["kind"] for entry in entries]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "run": 1,
        "decision": 1,
        "exchange": 3,
        "booked": 1,
        "moved": 2,
        "ledger": 2,
        "delivery": 1,
    }
    times = [entry["at_ms"] for entry in entries[1:]]
    assert times == sorted(times)


def test_the_head_says_what_was_run_and_tells_no_secret_nor_where() -> None:
    operator = a_run(credits=1_000, control_token=None, api_keys=("one-of-the-keys",))
    head = told(operator)[0]
    assert head["seed"] == 7
    assert head["settings"]["credits"] == 1_000
    assert not {"host", "port", "control_token", "api_keys", "webhook_key"} & set(head["settings"])
    assert head["accounts"] == [
        {"user_id": account.user_id, "opening": 1_000}
        for account in operator.app.site.world.accounts.values()
    ]


def test_the_balance_can_be_worked_out() -> None:
    operator = a_run()
    entries = told(operator)
    openings = {account["user_id"]: account["opening"] for account in entries[0]["accounts"]}
    sign = {Why.CHARGE: -1, Why.WITHDRAWAL: -1, Why.REFUND: 1, Why.GRANT: 1}
    for entry in entries:
        if entry["kind"] == "ledger":
            openings[entry["user_id"]] += sign[Why[entry["why"]]] * entry["credits"]
    accounts = operator.get("accounts")["accounts"]
    assert openings == {account["user_id"]: account["balance"] for account in accounts}


def test_the_same_run_gives_the_same_bytes() -> None:
    first, second = (a_run().send("GET", "record").content for _ in range(2))
    assert first == second


def test_it_is_read_and_written_again_as_it_was() -> None:
    content = a_run().send("GET", "record").content
    assert b"".join(lines(read(content.splitlines()))) == content


def test_it_is_sent_piece_by_piece() -> None:
    operator = Operator()
    for _ in range(450):
        operator.leo.ask("GET", "/me")
    assert len(told(operator)) == 451


def test_what_is_forgotten_is_not_in_it() -> None:
    operator = a_run()
    assert operator.delete("record") == {"reset": True}
    assert {entry["kind"] for entry in told(operator)} == {"run", "ledger"}
