"""The journal, as the operator reads it."""

import asyncio
from typing import Any

import httpx
import pytest

from mockleo.wire.links import API_PATH as API

from .operator import HERE, No, Operator

Json = Any


def a_journal(**settings: Any) -> Operator:
    """Five requests: 1 order, 2 account, 3 nothing (404), 4 another's account, 5 order refused."""
    operator = Operator(**settings)
    leo = operator.leo
    leo.order()
    leo.ask("GET", "/me")
    leo.ask("GET", "/nothing")
    leo.beside("another-key").ask("GET", "/me")
    leo.ask("POST", "/generations", json={"prompt": "x", "width": 1})
    return operator


def numbers(told: Json) -> list[int]:
    return [request["n"] for request in told["requests"]]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, [5, 4, 3, 2, 1]),
        ({"order": "oldest"}, [1, 2, 3, 4, 5]),
        ({"limit": 2}, [5, 4]),
        ({"limit": 2, "order": "oldest"}, [1, 2]),
        ({"operation": "createGeneration"}, [5, 1]),
        ({"operation": "getUserSelf"}, [4, 2]),
        ({"method": "POST"}, [5, 1]),
        ({"method": "post"}, []),
        ({"path": f"{API}/me"}, [4, 2]),
        ({"path": "/me"}, []),
        ({"status": "200"}, [4, 2, 1]),
        ({"status": "4xx"}, [5, 3]),
        ({"status": "404"}, [3]),
        ({"status": "0"}, []),
        ({"since": 3}, [5, 4]),
        ({"since": 99}, []),
        ({"fault": "fault-1"}, []),
        ({"account": "mine"}, [5, 3, 2, 1]),
        ({"key": "mine"}, [5, 3, 2, 1]),
        ({"account": "mine", "status": "2xx", "method": "GET"}, [2]),
    ],
)
def test_all_that_is_said_must_hold(filters: dict[str, Any], found: list[int]) -> None:
    operator = a_journal()
    own = {"account": operator.leo.user_id, "key": next(iter(operator.leo.account.keys))}
    filters = {name: own[name] if value == "mine" else value for name, value in filters.items()}
    assert numbers(operator.get("requests", **filters)) == found
    if not filters.keys() & {"limit", "order"}:
        assert operator.get("requests/count", **filters) == {"count": len(found), "dropped": 0}


def test_a_request_as_it_came_and_was_answered() -> None:
    operator = a_journal()
    told = operator.get("requests/1")
    assert told["body"] == '{"prompt":"a lighthouse"}'
    assert (told["method"], told["path"], told["status"]) == ("POST", f"{API}/generations", 200)
    assert "generationId" in told["answer"]
    assert len(told["booked"]) == 1
    assert "authorization" not in told["headers"]
    assert told["scheme"] == "Bearer"


def test_a_fault_that_was_met_is_found() -> None:
    operator = Operator()
    operator.post("faults", fault="status", status=503)
    operator.leo.send("GET", f"{API}/me", headers={"authorization": f"Bearer {operator.leo.key}"})
    assert numbers(operator.get("requests", fault="fault-1")) == [1]


def test_the_journal_is_bounded_and_says_how_many_went() -> None:
    operator = a_journal(journal=2)
    assert numbers(operator.get("requests")) == [5, 4]
    assert operator.get("requests/count") == {"count": 2, "dropped": 3}
    assert operator.no("GET", "requests/1") == No(404, "n")


def test_forgotten_requests_are_counted_anew() -> None:
    operator = a_journal()
    assert operator.delete("requests") == {"requests": [], "dropped": 0}
    operator.leo.ask("GET", "/me")
    assert numbers(operator.get("requests")) == [1]


def test_who_waits_for_what_is_there_is_answered_at_once() -> None:
    operator = a_journal()
    assert numbers(operator.post("requests/wait_for", status="4xx", count=2)) == [3, 5]


def test_who_waits_in_vain_is_told_how_many_there_were() -> None:
    answer = a_journal().send(
        "POST", "requests/wait_for", json={"status": "4xx", "count": 3, "timeout_ms": 1}
    )
    assert answer.status_code == 408
    assert "2 of 3" in answer.json()["error"]


async def beside(operator: Operator, method: str, path: str, **given: Any) -> httpx.Response:
    return await operator.leo._send(httpx.Request(method, f"{HERE}{path}", **given))


def test_who_waits_is_answered_once_it_happens_and_not_before() -> None:
    operator = Operator()
    key = {"authorization": f"Bearer {operator.leo.key}"}

    async def walk() -> httpx.Response:
        body = {"operation": "getUserSelf", "count": 2, "timeout_ms": 60_000}
        waiting = asyncio.create_task(beside(operator, "POST", "/_mockleo/requests/wait_for", json=body))
        for path in ("/me", "/platformModels", "/me"):
            for _ in range(20):
                await asyncio.sleep(0)
            assert not waiting.done()
            await beside(operator, "GET", f"{API}{path}", headers=key)
        return await waiting

    answer = asyncio.run(walk())
    assert numbers(answer.json()) == [1, 3]
    assert operator.app.record.waiting == []


def test_who_hangs_up_waits_no_longer() -> None:
    operator = Operator()
    body = b'{"timeout_ms": 600000}'
    messages: list[Json] = [{"type": "http.request", "body": body}, {"type": "http.disconnect"}]
    sent: list[Json] = []

    async def receive() -> Json:
        return messages.pop(0)

    async def send(message: Json) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/_mockleo/requests/wait_for",
        "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
    }

    async def walk() -> None:
        asking = asyncio.ensure_future(operator.app(scope, receive, send))
        for _ in range(50):
            await asyncio.sleep(0)
        assert asking.done()

    asyncio.run(walk())
    assert sent == []
    assert operator.app.record.waiting == []


def test_nobody_waits_for_an_emulator_that_stops() -> None:
    operator = Operator()

    async def walk() -> httpx.Response:
        waiting = asyncio.create_task(beside(operator, "POST", "/_mockleo/requests/wait_for", json={}))
        for _ in range(20):
            await asyncio.sleep(0)
        operator.app.record.close()
        return await waiting

    assert asyncio.run(walk()).status_code == 503
