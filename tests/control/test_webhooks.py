"""Webhooks, as the operator sees them."""

from typing import Any

import pytest

from mockleo.record import Attempt, Delivery
from tests.wire.leo import LONG_MS, Leo

from .operator import No, Operator

Json = Any

KEY = "receiver-secret"


def a_log(operator: Operator) -> None:
    """Three deliveries: 1 delivered at the second attempt, 2 pending, 3 lost."""
    failed = Attempt(at_ms=10, ended_ms=20, address="127.0.0.1:9", error="refused")
    delivered = Attempt(at_ms=30, ended_ms=40, address="127.0.0.1:9", status=204, answer=b"\xff")
    for n, key, state, attempts in (
        (1, "key-1", "delivered", [failed, delivered]),
        (2, "key-2", "pending", []),
        (3, "key-1", "lost", []),
    ):
        operator.app.record.delivery(
            Delivery(
                n=n,
                at_ms=10 * n,
                user_id=f"user-{key}",
                key_id=key,
                job_id=f"job-{n}",
                type="image_generation.failed" if n == 3 else "image_generation.complete",
                url="http://127.0.0.1:9/",
                body=b'{"type":"x"}' if n == 1 else b"no json",
                state=state,
                attempts=list(attempts),
            )
        )


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, [3, 2, 1]),
        ({"order": "oldest"}, [1, 2, 3]),
        ({"order": "oldest", "limit": 1}, [1]),
        ({"key": "key-1"}, [3, 1]),
        ({"account": "user-key-2"}, [2]),
        ({"job": "job-3"}, [3]),
        ({"type": "image_generation.complete"}, [2, 1]),
        ({"state": "lost"}, [3]),
        ({"state": "failed"}, []),
        ({"since": 1}, [3, 2]),
        ({"key": "key-1", "state": "delivered"}, [1]),
    ],
)
def test_all_that_is_said_must_hold(filters: Json, found: list[int]) -> None:
    operator = Operator()
    a_log(operator)
    assert [each["n"] for each in operator.get("webhooks", **filters)["webhooks"]] == found


def test_a_delivery_with_its_attempts_and_its_body() -> None:
    operator = Operator()
    a_log(operator)
    told = operator.get("webhooks/1")
    assert told["json"] == {"type": "x"}
    assert told["webhook"]["body"] == '{"type":"x"}'
    assert [each["status"] for each in told["webhook"]["attempts"]] == [None, 204]
    assert told["webhook"]["attempts"][1]["answer"] == {"base64": "/w=="}
    assert operator.get("webhooks/2")["json"] is None


def test_waiting_for_a_state() -> None:
    operator = Operator()
    a_log(operator)
    assert len(operator.post("webhooks/wait_for", key="key-1", count=2)["webhooks"]) == 2
    assert operator.no("POST", "webhooks/wait_for", json={"state": "failed", "timeout_ms": 0}) == No(
        408, "count"
    )


def test_the_same_bytes_are_sent_once_more() -> None:
    operator = Operator()
    made = operator.post("keys", webhook_url="http://127.0.0.1:9/hook", webhook_key=KEY)
    client = Leo(operator.app, key=made["key"])
    job = client.order()
    operator.post("clock/advance", by_ms=LONG_MS)
    (first,) = operator.get("webhooks", job=job)["webhooks"]
    assert (first["key_id"], first["state"]) == (made["id"], "pending")
    again = operator.post(f"webhooks/{first['n']}/redeliver")
    assert (again["copy_of"], again["job_id"]) == (first["n"], job)
    assert len(operator.get("webhooks")["webhooks"]) == 2


def test_what_is_not_kept_cannot_be_sent_again() -> None:
    operator = Operator()
    a_log(operator)
    assert operator.no("POST", "webhooks/1/redeliver") == No(409, "n")
