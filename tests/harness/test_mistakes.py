"""Each mistake of the careless client is found by the check that is meant for it, and by no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockleo.harness.checks import BY_NAME
from tests.harness.faketime import needs_faketime
from tests.harness.playing import SHIPPED, chosen, met, module, side_by_side, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mockleo.harness.judged import Judged

MISTAKES = module("careless").MISTAKES
SPEED = 15.0
# Some are about tenths of a second, others about a quarter of an hour.
OTHER_SPEEDS = {
    "tries-again-and-again": 4.0,
    "comes-back-at-once": 8.0,
    "leaves-nothing-to-chance": 10.0,
    "all-come-back-together": 2.0,
    "looks-every-second": 8.0,
    "looks-every-five-seconds": 5.0,
    "waits-for-ever": 60.0,
    "waits-for-every-answer": 30.0,
}
NAMES = sorted(MISTAKES, key=lambda name: (name not in OTHER_SPEEDS, name))


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest) -> Iterator[Callable[[str], Judged]]:
    def made(name: str) -> Judged:
        return met(MISTAKES[name].scenario, "careless.py", name, speed=OTHER_SPEEDS.get(name, SPEED))

    with side_by_side(chosen(request, "name"), made) as outcome:
        yield outcome


@needs_faketime
@pytest.mark.parametrize("name", NAMES)
def test_it_is_found_by_its_check_and_by_no_other(name: str, outcomes: Callable[[str], Judged]) -> None:
    seen = outcomes(name)
    assert {finding.check for finding in seen.verdict.findings} == {MISTAKES[name].check}, told(seen)
    assert not seen.verdict.unsure, told(seen)


def test_each_check_has_a_mistake_that_it_finds() -> None:
    assert {mistake.check for mistake in MISTAKES.values()} == set(BY_NAME)


def test_each_shows_in_a_shipped_scenario() -> None:
    assert {mistake.scenario for mistake in MISTAKES.values()} <= set(SHIPPED)
