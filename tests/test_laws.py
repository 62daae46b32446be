"""Random calls, clock moves and faults against the whole emulator; and the laws after each of them.

Everything is done through HTTP, by clients and by the operator. What happened is reckoned a second
time from what the emulator told of it, and at the end the whole run is played once more: it must
leave the same record, to the byte. To look longer:

    MOCKLEO_LAWS=1000 python -m pytest tests/test_laws.py
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from mockleo.faults.menu import BY_NAME

from .laws.play import FAULTS, LOOKS, MATCHING, NONSENSE, ORDERS, Play
from .laws.stage import CREDITS, KEYS, Stage

EXAMPLES = int(os.environ.get("MOCKLEO_LAWS", "25"))

Act = tuple[str, Mapping[str, Any]]

people = st.sampled_from(sorted(KEYS))
things = st.integers(0, 9)


def test_every_kind_of_fault_is_among_them() -> None:
    assert set(FAULTS) == set(BY_NAME)


class Laws(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage()
        self.play = Play(self.stage)
        self.script: list[Act] = []

    def do(self, act: str, **given: Any) -> None:
        self.script.append((act, given))
        self.play.act(act, **given)

    # --- clients ------------------------------------------------------------------------------

    @rule(
        who=people,
        what=st.sampled_from([*ORDERS, "a blueprint", "an idea", "a dataset"]),
        secret=st.booleans(),
    )
    def order(self, who: str, what: str, secret: bool) -> None:  # noqa: FBT001  a rule is called by name
        self.do("order", who=who, what=what, secret=secret)

    @rule(who=people, count=st.integers(2, 6))
    def order_many(self, who: str, count: int) -> None:
        for _ in range(count):
            self.do("order", who=who, what="one image", secret=False)

    @rule(who=people, nth=things, what=st.sampled_from(["upscale", "nobg", "unzoom"]))
    def order_of_an_image(self, who: str, nth: int, what: str) -> None:
        self.do("order_of_an_image", who=who, nth=nth, what=what)

    @rule(nth=things)
    def poll(self, nth: int) -> None:
        self.do("poll", nth=nth)

    @rule(who=people, path=st.sampled_from(LOOKS))
    def look(self, who: str, path: str) -> None:
        self.do("look", who=who, path=path)

    @rule(who=people)
    def compare_the_list(self, who: str) -> None:
        self.do("compare_the_list", who=who)

    @rule(who=st.sampled_from([*sorted(KEYS), "nobody"]), nth=st.integers(0, len(NONSENSE) - 1))
    def talk_nonsense(self, who: str, nth: int) -> None:
        self.do("talk_nonsense", who=who, nth=nth)

    @rule()
    def try_again(self) -> None:
        self.do("try_again")

    @rule(nth=things)
    def delete(self, nth: int) -> None:
        self.do("delete", nth=nth)

    @rule(nth=things, asked=st.sampled_from(["", "bytes=0-9", "bytes=999999-"]))
    def fetch(self, nth: int, asked: str) -> None:
        self.do("fetch", nth=nth, asked=asked)

    @rule(who=people, wait_ms=st.sampled_from([0, 0, 119_000, 121_000]))
    def upload(self, who: str, wait_ms: int) -> None:
        self.do("upload", who=who, wait_ms=wait_ms)

    @rule(nth=st.integers(0, 3))
    def hang_up(self, nth: int) -> None:
        self.do("hang_up", nth=nth)

    # --- time ---------------------------------------------------------------------------------

    @rule(by_ms=st.sampled_from([0, 1, 1_000, 4_000, 30_000]))
    def advance(self, by_ms: int) -> None:
        self.do("advance", by_ms=by_ms)

    @rule(ms=st.sampled_from([0, 500, 5_000]))
    def pass_time(self, ms: int) -> None:
        self.do("pass_time", ms=ms)

    @rule(mode=st.sampled_from(["manual", "manual", "auto", "real"]))
    def switch(self, mode: str) -> None:
        self.do("switch", mode=mode)

    @rule(count=st.integers(1, 4), timeout_ms=st.sampled_from([0, 2_000]))
    def wait_for(self, count: int, timeout_ms: int) -> None:
        self.do("wait_for", count=count, timeout_ms=timeout_ms)

    # --- the operator -------------------------------------------------------------------------

    @rule(kind=st.sampled_from(sorted(FAULTS)), how=st.integers(0, 3), when=st.sampled_from(MATCHING))
    def add_fault(self, kind: str, how: int, when: Mapping[str, Any]) -> None:
        self.do("add_fault", kind=kind, how=how, when=when)

    @rule(nth=things)
    def lift_fault(self, nth: int) -> None:
        self.do("lift_fault", nth=nth)

    @rule()
    def lift_all_faults(self) -> None:
        self.do("lift_all_faults")

    @rule(who=people, place=st.integers(1, 3))
    def follow_a_script(self, who: str, place: int) -> None:
        self.do("follow_a_script", who=who, place=place)

    @rule(nth=things, event=st.sampled_from(["FINISH", "FAIL"]))
    def force(self, nth: int, event: str) -> None:
        self.do("force", nth=nth, event=event)

    @rule(who=st.sampled_from(["alice", "bob"]), credits=st.sampled_from([0, 100, CREDITS]))
    def give_credits(self, who: str, credits: int) -> None:
        self.do("give_credits", who=who, credits=credits)

    @rule()
    def renew_keys(self) -> None:
        self.do("renew_keys")

    @rule(what=st.sampled_from(["journal", "jobs", "credits", "faults", "journal", "credits", ""]))
    def reset(self, what: str) -> None:
        self.do("reset", what=what)

    @rule()
    def save(self) -> None:
        self.do("save")

    @rule()
    def load(self) -> None:
        self.do("load")

    @rule(mood=st.sampled_from(["good", "quick", "slow", "failing"]))
    def change_receiver(self, mood: str) -> None:
        self.do("change_receiver", mood=mood)

    @rule(nth=things)
    def redeliver(self, nth: int) -> None:
        self.do("redeliver", nth=nth)

    @rule()
    def rest(self) -> None:
        self.do("rest")

    # --- the end ------------------------------------------------------------------------------

    def teardown(self) -> None:
        try:
            self.play.finish()
            first = self.play.record()
        finally:
            self.stage.close()
        assert played(self.script) == first, "the same run has left another record"


def played(script: Sequence[Act]) -> tuple[Any, ...]:
    """What a run leaves behind."""
    stage = Stage()
    try:
        play = Play(stage)
        for act, given in script:
            play.act(act, **given)
        play.finish()
        return play.record()
    finally:
        stage.close()


Laws.TestCase.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=40, deadline=None, derandomize=EXAMPLES <= 25
)
TestLaws = Laws.TestCase
