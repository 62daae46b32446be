"""The whole part, on the emulator; and shares in processes of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockleo.conformance.door import ABILITIES, Door, MayNot, NoAnswer, OutOfBudget
from mockleo.conformance.parts import Plan
from mockleo.conformance.schema.run import gate, run
from mockleo.conformance.tally import Tally
from mockleo.proving import TheEmulator
from tests.conformance.covering import a_run
from tests.conformance.schema.crooked import Crooked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockleo.conformance.door import Answer, Request

FEW = frozenset({"getUserSelf", "promptRandom", "createDataset", "getDatasetById"})


class OneDoor:
    """An opener of one door, as a server and an account are one."""

    name = "one server"
    divisible = False

    def __init__(self, door: Crooked) -> None:
        self.door = door

    def open(self, *, seed: int) -> Door:
        return self.door

    def fresh(self, *, seed: int, settings: Mapping[str, object]) -> Door:
        raise AssertionError("it has one account")


class Shut(TheEmulator, frozen=True, kw_only=True):
    """Opens the first door, and no other: what goes wrong is our own mistake."""

    def fresh(self, *, seed: int, settings: Mapping[str, object]) -> Door:
        import multiprocessing

        if multiprocessing.parent_process() is not None:
            raise RuntimeError("no door here")
        return super().fresh(seed=seed, settings=settings)


def made(plan: Plan, opener: TheEmulator | OneDoor) -> Tally:
    tally = Tally()
    run(plan, opener, tally, lambda words: None)
    return tally


def test_the_emulator_keeps_the_contract_and_all_of_it_is_tried() -> None:
    tally = a_run("schema", seed=1).tally
    assert [finding.message for finding in tally.findings.values()] == []
    assert [doubt.why for doubt in tally.doubts.values()] == []
    coverage = tally.notes["coverage"]
    assert isinstance(coverage, dict)
    assert [coverage[kind]["percent"] for kind in ("operations", "parameters")] == [100.0, 100.0]
    assert coverage["operations"]["total"] == 58
    assert coverage["keywords"]["percent"] > 90
    assert tally.cases["schema"] > 4_000


def test_two_processes_make_what_one_makes() -> None:
    plan = Plan(seed=3, examples=6, operations=FEW)
    alone, together = (
        made(plan, TheEmulator()),
        made(Plan(seed=3, examples=6, operations=FEW, workers=2), TheEmulator()),
    )
    assert alone.statuses == together.statuses
    assert alone.cases == together.cases
    assert alone.made == together.made
    assert alone.notes == together.notes


def test_another_seed_makes_other_calls() -> None:
    one, other = (made(Plan(seed=seed, examples=6, operations=FEW), TheEmulator()) for seed in (3, 4))
    assert one.made != other.made or one.statuses != other.statuses


def test_a_mistake_of_ours_in_another_process_is_raised() -> None:
    with pytest.raises(RuntimeError, match="no door here"):
        made(Plan(seed=1, examples=2, operations=FEW, workers=2), Shut())


def test_one_door_serves_all_shares_and_is_closed() -> None:
    door = Crooked()
    tally = made(Plan(seed=1, examples=2, operations=FEW, workers=8), OneDoor(door))
    assert not tally.findings
    # The links are walked once, not once for each share.
    assert door.sent["createDataset"] > 0
    with pytest.raises(MayNot, match="closed"):
        door.wait(1)


def test_who_may_not_spend_sends_nothing_that_changes_anything() -> None:
    methods = set()

    def look(request: Request, answer: Answer) -> Answer:
        if request.operation:
            methods.add(request.method)
        return answer

    tally = made(Plan(seed=1, examples=2), OneDoor(Crooked(look, abilities=ABILITIES - {"spend"})))
    assert methods == {"GET"}
    assert not tally.findings
    assert ("schema", "all operations but those that read") in tally.omissions
    assert not tally.doubts


def test_where_the_budget_ends_what_was_seen_is_kept_and_the_reason_raised() -> None:
    left = 150

    def pay(request: Request, answer: Answer) -> Answer:
        nonlocal left
        left -= 1
        if left < 0:
            raise OutOfBudget("$0.01 left")
        return answer

    tally = Tally()
    with pytest.raises(OutOfBudget):
        run(Plan(seed=1, examples=5), OneDoor(Crooked(pay)), tally, lambda words: None)
    assert left == -1
    assert sum(tally.statuses.values()) == 150 - _uploads(tally)
    assert "coverage" in tally.notes


def test_where_nobody_answers_the_reason_is_raised() -> None:
    def lose(request: Request, answer: Answer) -> Answer:
        raise NoAnswer("nobody there")

    with pytest.raises(NoAnswer):
        made(Plan(seed=1, examples=2, operations=FEW), OneDoor(Crooked(lose)))


def test_what_was_not_tried_or_never_succeeded_is_not_proved() -> None:
    tally = Tally()
    tally.statuses["getUserSelf", 200] = 1
    tally.statuses["promptRandom", 400] = 9
    summary = {
        "operations": {"missed": ["listElements"]},
        "parameters": {"missed": ["getDatasetById: path id"]},
    }
    gate(summary, {"getUserSelf": 1, "promptRandom": 1}, {"a -> b (C)"}, tally)
    assert {(doubt.check, doubt.operation) for doubt in tally.doubts.values()} == {
        ("operations-exercised", "listElements"),
        ("parameters-exercised", "getDatasetById: path id"),
        ("link-followed", "a"),
        ("ever-succeeded", "promptRandom"),
    }


def _uploads(tally: Tally) -> int:
    """The calls to storage, which are none of the contract's operations."""
    forms = (
        "uploadInitImage",
        "uploadCanvasInitImage",
        "uploadDatasetImage",
        "uploadMedia",
        "uploadModelAsset",
    )
    taken = sum(tally.statuses[name, 200] for name in forms)
    return taken + tally.statuses["uploadCanvasInitImage", 200]
