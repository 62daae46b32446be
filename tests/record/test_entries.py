"""What happened, as far as it is remembered."""

from collections.abc import Callable
from typing import Any

import pytest

from mockleo.core.lifecycle import State
from mockleo.core.world import Moved
from mockleo.record import (
    DECISIONS_MOST,
    DELIVERIES_MOST,
    EXCHANGES_MOST,
    TRANSITIONS_MOST,
    Attempt,
    Decision,
    Delivery,
    Exchange,
    Record,
)


def an_exchange(n: int = 1, **other: Any) -> Exchange:
    told: dict[str, Any] = {
        "at_ms": n,
        "answered_ms": n,
        "method": "GET",
        "path": f"/{n}",
        "query": "",
        "operation": "getUserSelf",
        "user_id": "user",
        "key_id": "key",
        "scheme": "Bearer",
        "headers": {b"host": b"leo.test"},
        "body": b"",
        "body_bytes": 0,
        "status": 200,
        "why": "",
        "answer": b"{}",
        "answer_bytes": 2,
        "client": ("127.0.0.1", 5_000 + n),
    }
    return Exchange(n=n, **{**told, **other})


def a_transition(nth: int) -> Moved:
    return Moved(nth, "user", f"job-{nth}", "Generation", State.RUNNING)


def a_delivery(n: int = 1, **other: Any) -> Delivery:
    told: dict[str, Any] = {
        "at_ms": n,
        "user_id": "user",
        "key_id": "key",
        "job_id": f"job-{n}",
        "type": "image_generation.complete",
        "url": "http://127.0.0.1:9/",
    }
    return Delivery(n=n, **{**told, **other})


def a_decision(nth: int = 1) -> Decision:
    return Decision(nth, "fault-1", "status", "getUserSelf", "user", nth, 1)


def test_a_new_record_is_empty() -> None:
    record = Record()
    assert (list(record.exchanges), list(record.transitions), record.dropped) == ([], [], 0)


@pytest.mark.parametrize(("seen", "dropped"), [(0, 0), (1, 0), (3, 0), (4, 1), (10, 7)])
def test_the_last_exchanges_are_kept_and_the_others_counted(seen: int, dropped: int) -> None:
    record = Record(exchanges_most=3)
    for n in range(seen):
        record.exchange(an_exchange(n))
    assert [each.n for each in record.exchanges] == list(range(seen))[-3:]
    assert record.dropped == dropped


def test_the_last_transitions_are_kept() -> None:
    record = Record(transitions_most=3)
    record.moved(a_transition(nth) for nth in range(5))
    record.moved([])
    assert [each.at_ms for each in record.transitions] == [2, 3, 4]


FILLED: list[Callable[[Record], None]] = [
    lambda record: record.exchange(an_exchange()),
    lambda record: record.moved([a_transition(1)]),
    lambda record: record.delivery(a_delivery()),
]


@pytest.mark.parametrize("fill", FILLED)
def test_whoever_waits_is_told_of_each_new_entry(fill: Callable[[Record], None]) -> None:
    record, told = Record(), []
    record.waiting.append(lambda: told.append(len(told)))
    fill(record)
    record.waiting.clear()
    fill(record)
    assert told == [0]


def test_whoever_waits_is_told_that_there_is_nothing_to_wait_for() -> None:
    record, told = Record(), []
    record.waiting.append(lambda: told.append(record.closed))
    record.close()
    assert told == [True]


def test_a_cleared_record_is_a_new_one() -> None:
    record = Record(exchanges_most=1)
    for n in range(3):
        record.exchange(an_exchange(n))
    record.moved([a_transition(0)])
    record.delivery(a_delivery())
    record.decided(a_decision())
    record.clear()
    assert not any((record.exchanges, record.transitions, record.deliveries, record.decisions))
    assert record.dropped == 0
    record.exchange(an_exchange(7))
    assert (len(record.exchanges), record.dropped) == (1, 0)


def test_exchanges_can_be_forgotten_alone() -> None:
    record = Record(exchanges_most=1)
    for n in range(3):
        record.exchange(an_exchange(n))
    record.moved([a_transition(0)])
    record.clear_exchanges()
    assert (len(record.exchanges), record.dropped, len(record.transitions)) == (0, 0, 1)


def test_it_is_bounded_unless_told_otherwise() -> None:
    record = Record()
    bounded = (record.exchanges, record.transitions, record.deliveries, record.decisions)
    most = (EXCHANGES_MOST, TRANSITIONS_MOST, DELIVERIES_MOST, DECISIONS_MOST)
    assert tuple(each.maxlen for each in bounded) == most


@pytest.mark.parametrize(
    ("status", "delivered"),
    [(None, False), (199, False), (200, True), (299, True), (300, False), (500, False)],
)
def test_only_2xx_is_delivered(status: int | None, delivered: bool) -> None:
    assert Attempt(at_ms=0, ended_ms=1, status=status).delivered is delivered
