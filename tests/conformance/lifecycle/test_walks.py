"""The walks that Hypothesis makes up: they find what is rare, and make it short."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mockleo.conformance.lifecycle.machine import Made, shorten
from mockleo.conformance.lifecycle.part import Lifecycle
from mockleo.conformance.parts import Plan
from mockleo.conformance.tally import Tally
from mockleo.proving import TheEmulator
from tests.conformance.bugs import planting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockleo.conformance.lifecycle.visit import Failure, Place
    from mockleo.wire.call import Call


def found_by_walks(*, seed: int, examples: int) -> dict[Place, Failure]:
    opener = TheEmulator()
    door = opener.open(seed=seed)
    told = Lifecycle(Plan(seed=seed, examples=examples), opener, door, Tally(), progress=lambda words: None)
    try:
        told.make_walks()
    finally:
        door.close()
    return told.findings.failures


def loses_one(told: Any, call: Call) -> Any:
    """Images of some sizes are one short."""
    if told is not None and told["imageWidth"] == 768 and told["imageHeight"] < 768:
        told["generated_images"] = told["generated_images"][1:]
    return told


def forgets_names(told: Any, call: Call) -> Any:
    if told is not None and told["prompt"].startswith("from an image"):
        told["negativePrompt"] = "fog"
    return told


def acts(failure: Failure) -> list[tuple[str, bytes]]:
    """What was done until then, beside looking."""
    return [
        (step.request.operation, step.request.body)
        for step in failure.steps
        if step.request is not None and step.acts and step.request.operation != "pricingCalculator"
    ]


def both(told: Any, call: Call) -> Any:
    return forgets_names(loses_one(told, call), call)


def test_what_is_rare_is_found_and_made_short_and_hides_nothing_else() -> None:
    with planting.answer("getGenerationById", both):
        failures = found_by_walks(seed=2, examples=20)

    assert failures.keys() >= {
        ("as-many-as-asked", "getGenerationById"),
        ("told-back-as-ordered", "getGenerationById"),
    }
    failure = failures["as-many-as-asked", "getGenerationById"]
    ((operation, body),) = acts(failure)
    assert operation == "createGeneration"
    assert b'"width":768,' in body
    assert "were ordered" in failure.message


def test_a_found_walk_is_found_again_with_its_seed() -> None:
    with planting.answer("getGenerationById", loses_one):
        once, again = (found_by_walks(seed=1, examples=10) for _ in range(2))

    assert once
    assert [acts(failure) for failure in once.values()] == [acts(failure) for failure in again.values()]


@pytest.mark.parametrize("needed", [(), (0,), (9,), (3, 7), (0, 1, 8, 9), tuple(range(10))])
def test_a_walk_is_made_as_short_as_it_can_be(needed: tuple[int, ...]) -> None:
    walk = [Made(f"act {nth}", {}) for nth in range(10)]
    wanted = [walk[nth] for nth in needed]

    def finds(fewer: Sequence[Made]) -> bool:
        return [one for one in fewer if one in wanted] == wanted

    assert shorten(walk, finds, tries=100) == wanted


def test_a_walk_is_not_gone_more_often_than_is_said() -> None:
    gone: list[int] = []

    def finds(fewer: Sequence[Made]) -> bool:
        gone.append(len(fewer))
        return False

    walk = [Made(str(nth), {}) for nth in range(30)]
    assert shorten(walk, finds, tries=7) == walk
    assert len(gone) == 7


def test_walks_of_a_sound_emulator_find_nothing() -> None:
    assert found_by_walks(seed=9, examples=3) == {}
