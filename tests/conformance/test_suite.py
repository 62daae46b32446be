"""The runner: what becomes of a run when its parts end, in whatever way they do."""

from collections.abc import Callable, Mapping

import pytest

from mockleo.conformance import suite
from mockleo.conformance.door import Door, MayNot, NoAnswer, Opener, OutOfBudget
from mockleo.conformance.parts import Part, Plan
from mockleo.conformance.suite import TO_ITS_END, Outcome, Stretch
from mockleo.conformance.tally import Doubt, Tally
from tests.conformance.report.tallies import a_finding


class Nobody:
    """Nobody is called here."""

    name = "nobody"
    divisible = True

    def open(self, *, seed: int) -> Door:
        raise AssertionError

    def fresh(self, *, seed: int, settings: Mapping[str, object]) -> Door:
        raise AssertionError


class Paying(Nobody):
    """Like the real service's: it costs money, and leaves things behind until it is closed."""

    def __init__(self) -> None:
        self.left = 2

    def close(self) -> None:
        self.left = 0

    def spending(self) -> dict[str, object]:
        return {"spent": 1.5, "left behind": self.left}


class Told:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.ended: list[Stretch] = []

    def begin(self, part: str, about: str) -> None:
        self.words.append(f"{part}: {about}")

    def tell(self, words: str) -> None:
        self.words.append(words)

    def end(self, stretch: Stretch) -> None:
        self.ended.append(stretch)


def good(plan: Plan, opener: Opener, tally: Tally, progress: Callable[[str], None]) -> None:
    tally.checked("good", "it-is-well", "getUserSelf")
    progress("half of it")


def bad(plan: Plan, opener: Opener, tally: Tally, progress: Callable[[str], None]) -> None:
    tally.checked("bad", "it-is-well")
    tally.found(a_finding(part="bad"))


def open_(plan: Plan, opener: Opener, tally: Tally, progress: Callable[[str], None]) -> None:
    tally.checked("open", "it-is-well")
    tally.doubt(Doubt(part="open", check="payload", why="no receiver"))


def raising(error: BaseException) -> Part:
    def part(plan: Plan, opener: Opener, tally: Tally, progress: Callable[[str], None]) -> None:
        tally.checked("raising", "it-is-well")
        raise error

    return part


def run(
    parts: Mapping[str, Part],
    *,
    only: frozenset[str] = frozenset(),
    watch: Told | None = None,
    opener: Opener | None = None,
) -> Outcome:
    menu = {name: (f"what {name} is about", part) for name, part in parts.items()}
    return suite.run(Plan(seed=1, only=only), opener or Nobody(), watch or Told(), parts=menu)


def states(outcome: Outcome) -> dict[str, str]:
    return {stretch.part: stretch.state for stretch in outcome.stretches}


@pytest.mark.parametrize(
    ("parts", "verdict", "exit_code"),
    [
        ({"good": good}, "passed", 0),
        ({"good": good, "bad": bad}, "failed", 1),
        ({"good": good, "open": open_}, "inconclusive", 3),
        ({"bad": bad, "open": open_}, "failed", 1),
        ({}, "inconclusive", 3),
        ({"good": good, "raising": raising(KeyError("id"))}, "broken", 2),
        ({"bad": bad, "raising": raising(KeyError("id"))}, "broken", 2),
        ({"good": good, "raising": raising(KeyboardInterrupt())}, "inconclusive", 3),
        ({"bad": bad, "raising": raising(KeyboardInterrupt())}, "failed", 1),
        ({"good": good, "raising": raising(OutOfBudget("0.01 is left"))}, "inconclusive", 3),
        ({"good": good, "raising": raising(MayNot("only with --spend"))}, "inconclusive", 3),
        ({"good": good, "raising": raising(NoAnswer())}, "inconclusive", 3),
    ],
)
def test_how_a_run_ends(parts: Mapping[str, Part], verdict: str, exit_code: int) -> None:
    outcome = run(parts)
    assert (outcome.verdict, outcome.exit_code) == (verdict, exit_code)


def test_parts_are_made_in_their_order_and_say_how_far_they_are() -> None:
    watch = Told()
    outcome = run({"good": good, "bad": bad}, watch=watch)
    assert watch.words == ["good: what good is about", "half of it", "bad: what bad is about"]
    assert tuple(watch.ended) == outcome.stretches
    assert states(outcome) == {"good": "made", "bad": "made"}
    assert outcome.target == "nobody"


def test_what_only_does_not_name_is_left_out_and_told() -> None:
    outcome = run({"good": good, "bad": bad}, only=frozenset({"good"}))
    assert states(outcome) == {"good": "made", "bad": "left out"}
    assert outcome.verdict == "passed"
    assert [omission.part for omission in outcome.tally.omissions.values()] == ["bad"]


def test_a_name_that_is_no_part_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(AssertionError):
        run({"good": good}, only=frozenset({"goood"}))


@pytest.mark.parametrize("error", [OutOfBudget("0.01 is left"), KeyboardInterrupt()])
def test_what_stops_the_run_stops_it_before_the_next_part(error: BaseException) -> None:
    outcome = run({"bad": bad, "raising": raising(error), "good": good})
    assert states(outcome) == {"bad": "made", "raising": "stopped", "good": "not begun"}
    assert outcome.tally.findings
    doubts = {doubt.part: doubt for doubt in outcome.tally.doubts.values()}
    assert set(doubts) == {"raising", "good"}
    assert {doubt.check for doubt in doubts.values()} == {TO_ITS_END}
    assert "before this part was begun" in doubts["good"].why


@pytest.mark.parametrize(
    ("error", "state", "words"),
    [
        (MayNot("only with --spend"), "stopped", "only with --spend"),
        (NoAnswer(), "stopped", "a call was not answered: the line went dead"),
        (NoAnswer("it was cut off"), "stopped", "a call was not answered: it was cut off"),
        (KeyError("id"), "broken", "KeyError: 'id'"),
        (AssertionError("a promise of ours"), "broken", "AssertionError: a promise of ours"),
    ],
)
def test_what_spoils_one_part_leaves_the_next_one_be(error: Exception, state: str, words: str) -> None:
    outcome = run({"raising": raising(error), "good": good})
    assert states(outcome) == {"raising": state, "good": "made"}
    assert outcome.stretches[0].error == words
    assert outcome.tally.made["good", "it-is-well", "getUserSelf"] == 1


def test_only_our_own_mistakes_say_where_in_our_code() -> None:
    outcome = run({"raising": raising(KeyError("id")), "may not": raising(MayNot("why"))})
    assert "test_suite.py" in outcome.stretches[0].trace
    assert outcome.stretches[1].trace == ""


@pytest.mark.parametrize("error", [None, KeyboardInterrupt(), KeyError("id"), OutOfBudget("nothing is left")])
def test_whatever_happens_it_tidies_up_and_tells_what_was_spent(error: BaseException | None) -> None:
    parts = {"good": good} if error is None else {"raising": raising(error)}
    outcome = run(parts, opener=Paying())
    assert outcome.tally.notes["spending"] == {"spent": 1.5, "left behind": 0}


def test_where_nothing_costs_money_nothing_is_said_of_it() -> None:
    assert "spending" not in run({"good": good}).tally.notes


def test_a_run_knows_when_it_began() -> None:
    outcome = run({"good": good})
    assert len(outcome.began_at) == len("2026-01-31T12:00:00")
    assert all(stretch.elapsed_ms >= 0 for stretch in outcome.stretches)
