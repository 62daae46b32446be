"""Lists of what an account owns, newest first."""

import pytest

from mockleo.core.account import page

from .worlds import a_place, a_world, an_account

ABCDE = {letter: letter for letter in "abcde"}


@pytest.mark.parametrize(
    ("limit", "offset", "expected"),
    [
        (10, 0, "edcba"),
        (2, 0, "ed"),
        (2, 2, "cb"),
        (2, 4, "a"),
        (2, 5, ""),
        (2, 1_000_000_000, ""),
        (0, 0, ""),
        (1, 0, "e"),
    ],
)
def test_a_page_starts_with_the_newest(limit: int, offset: int, expected: str) -> None:
    assert page(ABCDE, limit=limit, offset=offset) == list(expected)


def test_a_page_of_nothing_is_empty() -> None:
    nothing: dict[str, str] = {}
    assert page(nothing, limit=10, offset=0) == []


def test_an_account_shows_neither_its_keys_nor_its_chance() -> None:
    world = a_world()
    account = an_account(world, "swordfish")
    shown = f"{account!r} {account.keys!r} {account.chance!r}"
    assert "swordfish" not in shown
    assert account.chance.seed.hex() not in shown
    assert repr(account.chance.seed) not in shown


def test_an_account_has_a_lane_for_each_kind_of_job_and_the_plans_credits() -> None:
    _, account = a_place(credits=7, slots={"image": 3, "video": 1})
    assert {name: lane.slots for name, lane in account.lanes.items()} == {"image": 3, "video": 1}
    assert (account.ledger.opening, account.ledger.balance) == (7, 7)


def test_things_are_numbered_as_they_are_made() -> None:
    _, account = a_place()
    assert [account.next() for _ in range(3)] == [1, 2, 3]
