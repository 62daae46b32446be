import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockleo.media.chance import Chance, mark


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("ab", "c"), ("a", "bc")),
        (("1",), (1,)),
        (("a",), ("a", "")),
        ((1, 2), (2, 1)),
        ((255,), (-1,)),
        ((0,), ()),
        (("\ud800",), ("\ud801",)),
    ],
)
def test_what_differs_is_marked_differently(one: tuple[int | str, ...], other: tuple[int | str, ...]) -> None:
    assert mark(*one) != mark(*other)
    assert Chance(*one).octets(16) != Chance(*other).octets(16)


def test_the_numbers_are_the_same_on_every_day_and_every_python() -> None:
    assert mark("a", 1, "\ud800", -1) == "c1c730e6b592d71095d7ff36169afcbc"
    chance = Chance("a", 1)
    assert [chance.between(0, 9) for _ in range(8)] == [1, 7, 6, 5, 2, 2, 3, 5]


@given(st.lists(st.integers(0, 100), max_size=8))
def test_taken_in_pieces_or_at_once_it_is_one_row(counts: list[int]) -> None:
    pieces = Chance("x")
    assert b"".join(pieces.octets(count) for count in counts) == Chance("x").octets(sum(counts))


@given(st.integers(), st.integers(-(1 << 40), 1 << 40), st.integers(0, 1 << 23))
def test_between_stays_between(seed: int, low: int, more: int) -> None:
    assert low <= Chance(seed).between(low, low + more) <= low + more


def test_both_ends_come_up() -> None:
    chance = Chance("ends")
    assert {chance.between(3, 5) for _ in range(100)} == {3, 4, 5}


def test_an_empty_range_is_a_mistake() -> None:
    with pytest.raises(AssertionError, match="no number between 2 and 1"):
        Chance().between(2, 1)
