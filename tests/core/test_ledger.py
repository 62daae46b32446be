"""Bookings and their sum."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockleo.core.errors import OutOfCredits
from mockleo.core.ledger import Entry, Ledger, Why

# A balance of so much, wished for by the operator.
ADJUST = "adjust"
bookings = st.lists(
    st.tuples(st.sampled_from([Why.CHARGE, Why.REFUND, ADJUST]), st.integers(0, 60)), max_size=30
)
SIGN = {Why.CHARGE: -1, Why.WITHDRAWAL: -1, Why.REFUND: 1, Why.GRANT: 1}


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 100), bookings)
def test_opening_less_charges_plus_refunds_is_the_balance(
    opening: int, booked: list[tuple[Why | str, int]]
) -> None:
    ledger = Ledger(owner="me", opening=opening)
    balance = opening
    expected: list[Entry] = []
    for at_ms, (what, credits) in enumerate(booked):
        if what is Why.REFUND:
            ledger.refund(credits, job_id="1", at_ms=at_ms)
            expected.append(Entry(at_ms, Why.REFUND, credits, "1"))
            balance += credits
        elif what == ADJUST:
            ledger.adjust(credits, at_ms=at_ms)
            if credits != balance:
                why = Why.GRANT if credits > balance else Why.WITHDRAWAL
                expected.append(Entry(at_ms, why, abs(credits - balance), ""))
            balance = credits
        elif credits <= balance:
            ledger.charge(credits, job_id="1", at_ms=at_ms)
            expected.append(Entry(at_ms, Why.CHARGE, credits, "1"))
            balance -= credits
        else:
            with pytest.raises(OutOfCredits):
                ledger.charge(credits, job_id="1", at_ms=at_ms)
        assert ledger.balance == balance
        assert opening + sum(SIGN[entry.why] * entry.credits for entry in ledger.entries) == balance
    assert ledger.entries == expected


@pytest.mark.parametrize(
    ("balance", "booked"),
    [
        (10, []),
        (11, [Entry(7, Why.GRANT, 1, "")]),
        (0, [Entry(7, Why.WITHDRAWAL, 10, "")]),
        (-5, [Entry(7, Why.WITHDRAWAL, 15, "")]),
    ],
)
def test_an_operator_sets_a_balance_by_the_entry_that_brings_it_there(
    balance: int, booked: list[Entry]
) -> None:
    ledger = Ledger(owner="me", opening=10)
    ledger.adjust(balance, at_ms=7)
    assert (ledger.balance, ledger.entries, ledger.opening) == (balance, booked, 10)


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
