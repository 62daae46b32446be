"""A receiver that refuses good webhooks, whatever it says; others are asked for the rest."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mockleo.harness.checks.receiver_no_answer import look
from mockleo.record import Attempt, Delivery


def delivery(*statuses: int | None, error: str = "", **more: Any) -> Delivery:
    """A good webhook, and what came of each attempt to deliver it."""
    attempts = [
        Attempt(at_ms=nth * 10, ended_ms=nth * 10 + 1, status=status, error=error)
        for nth, status in enumerate(statuses)
    ]
    whose: dict[str, Any] = {"n": 1, "at_ms": 0, "user_id": "u", "key_id": "k", "job_id": "j"}
    return Delivery(**whose, type="done", url="http://x.invalid/", attempts=attempts, **more)


def found(*deliveries: Delivery, kind: str = "") -> list[str]:
    """What the check says of them; `kind` is that of the fault `f`."""
    decisions = [SimpleNamespace(fault="f", kind=kind)]
    evidence: Any = SimpleNamespace(
        deliveries=deliveries, decisions=decisions, client=SimpleNamespace(ended_ms=1_000), jobs={}
    )
    return [each.message for each in look(evidence)]


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_good_webhook_that_is_refused(status: int) -> None:
    [told] = found(delivery(status))
    assert str(status) in told


@pytest.mark.parametrize("statuses", [(204,), (503, 200), (401,), (403,), (None,)])
def test_what_is_taken_at_last_or_others_look_for(statuses: tuple[int | None, ...]) -> None:
    assert found(delivery(*statuses)) == []


@pytest.mark.parametrize(
    "kind", ["webhook-wrong-bearer", "webhook-no-bearer", "webhook-forged", "webhook-other-payload",
             "webhook-unknown-type"],
)  # fmt: skip
def test_a_strange_one_may_be_refused(kind: str) -> None:
    assert found(delivery(500, faults=("f",)), kind=kind) == []


def test_a_copy_may_be_refused() -> None:
    assert found(delivery(500, copy_of=1)) == []


def test_no_answer_and_a_refusal_are_told_once() -> None:
    assert len(found(delivery(500), delivery(None, error="timeout"))) == 1
