"""The part as a whole: what it makes, what it leaves out, and how it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from mockleo.conformance.door import ABILITIES, NoAnswer, OutOfBudget
from mockleo.conformance.lifecycle.checks import CHECKS, FAST, FRESH
from mockleo.conformance.lifecycle.client import PART
from mockleo.conformance.lifecycle.part import run
from mockleo.conformance.parts import PARTS, Plan
from mockleo.conformance.tally import Tally
from tests.conformance.lifecycle.openers import Opened, forbidding, remembering, stopping_after
from tests.conformance.stateless import TheStateless

if TYPE_CHECKING:
    from mockleo.conformance.door import Answer, Door, Opener, Request

# As a URL has them: its time is its own, and there is one account.
SLOW = frozenset({"spend", "delete"})


def made(opener: Opener, *, seed: int = 1, examples: int = 1, only: frozenset[str] = frozenset()) -> Tally:
    tally = Tally()
    run(Plan(seed=seed, examples=examples, only=only), opener, tally, lambda words: None)
    return tally


def checks_made(tally: Tally) -> set[str]:
    return {check for part, check, _ in tally.made if part == PART}


def test_it_is_one_of_the_parts() -> None:
    tally = Tally()
    PARTS["lifecycle"][1](Plan(seed=1, examples=1), Opened(abilities=frozenset()), tally, lambda words: None)
    assert tally.omissions


def test_the_emulator_keeps_it_all_and_every_check_is_made() -> None:
    tally = made(Opened(), examples=5, seed=20)

    assert tally.findings == {}
    assert tally.doubts == {}
    assert tally.omissions == {}
    assert checks_made(tally) >= CHECKS.keys()
    assert tally.verdict == "passed"


@pytest.mark.parametrize("plan", ["credits", "payg"])
def test_costs_may_be_told_in_credits_or_in_dollars(plan: str) -> None:
    tally = made(Opened(settings={"plan": plan, "profile": "wire-true"}))

    assert tally.findings == {}


def test_the_same_seed_makes_the_same_calls() -> None:
    told: list[list[tuple[str, str, bytes]]] = []
    for seed in (3, 3, 4):
        calls: list[tuple[str, str, bytes]] = []
        made(Opened(between=remembering(calls)), seed=seed, examples=3)
        told.append(calls)

    assert told[0] == told[1]
    assert told[0] != told[2]


def test_nothing_is_sent_where_nothing_may_be_spent() -> None:
    calls: list[tuple[str, str, bytes]] = []
    tally = made(Opened(between=remembering(calls), abilities=ABILITIES - {"spend"}))

    assert calls == []
    assert [omission.why for omission in tally.omissions.values()] == ["orders cost credits: say --spend"]
    assert tally.doubts == {}


class Kept(Opened, frozen=True, kw_only=True):
    """One emulator behind one door, whose last lists can be looked at when it is closed."""

    left: list[list[object]]

    def fresh(self, *, seed: int, settings: object) -> Door:
        door = super().fresh(seed=seed, settings={})
        close, left = door.close, self.left

        def look_and_close() -> None:
            left.append(_generations(door))
            close()

        door.close = look_and_close  # type: ignore[method-assign]  # to look once more
        return door


def _generations(door: Door) -> list[object]:
    from mockleo.conformance.lifecycle.client import Client

    client = Client(door, Tally())
    user_id = client.call("getUserSelf").told[0]["user"]["id"]
    listed: list[object] = client.call("getGenerationsByUserId", at=user_id).told
    return listed


def test_where_time_is_dear_little_is_done_and_nothing_left_behind() -> None:
    left: list[list[object]] = []
    tally = made(Kept(left=left, abilities=SLOW), examples=50)

    assert tally.findings == {}
    assert tally.doubts == {}
    assert {check for check, of in CHECKS.items() if not of.needs} <= checks_made(tally)
    assert left == [[]]
    assert tally.cases[PART] < 250
    assert {omission.what for omission in tally.omissions.values()} == {
        "credits running out, limits, other accounts' keys",
        "videos, trainings, textures, jobs that fail, and what is made of results",
    }


def test_what_was_asked_for_and_cannot_be_had_is_a_doubt() -> None:
    tally = made(Kept(left=[], abilities=SLOW), only=frozenset({PART}))

    doubted = {doubt.check for doubt in tally.doubts.values()}
    assert {check for check, of in CHECKS.items() if of.needs == FRESH} <= doubted
    assert all(CHECKS[check].needs in {FAST, FRESH} for check in doubted)
    assert tally.verdict == "inconclusive"


@pytest.mark.parametrize("why", [OutOfBudget, NoAnswer])
@pytest.mark.parametrize("calls", [0, 40, 700])
def test_it_stops_with_what_it_has(why: type[OutOfBudget | NoAnswer], calls: int) -> None:
    tally = Tally()
    with pytest.raises(why, match="enough"):
        run(
            Plan(seed=1, examples=3),
            Opened(between=stopping_after(calls, why)),
            tally,
            lambda words: None,
        )

    assert tally.cases[PART] <= calls
    assert bool(tally.made) == (calls > 0)
    assert tally.findings == {}


def test_a_call_that_nobody_allows_is_left_out_and_the_others_are_made() -> None:
    tally = made(Opened(between=forbidding("createTextureGeneration", "createModel"), abilities=ABILITIES))

    assert tally.findings == {}
    assert [omission.what for omission in tally.omissions.values()] == [
        "calls of createTextureGeneration, some or all",
        "calls of createModel, some or all",
    ]
    assert {"as-many-as-asked", "failed-is-refunded", "queue-moves-up"} <= checks_made(tally)


def test_an_account_that_cannot_be_read_is_found_and_no_mistake_of_ours() -> None:
    def without_balance(door: Door, request: Request) -> Answer:
        answer = door.send(request)
        if request.operation == "getUserSelf":
            answer = msgspec.structs.replace(answer, body=b'{"user_details":[]}')
        return answer

    tally = made(Opened(between=without_balance))

    assert "answer-has-its-shape" in {finding.check for finding in tally.findings.values()}
    assert tally.doubts


def test_a_server_without_a_memory_is_told_what_is_missing() -> None:
    tally = made(TheStateless())

    found = {finding.check: finding for finding in tally.findings.values()}
    assert found.keys() >= {
        "ids-are-unique", "ends-in-time", "told-back-as-ordered", "wrong-order-is-refused",
        "deleted-stays-gone", "second-delete-finds-nothing", "unknown-id-tells-nothing",
    }  # fmt: skip
    gone = found["deleted-stays-gone"]
    assert "was deleted, and reading it gives 200" in gone.message
    assert gone.expected == ("what was deleted is read as null, and is on no list, for good (documented)")
    assert "LEONARDO_API_KEY" in gone.curl
    assert "5ca1ab1e" not in gone.curl
    assert gone.replay == "mockleo contract --only lifecycle --seed 1 --max-examples 1"
