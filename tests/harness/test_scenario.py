"""A scenario is read whole: what is unknown or cannot be is refused, with the field and the nearest name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mockleo.harness import scenario
from mockleo.harness.checks import refuse_unknown
from mockleo.harness.scenario import BadScenario

if TYPE_CHECKING:
    from pathlib import Path

LEAST: dict[str, Any] = {"title": "A title", "story": "A story.", "client": {"task": "none"}}


def refusal(**table: Any) -> str:
    with pytest.raises(BadScenario) as told:
        scenario.of({**LEAST, **table}, name="mine")
    return str(told.value)


def test_the_least_that_makes_one() -> None:
    read = scenario.of(LEAST, name="mine")
    assert (read.name, read.client.exit, read.emulator.seed, read.clock.longest_s) == ("mine", "zero", 1, 600)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"storry": ""}, "mine: storry: there is no such field; did you mean story?"),
        ({"qqq": ""}, "mine: qqq: there is no such field"),
        ({"name": "x"}, "mine: name: a scenario is called as its file is"),
        ({"client": {"task": "x", "job": 1}}, "mine: client.job: there is no such field; did you mean jobs?"),
        ({"client": {"task": "", "wiht": 1}}, "mine: client.wiht: there is no such field; did you mean with"),
        ({"emulator": {"sede": 1}}, "mine: emulator.sede: there is no such field; did you mean seed?"),
        ({"clock": {"longest": 1}}, "mine: clock.longest: there is no such field; did you mean longest_s?"),
        ({"checks": {"skipp": []}}, "mine: checks.skipp: there is no such field; did you mean skip?"),
        ({"title": 3}, "mine: title: Expected `str`, got `int`"),
        ({"client": {"task": "x", "exit": "well"}}, "mine: client.exit: Invalid enum value 'well'"),
        ({"client": {"task": "x", "starts": 0}}, "mine: client.starts: Expected `int` >= 1"),
        ({"client": {"task": "x", "keys": 3}}, "mine: client.keys: Expected `int` <= 2"),
        ({"client": {"task": "x", "jobs": -1}}, "mine: client.jobs: Expected `int` >= 0"),
        ({"clock": {"longest_s": 0}}, "mine: clock.longest_s: Expected `int` >= 1"),
        ({"faults": {}}, "mine: faults: Expected `array`"),
        ({"client": {}}, "mine: client: Object missing required field `task`"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named(table: dict[str, Any], words: str) -> None:
    assert refusal(**table).startswith(words)
    if "did you mean" not in words:
        assert "did you mean" not in refusal(**table)


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    for content in (b"= =", b"\xff\xfe"):
        path.write_bytes(content)
        with pytest.raises(BadScenario, match=r"^mine\.toml: "):
            scenario.read(path)
    with pytest.raises(BadScenario, match="No such file"):
        scenario.read(tmp_path / "none.toml")


def test_checks_and_thresholds_that_there_are_not() -> None:
    for checks, words in (
        ({"skip": ["orphaned-jbo"]}, "did you mean orphaned-job"),
        ({"thresholds": {"polls-flatt": {}}}, "did you mean polls-flat"),
        ({"thresholds": {"polls-too-fast": {"interval": 1}}}, "did you mean interval_ms"),
    ):
        with pytest.raises(BadScenario, match=words):
            refuse_unknown(scenario.of({**LEAST, "checks": checks}, name="mine"))


@pytest.mark.parametrize("name", sorted(scenario.shipped()))
def test_each_that_is_shipped_can_be_read(name: str) -> None:
    read = scenario.read(scenario.shipped()[name])
    refuse_unknown(read)
    assert read.name == name
    assert read.story.strip()
