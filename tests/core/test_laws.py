"""Random acts, clock moves, faults and hands of an operator; and the laws after each of them.

A shadow of the world is kept from its effects alone, by ids: whom it owes what, what runs and
waits, when each job has to end, and how. The world must agree with it after each step, also when
it has gone through an export meanwhile. To look longer:

    MOCKLEO_LAWS=2000 python -m pytest tests/core/test_laws.py
"""

import os
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mockleo.core.account import Account
from mockleo.core.errors import LeoError, QueueFull
from mockleo.core.generations import Generation
from mockleo.core.images import of_image
from mockleo.core.keys import ApiKey
from mockleo.core.ledger import Why
from mockleo.core.lifecycle import STATUS, TRANSITIONS, Event, Fate, Job, State
from mockleo.core.snapshot import export_world, restore_world
from mockleo.core.soundness import complaints
from mockleo.core.world import Booked, Ended, Moved, TooManyKeys

from .test_fates import fates
from .worlds import (
    A_WEBHOOK,
    ACTS,
    KEYS,
    LANES,
    LIGHTNING,
    LUCID,
    WILD,
    Priced,
    a_world,
    jobs_of,
    seen,
    waits_ms,
)

EXAMPLES = int(os.environ.get("MOCKLEO_LAWS", "120"))
IS_LONG = "MOCKLEO_LAWS" in os.environ

# Of what is rarely done, that which brings no fate of its own and is no rule below.
_RARE = (
    "motion", "a larger video", "an element", "images of an own model", "forget a model",
    "copy into a dataset", "forget a dataset", "many calls", "another plan",
)  # fmt: skip
DOING = [*ACTS, *_RARE]
BOOKING = [act for act in ACTS if "delete" not in act and act not in {"prompt", "realtime", "refined"}]

MADE_OF_IMAGES = ["upscale", "nobg", "motion", "copy into a dataset"]

# These make an upload or a dataset first, which stays whatever becomes of the order.
_PREPARED = ("doomed", "texture", "training", "element", "copy")

Place = tuple[str, str]
Act = tuple[str, dict[str, Any]]

_whose, _key = st.integers(0, 1), st.integers(0, 4)
_rather_not = st.sampled_from([False, False, True])

# What can be done, by the methods below: how often, and with what.
STEPS: Mapping[str, tuple[int, Mapping[str, st.SearchStrategy[Any]]]] = {
    "do": (6, {"act": st.sampled_from(DOING), "whose": _whose, "nth_key": _key}),
    "order_under": (4, {"act": st.sampled_from(BOOKING), "fate": fates, "whose": _whose, "nth_key": _key}),
    "order_many": (2, {"whose": _whose, "count": st.integers(2, 5)}),
    "order_of_an_image": (2, {"act": st.sampled_from(MADE_OF_IMAGES), "whose": _whose}),
    "decree": (2, {"fate": fates}),
    "wait": (4, {"wait_ms": waits_ms}),
    "wait_for_the_next": (2, {}),
    "force": (3, {"nth": st.integers(0, 30), "event": st.sampled_from([Event.FAIL, Event.FINISH])}),
    "make_key": (1, {"whose": _whose, "with_webhook": st.booleans()}),
    "revoke": (1, {"whose": _whose, "nth_key": _key}),
    "order_at_other_limits": (2, {"whose": _whose, "percent": st.sampled_from([50, 1])}),
    "change_limits": (1, {"whose": _whose, "percent": st.sampled_from([100, 100, 50, 1])}),
    "retire": (1, {"whose": _whose, "retired": st.lists(st.sampled_from([LIGHTNING, LUCID]), max_size=1)}),
    "adjust": (1, {"whose": _whose, "credits": st.sampled_from([0, 30, 5_000, 1_000_000])}),
    "forget_jobs": (1, {"sure": _rather_not}),
    "go_through_an_export": (3, {}),
}


def step_of(name: str) -> st.SearchStrategy[Act]:
    return st.tuples(st.just(name), st.fixed_dictionaries(dict(STEPS[name][1])))


# One rule for all: of many rules, each run would be given only some.
steps = st.sampled_from([name for name, (often, _) in STEPS.items() for _ in range(often)]).flatmap(step_of)


