"""Bad input to each operation: a 4xx that names the field, and nothing half done."""

from typing import Any

import pytest

from mockleo.control.menu import OPERATIONS
from mockleo.runtime.clock import LATEST_MS, SPAN_MS_MOST

from .operator import No, Operator, a_busy_emulator

HOOK = "http://127.0.0.1:9/hook"
NOBODY = "6b0d7c2a-53a4-4b49-9a43-5a86c1a7a0a5"

# method, path, what is sent (a query for GET, else a body), status, field.
Row = tuple[str, str, Any, int, str]

QUERIES: list[Row] = [
    ("GET", "keys", {"acount": "x"}, 400, "acount"),
    ("GET", "keys", {"account": NOBODY}, 404, "account"),
    ("GET", "keys", {"limit": "0"}, 400, "limit"),
    ("GET", "keys", {"offset": "-1"}, 400, "offset"),
    ("GET", "keys", {"offset": str(1 << 70)}, 400, "offset"),
    ("GET", "keys/nothing", {}, 404, "id"),
    ("GET", "accounts", {"limit": "1001"}, 400, "limit"),
    ("GET", f"accounts/{NOBODY}", {}, 404, "user_id"),
    ("GET", "clock", {"now": "1"}, 400, "now"),
    ("GET", "faults", {"id": "1"}, 400, "id"),
    ("GET", "faults/nothing", {}, 404, "id"),
    ("GET", "requests", {"operaton": "x"}, 400, "operaton"),
    ("GET", "requests", {"status": "abc"}, 400, "status"),
    ("GET", "requests", {"status": "6xx"}, 400, "status"),
    ("GET", "requests", {"since": "-1"}, 400, "since"),
    ("GET", "requests", {"limit": "many"}, 400, "limit"),
    ("GET", "requests", {"order": "oldst"}, 400, "order"),
    ("GET", "requests/count", {"limit": "1"}, 400, "limit"),
    ("GET", "requests/x", {}, 400, "n"),
    ("GET", "requests/0", {}, 404, "n"),
    ("GET", "requests/99999", {}, 404, "n"),
    ("GET", "webhooks", {"state": "sent"}, 400, "state"),
    ("GET", "webhooks", {"since": ""}, 400, "since"),
    ("GET", "webhooks/1", {}, 404, "n"),
    ("GET", "webhooks/one", {}, 400, "n"),
    ("GET", "jobs", {"state": "DONE"}, 400, "state"),
    ("GET", "jobs", {"kind": "generation"}, 400, "kind"),
    ("GET", "jobs", {"account": NOBODY}, 404, "account"),
    ("GET", f"jobs/{NOBODY}", {}, 404, "id"),
    ("GET", "record", {"since": "1"}, 400, "since"),
    ("GET", "health", {"verbose": "1"}, 400, "verbose"),
    ("GET", "ready", {"x": "1"}, 400, "x"),
    ("GET", "environment", {"format": "sh"}, 400, "format"),
    ("GET", "bucket", {"x": ""}, 400, "x"),
    ("GET", "openapi.json", {"x": ""}, 400, "x"),
    ("GET", "state", {"x": ""}, 400, "x"),
    ("GET", "faults/menu", {"x": ""}, 400, "x"),
]

FAULT = {"fault": "status", "status": 503}

