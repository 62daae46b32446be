"""Random calls, clock moves and faults against the whole emulator; and the laws after each of them.

Everything is done through HTTP, by clients and by the operator. What happened is reckoned a second
time from what the emulator told of it, and at the end the whole run is played once more: it must
leave the same record, to the byte. To look longer:

    MOCKLEO_LAWS=1000 python -m pytest tests/test_laws.py
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mockleo.core.lifecycle import TRANSITIONS, State
from mockleo.core.world import Booked
from mockleo.faults.menu import BY_NAME
from mockleo.record import Exchange
from mockleo.runtime.clock import Mode
from mockleo.wire.links import API_PATH

from .laws import CALLS, CANARY, CREDITS, HOST, JOURNAL, KEYS, ORDERS, RULES, SLOTS, Asked, Stage, form_of

EXAMPLES = int(os.environ.get("MOCKLEO_LAWS", "25"))

# The model that orders run on by default.
MODEL = "7b592283-e8a7-4c5a-9ba6-d18c31f258b9"
NOBODYS = "00000000-0000-4000-8000-000000000000"
MINUTE_MS = 60_000

# Each kind of fault, in some of the ways in which it can be asked for.
FAULTS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "status": [{"status": 503}, {"status": 404}, {"status": 204}, {"status": 500, "commit": True}],
    "throttle": [{}, {"retry_after": 3, "commit": True}],
    "gateway-error": [{}, {"status": 500, "commit": True}],
    "html-page": [{}, {"status": 503}],
    "empty-body": [{}, {"commit": True}],
    "truncated-json": [{}],
    "wrong-type": [{}],
    "null-field": [{"path": "sdGenerationJob"}, {"path": "generations_by_pk.generated_images[*].url"}],
    "add-field": [{"path": "novelty"}, {"path": "generations_by_pk.status", "value": "ODD"}],
    "latency": [{"ms": 5_000}, {"ms": 100, "spread_ms": 3_000}],
    "slow-body": [{"piece_bytes": 100}],
    "connection-close": [{}, {"commit": True}],
    "connection-reset": [{}, {"where": "body", "commit": True}, {"where": "head"}],
    "outage": [{"for_ms": 3_000}],
    "job-fails": [{}],
    "job-moderated": [{}],
    "job-never-ends": [{}],
    "job-late": [{"late_ms": 8_000}],
    "fewer-images": [{}, {"images": 1}],
    "partial-results": [{}],
    "nsfw": [{}],
    "unknown-status": [{}],
    "unknown-model": [{}],
    "null-result": [{}],
    "webhook-first": [{}],
    "key-revoked": [{}],
    "credits-gone": [{}, {"left": 20}],
    "limits-halved": [{}, {"percent": 1}],
    "model-retired": [{"model_id": MODEL}],
    "form-expired": [{}],
    "upload-unavailable": [{}],
    "upload-slow": [{"wait_ms": 4_000}],
    "object-lost": [{}],
    "asset-status": [{}, {"status": 404, "attempts": 1}],
    "asset-truncated": [{}, {"quiet": True}],
    "asset-corrupt": [{}],
    "asset-html": [{}],
    "asset-wrong-type": [{}],
    "asset-slow": [{"wait_ms": 2_000}],
    "webhook-lost": [{}],
    "webhook-doubled": [{}, {"copies": 3}],
    "webhook-late": [{}],
    "webhook-reordered": [{}],
    "webhook-wrong-bearer": [{}],
    "webhook-no-bearer": [{}],
    "webhook-other-payload": [{}],
    "webhook-unknown-type": [{}],
    "webhook-huge": [{"pad_bytes": 5_000}],
}  # fmt: skip
MATCHING: Sequence[Mapping[str, Any]] = (
    {}, {"times": 1}, {"first": 1}, {"nth": [2]}, {"every": 2}, {"share": 0.5},
    {"attempts": 1}, {"from_ms": 1_000, "until_ms": 20_000},
)  # fmt: skip

SMALL = {"num_images": 2, "width": 64, "height": 64}
ORDERS_OF: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "images": ("/generations", SMALL),
    "one image": ("/generations", {**SMALL, "num_images": 1}),
    "a video": ("/generations-text-to-video", {"resolution": "RESOLUTION_480"}),
    "a blueprint": ("/blueprint-executions", {}),
    "an idea": ("/prompt/random", {}),
    "a sketch": ("/generations-lcm", {"imageDataUrl": "data:image/png;base64,AAAA"}),
    "a dataset": ("/datasets", {}),
}
LOOKS = ("/me", "/generations/user/{user}?limit=5", "/platformModels", "/models-3d/user/{user}", "/elements")
NONSENSE: Sequence[tuple[str, str, bytes]] = (
    ("GET", "/nowhere", b""),
    ("PUT", "/generations", b"{}"),
    ("POST", "/generations", b'{"prompt": "'),
    ("POST", "/generations", b'{"prompt": "a cat", "width": 1}'),
    ("POST", "/generations", b'{"prompt": "a cat", "modelId": "none"}'),
    ("POST", "/variations/upscale", b'{"id": "' + NOBODYS.encode() + b'"}'),
    ("GET", "/generations/" + NOBODYS, b""),
    ("GET", "/generations/" + CANARY, b""),
    ("GET", f"http://{HOST}/api/elsewhere", b""),
    ("GET", f"http://{HOST}/s3/nothing/there", b""),
    ("DELETE", f"http://{HOST}/cdn/users/x", b""),
    ("GET", f"http://{HOST}/cdn/users/{CANARY}", b""),
    ("GET", f"http://{HOST}/{CANARY}", b""),
)

# What is reported, of the kinds of jobs.
REPORTED = {"Generation", "Variation", "MotionVariation"}
_MET = re.compile(r"fault=([^;]+); ([a-z-]+)")


def test_every_kind_of_fault_is_among_them() -> None:
    assert set(FAULTS) == set(BY_NAME)


# --- what is known of a run -----------------------------------------------------------------------


@dataclass
class Job:
    """A job as it has been told of."""

    booked: Booked
    state: State = State.QUEUED
    ended_ms: int = 0


@dataclass
class Known:
    """What a state has in it, as it was told: an export takes it along."""

    jobs: dict[str, Job] = field(default_factory=dict)
    # Of which jobs the price came back.
    charged: Counter[str] = field(default_factory=Counter)
    refunded: Counter[str] = field(default_factory=Counter)
    shown: dict[str, str] = field(default_factory=dict)
    generations: list[str] = field(default_factory=list)
    images: dict[str, str] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    calls: Counter[tuple[str, int, str]] = field(default_factory=Counter)
    adjustments: Counter[str] = field(default_factory=Counter)
    revoked: set[str] = field(default_factory=set)


class Laws(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage()
        self.script: list[tuple[str, dict[str, Any]]] = []
        self.play = Play(self.stage)

    def do(self, act: str, **given: Any) -> None:
        self.script.append((act, given))
        getattr(self.play, act)(**given)

    # --- clients ------------------------------------------------------------------------------

    @rule(who=st.sampled_from(sorted(KEYS)), what=st.sampled_from(sorted(ORDERS_OF)), secret=st.booleans())
    def order(self, who: str, what: str, secret: bool) -> None:  # noqa: FBT001  a rule is called by name
        self.do("order", who=who, what=what, secret=secret)

    @rule(who=st.sampled_from(sorted(KEYS)), count=st.integers(2, 6))
    def order_many(self, who: str, count: int) -> None:
        for _ in range(count):
            self.do("order", who=who, what="one image", secret=False)

    @rule(who=st.sampled_from(sorted(KEYS)), nth=st.integers(0, 9), what=st.sampled_from(["upscale", "nobg", "unzoom"]))
    def order_of_an_image(self, who: str, nth: int, what: str) -> None:
        self.do("order_of_an_image", who=who, nth=nth, what=what)

    @rule(nth=st.integers(0, 9))
    def poll(self, nth: int) -> None:
        self.do("poll", nth=nth)

    @rule(who=st.sampled_from(sorted(KEYS)), path=st.sampled_from(LOOKS))
    def look(self, who: str, path: str) -> None:
        self.do("look", who=who, path=path)

    @rule(who=st.sampled_from(sorted(KEYS)))
    def compare_the_list(self, who: str) -> None:
        self.do("compare_the_list", who=who)

    @rule(who=st.sampled_from([*sorted(KEYS), "nobody"]), nth=st.integers(0, len(NONSENSE) - 1))
    def talk_nonsense(self, who: str, nth: int) -> None:
        self.do("talk_nonsense", who=who, nth=nth)

    @rule()
    def try_again(self) -> None:
        self.do("try_again")

    @rule(nth=st.integers(0, 9))
    def delete(self, nth: int) -> None:
        self.do("delete", nth=nth)

    @rule(nth=st.integers(0, 9), asked=st.sampled_from(["", "bytes=0-9", "bytes=999999-"]))
    def fetch(self, nth: int, asked: str) -> None:
        self.do("fetch", nth=nth, asked=asked)

    @rule(who=st.sampled_from(sorted(KEYS)), wait_ms=st.sampled_from([0, 0, 119_000, 121_000]))
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

    @rule(nth=st.integers(0, 9))
    def lift_fault(self, nth: int) -> None:
        self.do("lift_fault", nth=nth)

    @rule()
    def lift_all_faults(self) -> None:
        self.do("lift_all_faults")

    @rule(who=st.sampled_from(sorted(KEYS)), place=st.integers(1, 3))
    def follow_a_script(self, who: str, place: int) -> None:
        self.do("follow_a_script", who=who, place=place)

    @rule(nth=st.integers(0, 9), event=st.sampled_from(["FINISH", "FAIL"]))
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

    @rule(nth=st.integers(0, 9))
    def redeliver(self, nth: int) -> None:
        self.do("redeliver", nth=nth)

    @rule()
    def rest(self) -> None:
        self.do("rest")

    # --- the laws -----------------------------------------------------------------------------

    @invariant()
    def the_laws_hold(self) -> None:
        self.play.check()

    def teardown(self) -> None:
        try:
            self.play.finish()
            first = self.play.record()
        finally:
            self.stage.close()
        assert self.stage.complaints == []
        assert played(self.script) == first, "the same run has left another record"


def played(script: Sequence[tuple[str, Mapping[str, Any]]]) -> tuple[bytes, list[Any]]:
    """What a run leaves behind."""
    stage = Stage()
    try:
        play = Play(stage)
        for act, given in script:
            getattr(play, act)(**given)
            play.check()
        play.finish()
        return play.record()
    finally:
        stage.close()
