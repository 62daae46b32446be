"""The shipped scenarios: whole, told in plain words, and no trap for who does everything right.

`MOCKLEO_SEEDS=20` plays each of them with twenty seeds; one is enough for every day.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from mockleo.faults.menu import BY_NAME as FAULTS
from mockleo.harness.checks import refuse_unknown
from mockleo.harness.scenario import read
from tests.harness.faketime import needs_faketime
from tests.harness.playing import CLIENTS, SHIPPED, chosen, met, side_by_side, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mockleo.harness.judged import Judged

SEEDS = range(1, 1 + int(os.environ.get("MOCKLEO_SEEDS", "1")))
# What is calculated takes real time, which is more of the client's the faster it lives; what is only
# waited for may be waited for fast.
SPEED = 20.0
FASTER = {"never-ending-job": 60.0, "slow-jobs": 60.0, "custom-element": 40.0, "train-a-model": 40.0}
# What takes longest begins first.
NAMES = sorted(SHIPPED, key=lambda name: (name != "batch", name not in FASTER, name))


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest) -> Iterator[Callable[[tuple[str, int]], Judged]]:
    def made(key: tuple[str, int]) -> Judged:
        name, seed = key
        return met(name, "careful.py", speed=FASTER.get(name, SPEED), seed=seed)

    with side_by_side(chosen(request, "name", "seed"), made) as outcome:
        yield outcome


@needs_faketime
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_found_of_the_careful_client(
    name: str, seed: int, outcomes: Callable[[tuple[str, int]], Judged]
) -> None:
    seen = outcomes((name, seed))
    verdict = seen.verdict
    assert (verdict.grade, verdict.findings, verdict.unsure) == ("A", (), ()), told(seen)
    assert seen.run.scenario.emulator.seed == seed


@pytest.mark.parametrize("name", NAMES)
def test_it_is_whole(name: str) -> None:
    scenario = read(SHIPPED[name])
    refuse_unknown(scenario)
    assert scenario.title[0].isupper()
    assert not scenario.title.endswith(".")
    assert scenario.story.strip().endswith(".")
    assert {fault["fault"] for fault in scenario.faults} <= set(FAULTS)
    assert f'"{scenario.client.task}":' in (CLIENTS / "careful.py").read_text("utf-8")


def test_each_is_told_in_their_readme_and_no_other() -> None:
    rows = (CLIENTS.parent / "README.md").read_text("utf-8").splitlines()
    listed = {
        row.split("`")[1]: row.split("|")[2].strip()
        for row in rows
        if row.startswith("| `") and "[" not in row.split("|")[1]
    }
    assert listed == {name: read(path).title for name, path in SHIPPED.items()}