BODIES: list[Row] = [
    ("POST", "reset", {"all": True}, 400, "all"),
    ("POST", "reset/journal", {"x": 1}, 400, "x"),
    ("POST", "reset/faults", [], 400, "body"),
    ("POST", "reset/jobs", {"account": "x"}, 400, "account"),
    ("POST", "reset/credits", {"acount": "x"}, 400, "acount"),
    ("POST", "reset/credits", {"account": 7}, 400, "account"),
    ("POST", "reset/credits", {"account": NOBODY}, 404, "account"),
    ("POST", "keys", {"nam": "x"}, 400, "nam"),
    ("POST", "keys", {"name": 1}, 400, "name"),
    ("POST", "keys", {"name": "x" * 1_001}, 400, "name"),
    ("POST", "keys", {"key": ""}, 400, "key"),
    ("POST", "keys", {"key": "with blank"}, 400, "key"),
    ("POST", "keys", {"key": "schlüssel"}, 400, "key"),
    ("POST", "keys", {"key": "line\nbreak"}, 400, "key"),
    ("POST", "keys", {"key": "another"}, 409, "key"),
    ("POST", "keys", {"account": NOBODY}, 404, "account"),
    ("POST", "keys", {"webhook_url": ""}, 400, "webhook_url"),
    ("POST", "keys", {"webhook_url": "ftp://127.0.0.1/"}, 400, "webhook_url"),
    ("POST", "keys", {"webhook_url": "http://example.com/"}, 400, "webhook_url"),
    ("POST", "keys", {"webhook_url": "https://user:pass@example.com/"}, 400, "webhook_url"),
    ("POST", "keys", {"webhook_url": "https://127.0.0.1:port/"}, 400, "webhook_url"),
    ("POST", "keys", {"webhook_url": HOOK, "webhook_key": ""}, 400, "webhook_key"),
    ("POST", "keys", {"webhook_url": HOOK, "webhook_key": "a\r\nb"}, 400, "webhook_key"),
    ("POST", "keys", {"webhook_key": "without-a-url"}, 400, "webhook_key"),
    ("POST", "keys", {"payload": "2026"}, 400, "payload"),
    ("POST", "keys", {"webhook_url": HOOK, "payload": "2024"}, 400, "payload"),
    ("DELETE", "keys/nothing", None, 404, "id"),
    ("DELETE", "keys/nothing", {"x": 1}, 400, "x"),
    ("PATCH", f"accounts/{NOBODY}", {"credits": 1}, 404, "user_id"),
    ("PATCH", "accounts/{account}", {}, 400, "credits"),
    ("PATCH", "accounts/{account}", {"credits": -1}, 400, "credits"),
    ("PATCH", "accounts/{account}", {"credits": 1 << 31}, 400, "credits"),
    ("PATCH", "accounts/{account}", {"credits": 1.5}, 400, "credits"),
    ("PATCH", "accounts/{account}", {"credits": 1, "why": "x"}, 400, "why"),
    ("POST", "clock", {}, 400, "mode"),
    ("POST", "clock", {"mode": "instant"}, 400, "mode"),
    ("POST", "clock", {"mode": "x60"}, 400, "mode"),
    ("POST", "clock", {"mode": 1}, 400, "mode"),
    ("POST", "clock", {"mode": "real", "pace": 0}, 400, "pace"),
    ("POST", "clock", {"mode": "real", "pace": -1}, 400, "pace"),
    ("POST", "clock", {"mode": "real", "pace": 1e9}, 400, "pace"),
    ("POST", "clock", {"mode": "manual", "pace": 2}, 400, "pace"),
    ("POST", "clock/advance", {}, 400, "by_ms"),
    ("POST", "clock/advance", {"by_ms": 1, "to_ms": 2}, 400, "by_ms"),
    ("POST", "clock/advance", {"by_ms": -1}, 400, "by_ms"),
    ("POST", "clock/advance", {"by_ms": 1.5}, 400, "by_ms"),
    ("POST", "clock/advance", {"by_ms": SPAN_MS_MOST + 1}, 400, "by_ms"),
    ("POST", "clock/advance", {"by": 1}, 400, "by"),
    ("POST", "clock/advance", {"to_ms": 0}, 400, "to_ms"),
    ("POST", "clock/advance", {"to_ms": LATEST_MS + 1}, 400, "to_ms"),
    ("POST", "clock/advance", {"to_ms": 1 << 90}, 400, "to_ms"),
    ("POST", "clock/freeze", {"at_ms": 1}, 400, "at_ms"),
    ("POST", "faults", None, 400, "fault"),
    ("POST", "faults", 7, 400, "body"),
    ("POST", "faults", {}, 400, "fault"),
    ("POST", "faults", {"fault": "statsu"}, 400, "fault"),
    ("POST", "faults", {"fault": ["status"]}, 400, "fault"),
    ("POST", "faults", {"fault": "status"}, 400, "status"),
    ("POST", "faults", {**FAULT, "status": "503"}, 400, "status"),
    ("POST", "faults", {**FAULT, "status": 700}, 400, "status"),
    ("POST", "faults", {**FAULT, "time": 1}, 400, "time"),
    ("POST", "faults", {**FAULT, "times": 0}, 400, "times"),
    ("POST", "faults", {**FAULT, "share": 2}, 400, "share"),
    ("POST", "faults", {**FAULT, "nth": [1, 0]}, 400, "nth"),
    ("POST", "faults", {**FAULT, "nth": [1, "2"]}, 400, "nth[1]"),
    ("POST", "faults", {**FAULT, "until_ms": 5, "from_ms": 5}, 400, "until_ms"),
    ("POST", "faults", {**FAULT, "operations": ["createGenration"]}, 400, "operations"),
    ("POST", "faults", {**FAULT, "id": "busy"}, 409, "id"),
    ("POST", "faults", {**FAULT, "id": "menu"}, 400, "id"),
    ("POST", "faults", {**FAULT, "id": "a/b"}, 400, "id"),
    ("POST", "faults", {"fault": "outage"}, 400, "fault"),
    ("POST", "faults", [FAULT, {**FAULT, "status": 1}], 400, "[1].status"),
    ("POST", "faults", [FAULT, 7], 400, "[1]"),
    ("POST", "faults", [FAULT, {"fault": "x"}], 400, "[1].fault"),
    ("POST", "faults", [FAULT, {**FAULT, "operations": ["x"]}], 400, "[1].operations"),
    ("POST", "faults", [{**FAULT, "id": "a"}, {**FAULT, "id": "a"}], 409, "[1].id"),
    ("DELETE", "faults", {"id": "busy"}, 400, "id"),
    ("DELETE", "faults/nothing", None, 404, "id"),
    ("POST", "requests/wait_for", {"count": 0}, 400, "count"),
    ("POST", "requests/wait_for", {"timeout_ms": -1}, 400, "timeout_ms"),
    ("POST", "requests/wait_for", {"timeout_ms": 600_001}, 400, "timeout_ms"),
    ("POST", "requests/wait_for", {"status": 200}, 400, "status"),
    ("POST", "requests/wait_for", {"limit": 1}, 400, "limit"),
    ("POST", "requests/wait_for", {"count": 999, "timeout_ms": 0}, 408, "count"),
    ("DELETE", "requests", {"since": 1}, 400, "since"),
    ("POST", "webhooks/wait_for", {"state": "gone"}, 400, "state"),
    ("POST", "webhooks/wait_for", {"timeout_ms": 0}, 408, "count"),
    ("POST", "webhooks/7/redeliver", None, 404, "n"),
    ("POST", "webhooks/x/redeliver", None, 400, "n"),
    ("POST", "jobs/wait_for", {"id": NOBODY}, 404, "id"),
    ("POST", "jobs/wait_for", {"account": NOBODY, "timeout_ms": 0}, 404, "account"),
    ("POST", "jobs/wait_for", {"status": "DONE"}, 400, "status"),
    ("POST", "jobs/wait_for", {"count": 999, "timeout_ms": 0}, 408, "count"),
    ("POST", f"jobs/{NOBODY}", {"event": "FAIL"}, 404, "id"),
    ("POST", "jobs/{waiting}", {}, 400, "event"),
    ("POST", "jobs/{waiting}", {"event": "fail"}, 400, "event"),
    ("POST", "jobs/{waiting}", {"event": "START"}, 409, "event"),
    ("POST", "jobs/{waiting}", {"event": "FINISH"}, 409, "event"),
    ("POST", "jobs/{running}", {"event": "START"}, 409, "event"),
    ("POST", "jobs/{ended}", {"event": "FAIL"}, 409, "event"),
    ("POST", "jobs/{ended}", {"event": "START"}, 409, "event"),
    ("PUT", "state", 7, 400, "body"),
    ("DELETE", "record", {"x": 1}, 400, "x"),
]


