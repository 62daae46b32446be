"""Numbers, times and lists as people read them."""

from __future__ import annotations

import pytest

from mockleo.harness.report.words import after, count, duration, one_line, some, visible


@pytest.mark.parametrize(
    ("ms", "told"),
    [
        (0, "0.00 s"), (250, "0.25 s"), (9_990, "9.99 s"), (12_345, "12.3 s"), (119_900, "119.9 s"),
        (120_000, "2 min 00 s"), (245_900, "4 min 05 s"), (3_600_000, "1 h 00 min"),
        (7_380_000, "2 h 03 min"), (-500, "-0.50 s"), (-245_000, "-4 min 05 s"),
    ],
)  # fmt: skip
def test_durations(ms: int, told: str) -> None:
    assert duration(ms) == told


def test_instants_count_from_the_start() -> None:
    assert after(12_300) == "+12.3 s"
    assert after(-500) == "-0.50 s"


def test_counts() -> None:
    assert [count(number, "call") for number in (0, 1, 2, 1_200)] == [
        "0 calls", "1 call", "2 calls", "1,200 calls",
    ]  # fmt: skip


def test_long_lists_are_cut() -> None:
    assert some(["a", "b"], 2) == "a, b"
    assert some(["a", "b", "c"], 2) == "a, b and 1 more"


def test_what_cannot_be_seen_is_shown() -> None:
    assert visible("a\x1b[31m\u202e\x00\ud800") == "a\\x1b[31m\\u202e\\x00\\ud800"
    assert visible("Füße\n\tとり") == "Füße\n\tとり"


def test_one_line() -> None:
    assert one_line(" a\n  b\tc ") == "a b c"
