"""All chance of an account: the same label, the same draw; ids in their forms."""

from itertools import pairwise
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from mockleo.core.chance import Chance

START_MS = 1_760_000_000_000
quick = settings(max_examples=50, deadline=None)


@quick
@given(st.binary(max_size=32), st.lists(st.text(), max_size=5), st.text())
def test_a_draw_belongs_to_its_label_whatever_was_drawn_before(
    seed: bytes, before: list[str], label: str
) -> None:
    one, other = Chance(seed), Chance(seed)
    for drawn in before:
        one.bytes16(drawn)
    assert one.bytes16(label) == other.bytes16(label)
    assert one.uuid4(label) == other.uuid4(label)
    assert one.child(label).uuid4("x") == other.child(label).uuid4("x")


def test_seeds_labels_and_children_are_told_apart() -> None:
    draws = [
        Chance(seed).child(child).uuid4(label) for seed in (b"1", b"2") for child in "ab" for label in "xy"
    ]
    assert len(set(draws)) == len(draws)


@quick
@given(st.integers(1, 2**40), st.text())
def test_below_stays_below(bound: int, label: str) -> None:
    assert 0 <= Chance(b"1").below(bound, label) < bound


def test_below_reaches_every_number() -> None:
    assert {Chance(b"1").below(5, str(nth)) for nth in range(200)} == set(range(5))


@quick
@given(st.text())
def test_images_have_ids_of_version_4(label: str) -> None:
    text = Chance(b"1").uuid4(label)
    assert str(UUID(text)) == text
    assert UUID(text).version == 4


@quick
@given(st.text(), st.integers(0, 20))
def test_ids_drawn_at_once_are_as_good_as_ids_drawn_one_by_one(label: str, count: int) -> None:
    ids = Chance(b"1").uuid4s(label, count)
    assert len(set(ids)) == len(ids) == count
    assert all(UUID(text).version == 4 and str(UUID(text)) == text for text in ids)
    assert Chance(b"1").uuid4s(label, count + 5)[:count] == ids
    assert not set(ids) & set(Chance(b"1").uuid4s(f"{label}x", count))


@quick
@given(st.integers(0, 2**41), st.integers(0, 9_999), st.text())
def test_generations_have_ids_of_version_6_that_carry_their_time(at_ms: int, nth: int, label: str) -> None:
    text = Chance(b"1").uuid6(label, at_ms=at_ms, nth=nth)
    assert str(UUID(text)) == text
    assert UUID(text).version == 6
    steps = int(text[:8] + text[9:13] + text[15:18], 16) - 0x01B21DD213814000
    assert divmod(steps, 10_000) == (at_ms, nth)


def test_ids_of_version_6_sort_as_their_jobs_were_made() -> None:
    made = [(START_MS, 1), (START_MS, 2), (START_MS, 9_999), (START_MS + 1, 0), (START_MS + 70_000, 3)]
    ids = [Chance(b"1").uuid6(f"{nth}", at_ms=at_ms, nth=nth) for at_ms, nth in made]
    assert all(earlier < later for earlier, later in pairwise(ids))


def test_a_chance_does_not_show_its_seed() -> None:
    assert "secret" not in repr(Chance(b"secret"))


@quick
@given(st.binary(max_size=32), st.text(), st.text())
def test_a_chance_can_be_made_again_of_its_seed(seed: bytes, child: str, label: str) -> None:
    one = Chance(seed).child(child)
    assert Chance(one.seed).uuid4(label) == one.uuid4(label)
    assert Chance(one.seed).uuid4s(label, 5) == one.uuid4s(label, 5)
