"""Mistakes are planted in the emulator, one at a time, and the contract suite finds them.

`found_by.py` says of each in which way it is found, and by which check: so one that stops to look is
seen. A usual run has each few of them, and of the costlier ways fewer; MOCKLEO_ALL_BUGS=1 has them
all, in some twenty minutes.
"""

import os
import pickle
import re
import sys
from collections import Counter
from pathlib import Path

import pytest

import mockleo
from mockleo.conformance.door import Request
from mockleo.conformance.parts import Plan
from mockleo.conformance.tally import Tally
from mockleo.proving import TheEmulator
from tests.conformance.broken import Broken
from tests.conformance.bugs import BUGS
from tests.conformance.found_by import FOUND_BY, Found
from tests.conformance.hunting import WAYS

ALL = os.environ.get("MOCKLEO_ALL_BUGS") == "1"
# Of the mistakes that are found in a way, every so many.
EVERY = {"links": 3, "limits": 1, "webhooks": 1, "uploads": 3, "tour": 7, "generated": 7}
# Of a hundred, so many are found, and more than twenty are tried.
LEAST_PERCENT, LEAST_TRIED = 95, 40

_SEED = 5
_outcomes: dict[str, bool] = {}


def chosen() -> list[str]:
    """The mistakes that this run plants."""
    seen: Counter[str] = Counter()
    names = []
    for name, found in FOUND_BY.items():
        if ALL or seen[found.way] % EVERY[found.way] == 0:
            names.append(name)
        seen[found.way] += 1
    return names


def hunted(name: str, found: Found, *, seed: int = _SEED) -> Tally:
    """What the suite has found in the way that is told, in an emulator with that mistake."""
    tally = Tally()
    plan = Plan(seed=seed, examples=3, operations=frozenset(found.operations))
    WAYS[found.way](plan, Broken(bug=name), tally)
    return tally


@pytest.mark.parametrize("name", chosen())
def test_a_planted_bug_is_found(name: str) -> None:
    tally = hunted(name, FOUND_BY[name])
    checks = {finding.check for finding in tally.findings.values()}
    _outcomes[name] = bool(checks)
    assert FOUND_BY[name].check in checks, f"{BUGS[name].says}: found by {sorted(checks) or 'nobody'}"


def test_nearly_all_are_found(capsys: pytest.CaptureFixture[str]) -> None:
    if len(_outcomes) < len(chosen()):
        pytest.skip("optional: the measure is of a run that has planted all of them")
    count = sum(_outcomes.values())
    missed = [name for name, found in _outcomes.items() if not found]
    with capsys.disabled():
        sys.stdout.write(f"\nplanted bugs: {count} of {len(_outcomes)} found; not found: {missed}\n")
    assert len(_outcomes) >= LEAST_TRIED
    assert 100 * count >= LEAST_PERCENT * len(_outcomes)


@pytest.mark.parametrize("way", [way for way in WAYS if way not in {"generated", "walks"}])
def test_without_a_bug_nothing_is_found(way: str) -> None:
    tally = Tally()
    WAYS[way](Plan(seed=_SEED, examples=3), TheEmulator(), tally)
    assert tally.made
    assert not tally.findings


def test_each_bug_is_expected_to_be_found() -> None:
    assert FOUND_BY.keys() == BUGS.keys()
    assert all(found.way in EVERY for found in FOUND_BY.values())


def test_an_opener_with_a_bug_goes_to_other_processes() -> None:
    opener = Broken(bug="seed-as-text")
    assert pickle.loads(pickle.dumps(opener)) == opener  # noqa: S301  # bytes of our own


def tells_its_account() -> bool:
    """Whether an emulator that begins now has the list that "me-is-no-list" takes away."""
    door = TheEmulator().open(seed=1)
    headers = (("authorization", f"Bearer {door.api_key}"),)
    answer = door.send(Request(method="GET", url=f"{door.base_url}/me", headers=headers))
    door.close()
    return b'"user_details":[' in answer.body


def test_a_bug_lasts_as_long_as_its_doors() -> None:
    assert tells_its_account()
    first, second = (Broken(bug="me-is-no-list").open(seed=seed) for seed in (1, 2))
    assert not tells_its_account()
    first.close()
    assert not tells_its_account()
    second.close()
    assert tells_its_account()


def test_the_package_has_no_switch_for_bugs() -> None:
    package = Path(mockleo.__file__).parent
    switch = re.compile(r"\b(?:from|import) tests\b|\bBroken\(bug")
    assert not [path for path in package.rglob("*.py") if switch.search(path.read_text("utf-8"))]
