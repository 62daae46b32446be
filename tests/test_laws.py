"""Random calls, clock moves and faults against the whole emulator; and the laws after each of them.

Everything is done through HTTP, by clients and by the operator. What happened is reckoned a second
time from what the emulator told of it, and at the end the whole run is played once more: it must
leave the same record, to the byte. To look longer, and to have what is found made small:

    MOCKLEO_LAWS=1000 python -m pytest tests/test_laws.py
"""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from mockleo.faults.menu import BY_NAME

from .laws.play import FAULTS, JOB_FAULTS, LOOKS, MATCHING, NONSENSE, ORDERS, Play
from .laws.stage import CREDITS, KEYS, Stage

EXAMPLES = int(os.environ.get("MOCKLEO_LAWS", "60"))
IS_LONG = "MOCKLEO_LAWS" in os.environ

Act = tuple[str, Mapping[str, Any]]

_who, _nth = st.sampled_from(sorted(KEYS)), st.integers(0, 9)
_orders = st.sampled_from([*ORDERS, "a blueprint", "an idea", "a dataset"])
_kinds = st.sampled_from(sorted(FAULTS))
_job_kinds = st.sampled_from(sorted(JOB_FAULTS))
_ranges = st.sampled_from(["", "bytes=0-9", "bytes=999999-"])

# What can be done, by the methods of a play: how often, and with what.
STEPS: Mapping[str, tuple[int, Mapping[str, st.SearchStrategy[Any]]]] = {
    # The first of all is drawn more often than it should be.
    "poll": (2, {"nth": _nth}),
    "order": (6, {"who": _who, "what": _orders, "secret": st.booleans()}),
    "order_many": (2, {"who": _who, "count": st.integers(2, 6)}),
    "hurry": (1, {"who": _who}),
    "order_of_an_image": (
        2, {"who": _who, "nth": _nth, "what": st.sampled_from(["upscale", "nobg", "unzoom"])},
    ),
    "look": (2, {"who": _who, "path": st.sampled_from(LOOKS)}),
    "compare_the_list": (2, {"who": _who}),
    "talk_nonsense": (
        2, {"who": st.sampled_from([*KEYS, "nobody"]), "nth": st.integers(0, len(NONSENSE) - 1)},
    ),
    "try_again": (2, {}),
    "delete": (2, {"nth": _nth}),
    "fetch": (2, {"nth": _nth, "asked": _ranges}),
    "upload": (1, {"who": _who, "wait_ms": st.sampled_from([0, 0, 119_000, 121_000])}),
    "hang_up": (1, {"nth": _nth}),
    # time
    "advance": (4, {"by_ms": st.sampled_from([0, 1, 1_000, 4_000, 30_000])}),
    "pass_time": (1, {"ms": st.sampled_from([0, 500, 5_000])}),
    "switch": (2, {"mode": st.sampled_from(["manual", "manual", "auto", "real"])}),
    "wait_for": (1, {"count": st.integers(1, 4), "timeout_ms": st.sampled_from([0, 2_000])}),
    # the operator
    "meet": (
        6, {"kind": _kinds, "how": st.integers(0, 3), "when": st.sampled_from(MATCHING), "who": _who},
    ),
    "lose_a_fate": (1, {"kind": _job_kinds, "who": _who}),
    "let_a_receiver_recover": (1, {}),
    "add_fault": (
        3, {"kind": _kinds, "how": st.integers(0, 3), "when": st.sampled_from(MATCHING)},
    ),
    "lift_fault": (2, {"nth": _nth}),
    "lift_all_faults": (1, {}),
    "follow_a_script": (1, {"who": _who, "place": st.integers(1, 3)}),
    "force": (2, {"nth": _nth, "event": st.sampled_from(["FINISH", "FAIL"])}),
    "give_credits": (1, {"who": _who, "credits": st.sampled_from([0, 100, CREDITS])}),
    "renew_keys": (1, {}),
    "reset": (2, {"what": st.sampled_from(["journal", "jobs", "credits", "faults", "journal", ""])}),
    "save": (1, {}),
    "load": (3, {}),
    "change_receiver": (1, {"mood": st.sampled_from(["good", "quick", "slow", "failing"])}),
    "redeliver": (1, {"nth": _nth}),
    "rest": (2, {}),
}  # fmt: skip


def step_of(name: str) -> st.SearchStrategy[Act]:
    return st.tuples(st.just(name), st.fixed_dictionaries(dict(STEPS[name][1])))


# One rule for all: of many rules, each run would be given only some.
steps = st.sampled_from([name for name, (often, _) in STEPS.items() for _ in range(often)]).flatmap(step_of)


def test_every_kind_of_fault_is_among_them() -> None:
    assert set(FAULTS) == set(BY_NAME)


class Laws(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage()
        self.play = Play(self.stage)
        self.script: list[Act] = []

    @rule(step=steps)
    def take(self, step: Act) -> None:
        name, given = step
        self.script.append(step)
        self.play.act(name, **given)

    def teardown(self) -> None:
        try:
            first = left_by(self.play)
        finally:
            self.stage.close()
        assert played(self.script) == first, "the same run has left another record"


def left_by(play: Play) -> tuple[Any, ...]:
    """What a play leaves behind, once everything has come to its end."""
    play.finish()
    left = play.record()
    play.stage.stop()
    return left


def played(script: Sequence[Act]) -> tuple[Any, ...]:
    """The same once more."""
    stage = Stage()
    try:
        play = Play(stage)
        for name, given in script:
            play.act(name, **given)
        return left_by(play)
    finally:
        stage.close()


Laws.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=40,
    deadline=None,
    derandomize=not IS_LONG,
    phases=[Phase.generate, Phase.shrink] if IS_LONG else [Phase.generate],
)
TestLaws = Laws.TestCase