@dataclass
class Shadow:
    """A job as it has been told of, with what was before it when it was booked."""

    booked: Booked
    duration_ms: int
    fate: Fate
    ends_as: State
    is_performed: bool
    parts: tuple[str, ...]
    state: State = State.QUEUED
    changed_ms: int = 0
    forced: Event | None = None
    reported: int = 0

    @property
    def place(self) -> Place:
        return self.booked.user_id, self.booked.lane

    @property
    def ends_ms(self) -> int | None:
        """When it has to end by itself."""
        if self.state is not State.RUNNING or self.fate.never:
            return None
        return self.changed_ms + self.duration_ms


@dataclass
class Purse:
    """What an account must have, reckoned from what was told."""

    opening: int
    balance: int
    charged: Counter[str] = field(default_factory=Counter)
    refunded: Counter[str] = field(default_factory=Counter)
    adjusted: list[int] = field(default_factory=list)


def part_of(limit: int, percent: int) -> int:
    """So much of a limit, as the fault that halves limits has it: of one that there is, one at least."""
    return limit if percent == 100 or limit == 0 else max(1, limit * percent // 100)


class Laws(RuleBasedStateMachine):
    @initialize(
        seed=st.integers(0, 3),
        slots=st.integers(1, 4),
        pending=st.none() | st.integers(0, 3),
        spread_percent=st.sampled_from([0, 10]),
        credits=st.sampled_from([1_000_000, 1_000_000, 500]),
    )
    def begin(self, seed: int, slots: int, pending: int | None, spread_percent: int, credits: int) -> None:
        self.world = a_world(
            seed=seed, slots=slots, pending=pending, spread_percent=spread_percent, credits=credits
        )
        self.slots, self.pending = slots, pending
        self.jobs: dict[str, Shadow] = {}
        self.whole_of: dict[str, str] = {}
        self.part_states: dict[str, State] = {}
        self.running: Counter[Place] = Counter()
        self.queues: dict[Place, list[str]] = defaultdict(list)
        self.percents: dict[Place, int] = {}
        self.purses: dict[str, Purse] = {}
        self.fate: Fate | None = None
        self.decreed: Fate | None = None
        self.reported_keys: dict[str, bool] = {}
        self.revoked_ms: dict[str, int] = {}
        self.last_ms = self.world.now_ms
        self.final: dict[str, tuple[object, ...]] = {}
        for name in KEYS[:2]:
            account = self.world.make_account(name)
            self.purses[account.user_id] = Purse(account.ledger.opening, account.ledger.balance)
            # The first account is told of its jobs, the other one has to ask.
            self._make_key(account, with_webhook=name == KEYS[0])

    @rule(step=steps)
    def take(self, step: Act) -> None:
        name, given = step
        getattr(self, name)(**given)

    # --- what is done -------------------------------------------------------------------------

    def do(self, act: str, whose: int, nth_key: int) -> None:
        self._carry_out(act, whose, nth_key)

    def order_under(self, act: str, fate: Fate | None, whose: int, nth_key: int) -> None:
        """As a call that meets a fault: its fate is for what it books, and for nothing else."""
        self.world.fate = self.fate = fate
        self._carry_out(act, whose, nth_key)
        self.world.fate = self.fate = None

    def order_many(self, whose: int, count: int) -> None:
        for nth in range(count):
            self._carry_out("images", whose, nth)

    def order_of_an_image(self, act: str, whose: int) -> None:
        """Make something of an image that is there by then."""
        self._carry_out("images", whose, 0)
        self.wait(60_000)
        self._carry_out(act, whose, 0)

    def order_at_other_limits(self, whose: int, percent: int) -> None:
        """As two calls, of which the first one meets a fault."""
        for each in (percent, 100):
            self.change_limits(whose, each)
            self._carry_out("images", whose, 0)

    def decree(self, fate: Fate | None) -> None:
        """Leave a fate for whatever is booked next."""
        self.world.fate = self.fate = fate

    def wait(self, wait_ms: int) -> None:
        self.world.advance(self.world.now_ms + wait_ms)
        self._take_in()
        due_ms = self.world.due_ms()
        assert due_ms is None or due_ms > self.world.now_ms, "what was due has not happened"

    def wait_for_the_next(self) -> None:
        due_ms = self.world.due_ms()
        if due_ms is not None:
            self.world.advance(due_ms)
            assert self._take_in(), "it was due, and nothing happened"

    def force(self, nth: int, event: Event) -> None:
        under_way = [
            (account, job)
            for account in self.world.accounts.values()
            for job in jobs_of(account)
            if job.id not in self.whole_of and event in TRANSITIONS[job.state]
        ]
        if under_way:
            account, job = under_way[nth % len(under_way)]
            self.jobs[job.id].forced = event
            self.world.force(account, job, event)
            assert job.ended
            self._take_in()

    def make_key(self, whose: int, with_webhook: bool) -> None:
        self._make_key(self._account(whose), with_webhook=with_webhook)

    def revoke(self, whose: int, nth_key: int) -> None:
        key = self._key(self._account(whose), nth_key)
        self.world.revoke(key)
        self.revoked_ms.setdefault(key.id, self.world.now_ms)

    def change_limits(self, whose: int, percent: int) -> None:
        self._account(whose).limit_percent = percent

    def retire(self, whose: int, retired: list[str]) -> None:
        self._account(whose).retired = tuple(retired)

    def adjust(self, whose: int, credits: int) -> None:
        account = self._account(whose)
        purse = self.purses[account.user_id]
        if credits != purse.balance:
            purse.adjusted.append(credits - purse.balance)
            purse.balance = credits
        account.ledger.adjust(credits, at_ms=self.world.now_ms)

    def forget_jobs(self, sure: bool) -> None:
        if not sure:
            return
        self.world.forget_jobs()
        for gone in (self.jobs, self.whole_of, self.part_states, self.final):
            gone.clear()
        for kept in (self.running, self.queues, self.percents):
            kept.clear()

    def go_through_an_export(self) -> None:
        """Go on with the world that the export is read as."""
        exported = export_world(self.world)
        back = restore_world(exported, rules=self.world.rules, catalogue=self.world.catalogue)
        assert seen(back) == seen(self.world)
        assert export_world(back) == exported
        self.world = back

    # --- what must hold -----------------------------------------------------------------------

    @invariant()
    def nothing_is_left_to_tell(self) -> None:
        assert self.world.take_effects() == []
        assert not self.world.has_ends
        assert self.world.fate == self.fate

    @invariant()
    def the_ledger_is_what_was_told(self) -> None:
        for user_id, purse in self.purses.items():
            ledger = self.world.accounts[user_id].ledger
            assert ledger.opening == purse.opening
            assert ledger.balance == purse.balance >= 0
            balance, adjusted, at_ms = ledger.opening, [], 0
            charged: Counter[str] = Counter()
            refunded: Counter[str] = Counter()
            for entry in ledger.entries:
                assert at_ms <= entry.at_ms <= self.world.now_ms
                at_ms = entry.at_ms
                balance += entry.credits if entry.why in {Why.REFUND, Why.GRANT} else -entry.credits
                if entry.why in {Why.GRANT, Why.WITHDRAWAL}:
                    adjusted.append(entry.credits if entry.why is Why.GRANT else -entry.credits)
                else:
                    (charged if entry.why is Why.CHARGE else refunded)[entry.job_id] += 1
            assert balance == ledger.balance
            assert adjusted == purse.adjusted
            assert refunded == purse.refunded
            assert set(charged.values()) <= {1}
            assert charged.keys() >= purse.charged.keys()

    @invariant()
    def a_slot_is_held_by_what_runs(self) -> None:
        for account in self.world.accounts.values():
            for name in LANES:
                lane, place = account.lanes[name], (account.user_id, name)
                limit = part_of(self.slots, self.percents.get(place, 100))
                assert lane.running == self.running[place] <= self.slots
                assert [job.id for job in lane.queue] == self.queues[place]
                assert not lane.queue or lane.running >= limit, "somebody waits before a free slot"

    @invariant()
    def something_is_due_when_something_ends(self) -> None:
        ends = [shadow.ends_ms for shadow in self.jobs.values() if shadow.ends_ms is not None]
        assert self.world.due_ms() == min(ends, default=None)

    @invariant()
    def every_job_is_as_was_told(self) -> None:
        for account in self.world.accounts.values():
            for job in jobs_of(account):
                whole = self.jobs[self.whole_of.get(job.id, job.id)]
                assert job.state is whole.state is self.part_states.get(job.id, whole.state)
                assert (job.changed_ms, job.key_id) == (
                    whole.changed_ms,
                    whole.booked.key_id if job.id == whole.booked.job_id else "",
                )
                told = whole.fate.status if job.ended and whole.fate.status else STATUS[job.state]
                assert job.status == told
                assert job.hidden == (whole.fate.null and job.ended)
                if job.ended:
                    looks = (job.state, job.cost, job.seed, getattr(job, "image_ids", ()))
                    assert self.final.setdefault(job.id, looks) == looks, "what has ended changes"

    @invariant()
    def images_are_of_what_is_complete_or_shown_early(self) -> None:
        for account in self.world.accounts.values():
            shown = {}
            for generation in account.generations.values():
                fate = self.jobs[self.whole_of.get(generation.id, generation.id)].fate
                wanted = {
                    State.QUEUED: 0,
                    State.RUNNING: min(fate.partial, generation.quantity),
                    State.COMPLETE: generation.quantity
                    if fate.images is None
                    else min(fate.images, generation.quantity),
                    State.FAILED: 0,
                }[generation.state]
                assert len(set(generation.image_ids)) == len(generation.image_ids) == wanted
                for image_id in generation.image_ids:
                    shown[image_id] = generation
                    source = of_image(account, image_id)
                    assert (source is not None) == (generation.state is State.COMPLETE)
            assert account.images == shown

    @invariant()
    def keys_stay_what_they_are(self) -> None:
        keys = {key.id: key for key in self.world.keys.values()}
        assert list(keys) == list(self.reported_keys)
        for key_id, key in keys.items():
            assert key.revoked_ms == self.revoked_ms.get(key_id)
            assert (key.webhook is not None) == self.reported_keys[key_id]
            assert key.account.keys[key_id] is key

    @invariant()
    def the_world_is_sound(self) -> None:
        assert list(complaints(self.world, sorted(self.world._ending.items()))) == []

    # --- how it is done -----------------------------------------------------------------------

    def _account(self, whose: int) -> Account:
        return list(self.world.accounts.values())[whose]

    def _key(self, account: Account, nth: int) -> ApiKey:
        return list(account.keys.values())[nth % len(account.keys)]

    def _make_key(self, account: Account, *, with_webhook: bool) -> None:
        name = f"key {len(self.world.keys)}"
        most = self.world.rules.integer("keys.per_account")
        is_full = sum(key.id not in self.revoked_ms for key in account.keys.values()) >= most
        try:
            made = self.world.make_key(name, account=account, webhook=A_WEBHOOK if with_webhook else None)
        except TooManyKeys:
            assert is_full
        else:
            assert not is_full
            self.reported_keys[made.id] = with_webhook

    def _carry_out(self, act: str, whose: int, nth_key: int) -> None:
        account = self._account(whose)
        account.calling = self._key(account, nth_key).id
        self.decreed = None if act == "refined" else self.fate
        before, serial = seen(self.world), account.serial
        is_settled = all(lane.percent == account.limit_percent for lane in account.lanes.values())
        lane, done = "", None
        try:
            done = (ACTS.get(act) or WILD[act])(self.world, account)
        except LeoError as error:
            if isinstance(error, QueueFull):
                lane = str(error.rule).rpartition(".")[2]
            if is_settled and not any(word in act for word in _PREPARED):
                after, account.serial = account.serial, serial
                assert seen(self.world) == before, "a refused order has changed something"
                account.serial = after
            assert not any(isinstance(one, Booked) for one in self.world._effects)
        self._note(account, act, lane, done)
        self._take_in(is_performed=act == "refined")
        if lane:
            self._check_full((account.user_id, lane))

    def _note(self, account: Account, act: str, lane: str, done: Priced | None) -> None:
        """Know what was ordered before its effects are looked at."""
        booked = [one for one in self.world._effects if isinstance(one, Booked)]
        if isinstance(done, Job):
            assert [one.job_id for one in booked] == [done.id]
        elif done is not None and not booked:
            self.purses[account.user_id].balance -= done.cost
        if act == "refined":
            return
        for one in booked:
            lane = one.lane
            self.fate = None
        if lane:
            # A lane goes by what its newest order has found.
            self.percents[account.user_id, lane] = account.limit_percent

    def _take_in(self, *, is_performed: bool = False) -> int:
        """Follow what has happened, each thing in its turn."""
        effects = self.world.take_effects()
        ended = []
        for effect in effects:
            assert self.last_ms <= effect.at_ms <= self.world.now_ms, "not in the order of time"
            self.last_ms = effect.at_ms
            if isinstance(effect, Booked):
                self._book(effect, is_performed=is_performed)
            elif isinstance(effect, Ended):
                self._report(effect)
            elif self._move(effect):
                ended.append(self.jobs[effect.job_id])
        for shadow in ended:
            wanted = self.reported_keys[shadow.booked.key_id]
            assert shadow.reported == wanted, "an end is told once, where it is told"
        return len(effects)

    def _book(self, booked: Booked, *, is_performed: bool) -> None:
        assert booked.job_id not in self.jobs, "booked twice"
        account = self.world.accounts[booked.user_id]
        (job,) = (one for one in jobs_of(account) if one.id == booked.job_id)
        assert booked.key_id == account.calling
        assert (type(job).__name__, job.lane, job.cost) == (booked.kind, booked.lane, booked.cost)
        assert (job.created_ms, self.world.now_ms) == (booked.at_ms, booked.at_ms)
        if isinstance(job, Generation) and job.model is not None and not is_performed:
            assert job.model.id not in account.retired
        assert job.fate == self.decreed
        shadow = self.jobs[job.id] = Shadow(
            booked=booked,
            duration_ms=job.duration_ms,
            fate=job.fate or Fate(),
            ends_as=State.FAILED if job.doomed else State.COMPLETE,
            is_performed=is_performed,
            parts=tuple(part.id for part in job.parts()),
            changed_ms=booked.at_ms,
        )
        for part in shadow.parts:
            self.whole_of[part] = job.id
            self.part_states[part] = State.QUEUED
        purse = self.purses[booked.user_id]
        purse.balance -= booked.cost
        purse.charged[job.id] += 1
        if not is_performed:
            if self.running[shadow.place] >= self._limit(shadow.place):
                most = self.pending
                waiting = len(self.queues[shadow.place])
                assert most is None or waiting < part_of(most, self.percents[shadow.place])
            self.queues[shadow.place].append(job.id)

    def _move(self, moved: Moved) -> bool:
        """Follow a move; whether a job has ended with it, and not a part of one."""
        whole_id = self.whole_of.get(moved.job_id)
        if whole_id is not None:
            self.part_states[moved.job_id] = moved.state
            assert moved.state is self.jobs[whole_id].state, "a part moves with the whole"
            return False
        shadow = self.jobs[moved.job_id]
        assert moved.user_id == shadow.booked.user_id
        assert moved.state in TRANSITIONS[shadow.state].values(), "a job goes back, or on after its end"
        if moved.state is State.RUNNING:
            if not shadow.is_performed:
                self._start(shadow)
        else:
            self._end(shadow, moved)
        shadow.state, shadow.changed_ms = moved.state, moved.at_ms
        return moved.state is not State.RUNNING

    def _start(self, shadow: Shadow) -> None:
        assert self.running[shadow.place] < self._limit(shadow.place), "it starts without a free slot"
        assert self.queues[shadow.place].pop(0) == shadow.booked.job_id, "it starts before its turn"
        self.running[shadow.place] += 1

    def _end(self, shadow: Shadow, moved: Moved) -> None:
        if shadow.state is State.QUEUED:
            assert shadow.forced is Event.FAIL
            self.queues[shadow.place].remove(moved.job_id)
        elif not shadow.is_performed:
            self.running[shadow.place] -= 1
        if shadow.forced is not None:
            wanted = State.FAILED if shadow.forced is Event.FAIL else State.COMPLETE
            assert (moved.state, moved.at_ms) == (wanted, self.world.now_ms)
        else:
            assert (moved.state, moved.at_ms) == (shadow.ends_as, shadow.changed_ms + shadow.duration_ms)
            assert not shadow.fate.never
        if moved.state is State.FAILED:
            purse = self.purses[moved.user_id]
            purse.balance += shadow.booked.cost
            purse.refunded[moved.job_id] += 1

    def _report(self, ended: Ended) -> None:
        shadow = self.jobs[ended.job.id]
        assert ended.account is self.world.accounts[shadow.booked.user_id]
        assert (ended.key.id, ended.at_ms) == (shadow.booked.key_id, shadow.changed_ms)
        assert ended.job.state is shadow.state
        assert shadow.state in {State.COMPLETE, State.FAILED}
        shadow.reported += 1

    def _limit(self, place: Place) -> int:
        return part_of(self.slots, self.percents.get(place, 100))

    def _check_full(self, place: Place) -> None:
        assert self.running[place] >= self._limit(place), "a queue is full before a free slot"
        assert self.pending is not None
        assert len(self.queues[place]) >= part_of(self.pending, self.percents[place])


Laws.TestCase.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=40, deadline=None, derandomize=not IS_LONG
)
TestLaws = Laws.TestCase
