"""Bookings and their sum."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockleo.core.errors import OutOfCredits
from mockleo.core.ledger import Entry, Ledger, Why

bookings = st.lists(st.tuples(st.sampled_from(Why), st.integers(0, 60)), max_size=30)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 100), bookings)
def test_opening_less_charges_plus_refunds_is_the_balance(
    opening: int, booked: list[tuple[Why, int]]
) -> None:
    ledger = Ledger(owner="me", opening=opening)
    expected, accepted = opening, 0
    for at_ms, (why, credits) in enumerate(booked):
        if why is Why.REFUND:
            ledger.refund(credits, job_id="1", at_ms=at_ms)
            expected += credits
        elif credits <= expected:
            ledger.charge(credits, job_id="1", at_ms=at_ms)
            expected -= credits
        else:
            with pytest.raises(OutOfCredits):
                ledger.charge(credits, job_id="1", at_ms=at_ms)
            continue
        accepted += 1
        assert ledger.entries[-1] == Entry(at_ms, why, credits, "1")
    assert ledger.balance == expected
    assert len(ledger.entries) == accepted


@pytest.mark.parametrize(("credits", "covered"), [(0, True), (9, True), (10, True), (11, False)])
def test_the_last_credit_can_be_spent(credits: int, *, covered: bool) -> None:
    ledger = Ledger(owner="me", opening=10)
    if covered:
        ledger.require(credits)
        ledger.charge(credits, job_id="1", at_ms=0)
    else:
        with pytest.raises(OutOfCredits):
            ledger.require(credits)
        with pytest.raises(OutOfCredits) as caught:
            ledger.charge(credits, job_id="1", at_ms=0)
        assert caught.value.facts == {"user_id": "me"}
        assert (ledger.balance, ledger.entries) == (10, [])


def test_nothing_is_booked_below_zero() -> None:
    ledger = Ledger(owner="me", opening=10)
    with pytest.raises(AssertionError, match="never negative"):
        ledger.charge(-1, job_id="1", at_ms=0)
    with pytest.raises(AssertionError, match="never negative"):
        ledger.refund(-1, job_id="1", at_ms=0)
