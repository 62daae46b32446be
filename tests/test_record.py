"""What happened, as far as it is remembered."""

import pytest

from mockleo.core.lifecycle import State
from mockleo.core.world import Moved
from mockleo.record import EXCHANGES_MOST, TRANSITIONS_MOST, Exchange, Record


def an_exchange(nth: int) -> Exchange:
    return Exchange(nth, "GET", f"/{nth}", "getUserSelf", "user", 200, "")


def a_transition(nth: int) -> Moved:
    return Moved(nth, "user", f"job-{nth}", "Generation", State.RUNNING)


def test_a_new_record_is_empty() -> None:
    record = Record()
    assert (list(record.exchanges), list(record.transitions), record.dropped) == ([], [], 0)


@pytest.mark.parametrize(("seen", "dropped"), [(0, 0), (1, 0), (3, 0), (4, 1), (10, 7)])
def test_the_last_exchanges_are_kept_and_the_others_counted(seen: int, dropped: int) -> None:
    record = Record(exchanges_most=3)
    for nth in range(seen):
        record.exchange(an_exchange(nth))
    assert [each.at_ms for each in record.exchanges] == list(range(seen))[-3:]
    assert record.dropped == dropped


def test_the_last_transitions_are_kept() -> None:
    record = Record(transitions_most=3)
    record.moved(a_transition(nth) for nth in range(5))
    record.moved([])
    assert [each.at_ms for each in record.transitions] == [2, 3, 4]


def test_a_cleared_record_is_a_new_one() -> None:
    record = Record(exchanges_most=1)
    for nth in range(3):
        record.exchange(an_exchange(nth))
    record.moved([a_transition(0)])
    record.clear()
    assert (list(record.exchanges), list(record.transitions), record.dropped) == ([], [], 0)
    record.exchange(an_exchange(7))
    assert (len(record.exchanges), record.dropped) == (1, 0)


def test_it_is_bounded_unless_told_otherwise() -> None:
    record = Record()
    assert (record.exchanges.maxlen, record.transitions.maxlen) == (EXCHANGES_MOST, TRANSITIONS_MOST)


def test_an_exchange_is_what_it_was() -> None:
    with pytest.raises(AttributeError):
        an_exchange(0).status = 500  # type: ignore[misc]  # that it cannot be is the point


def test_an_exchange_has_no_place_for_keys_and_bodies() -> None:
    fields = set(Exchange.__struct_fields__)
    assert fields == {"at_ms", "method", "path", "operation", "user_id", "status", "why"}
