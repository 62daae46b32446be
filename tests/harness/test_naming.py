"""Ids found in bytes: the same ones as by looking for each of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mockleo.harness.naming import Named, is_uuid, uuids_in

ONE = "1f1e6d1d-56e6-6051-9948-00000000000a"
TWO = ONE.upper()
SHIFTED = "56e66051-9948-0000-0000-00000000000b"
NAMES = [ONE, TWO, SHIFTED, "44093", "a-name-that-is-none"]

pieces = st.lists(st.one_of(st.sampled_from(NAMES), st.text("0123456789abcdef-x/", max_size=9)), max_size=8)


@given(pieces)
def test_the_same_are_found_as_by_looking_for_each(told: list[str]) -> None:
    raw = "".join(told).encode()
    named = Named((name, name) for name in NAMES)
    assert set(named.within(raw)) == {name for name in NAMES if name.encode() in raw}


def test_one_id_may_be_that_of_several() -> None:
    assert sorted(Named([(ONE, 1), (ONE, 2), (TWO, 3)]).within(f"<{ONE}>".encode())) == [1, 2]


def test_two_that_run_into_each_other() -> None:
    raw = b"11111111-2222-3333-4444-5555aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
    assert uuids_in(raw) == {
        b"11111111-2222-3333-4444-5555aaaaaaaa", b"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
    }  # fmt: skip


def test_what_is_a_uuid() -> None:
    assert is_uuid(ONE)
    assert is_uuid(TWO)
    assert not any(map(is_uuid, ("", "44093", ONE[1:], ONE + "0", f"x{ONE}")))