@pytest.fixture(scope="module")
def operator() -> Operator:
    """One for all rows: that nothing changes is what is tested."""
    return a_busy_emulator()


@pytest.mark.parametrize(("method", "path", "sent", "status", "field"), [*QUERIES, *BODIES])
def test_bad_input(operator: Operator, method: str, path: str, sent: Any, status: int, field: str) -> None:
    before = everything(operator)
    given = {} if sent is None else {"params": sent} if method == "GET" else {"json": sent}
    assert operator.no(method, filled(operator, path), **given) == No(status, field)
    assert everything(operator) == before


def test_there_is_a_row_for_every_operation() -> None:
    nowhere = []
    for operation in OPERATIONS:
        shape = operation.path.lstrip("/").split("/")
        rows = [path.split("/") for method, path, *_ in [*QUERIES, *BODIES] if method == operation.method]
        if not any(
            len(row) == len(shape) and all(a == b or b[0] == "{" for a, b in zip(row, shape, strict=True))
            for row in rows
        ):
            nowhere.append(f"{operation.method} {operation.path}")
    assert nowhere == []


@pytest.mark.parametrize("name", ["keys", "clock/advance", "faults", "requests/wait_for"])
@pytest.mark.parametrize(
    ("content", "content_type", "wanted"),
    [
        (b"{", "application/json", No(400, "body")),
        (b"a=1", "application/x-www-form-urlencoded", No(415, "Content-Type")),
        (b" " * (1 << 20) + b"{}", "application/json", No(413, "body")),
    ],
)
def test_bodies_that_are_none(
    operator: Operator, name: str, content: bytes, content_type: str, wanted: No
) -> None:
    before = everything(operator)
    assert operator.no("POST", name, content=content, headers={"content-type": content_type}) == wanted
    assert everything(operator) == before


def test_get_takes_no_body_and_others_no_query(operator: Operator) -> None:
    assert operator.no("GET", "health", json={"x": 1}) == No(400, "body")
    assert operator.no("POST", "reset", params={"x": 1}) == No(400, "x")


def everything(operator: Operator) -> Any:
    """All that the operator can see, but for the state, which has tests of its own."""
    names = ("health", "keys", "accounts", "clock", "faults", "requests", "webhooks", "jobs")
    accounts = [operator.get(f"accounts/{user_id}") for user_id in operator.app.site.world.accounts]
    return [operator.get(name) for name in names], accounts, operator.app.faults.export()


def filled(operator: Operator, path: str) -> str:
    jobs = operator.get("jobs")["jobs"]
    by_state = {job["state"]: job["id"] for job in jobs}
    return path.format(
        account=operator.leo.user_id,
        waiting=by_state["QUEUED"],
        running=by_state["RUNNING"],
        ended=by_state["COMPLETE"],
    )
