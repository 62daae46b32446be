"""The laws of the world, each as a property; its lanes; and what time costs."""

import gc
import os
import subprocess
import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from math import log2
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mockleo.core import world as world_module
from mockleo.core.generations import delete_generation, order_generation
from mockleo.core.ledger import Why
from mockleo.core.lifecycle import Job, State
from mockleo.core.orders import VideoOrder
from mockleo.core.videos import order_video
from mockleo.core.world import Booked, Moved, World

from .worlds import (
    ACTS,
    AFTERWARDS_MS,
    EVERYTHING,
    KEYS,
    LUCID,
    START_MS,
    Step,
    Told,
    a_place,
    a_world,
    an_account,
    an_order,
    an_upload,
    busy_worlds,
    digest,
    do,
    each_instant,
    happened,
    jobs_of,
    let_all_end,
    play,
    scripts,
    seen,
)

if TYPE_CHECKING:
    from mockleo.core.account import Account

lawful = settings(max_examples=100, deadline=None)
looks = st.lists(st.integers(0, 400_000) | st.integers(0, AFTERWARDS_MS), max_size=20)

# The states that a job passes through on the way to each.
PATHS = {
    State.QUEUED: [],
    State.RUNNING: [State.RUNNING],
    State.COMPLETE: [State.RUNNING, State.COMPLETE],
    State.FAILED: [State.RUNNING, State.FAILED],
}


# --- laws -------------------------------------------------------------------------------------


@lawful
@given(busy_worlds(), scripts, looks)
def test_many_short_waits_are_one_long_wait(
    a_busy_world: Callable[[], World], script: list[Step], looks_ms: list[int]
) -> None:
    often, once = a_busy_world(), a_busy_world()
    assert play(often, script, looks_ms=looks_ms) == play(once, script)
    assert seen(often) == seen(once)


@lawful
@given(busy_worlds(), scripts)
def test_waiting_from_event_to_event_is_one_long_wait(
    a_busy_world: Callable[[], World], script: list[Step]
) -> None:
    stepwise, once = a_busy_world(), a_busy_world()
    for step in script:
        for world in (stepwise, once):
            do(world, step)
    let_all_end(stepwise)
    once.advance(stepwise.now_ms)
    assert happened(stepwise) == happened(once)
    assert seen(stepwise) == seen(once)


@lawful
@given(busy_worlds(), scripts, looks)
def test_every_effect_is_handed_out_exactly_once(
    a_busy_world: Callable[[], World], script: list[Step], looks_ms: list[int]
) -> None:
    world = a_busy_world()
    effects = play(world, script, looks_ms=looks_ms)

    assert world.take_effects() == []
    assert [effect.at_ms for effect in effects] == sorted(effect.at_ms for effect in effects)
    reported = world.webhook is not None
    for account in world.accounts.values():
        parts = {part.id for one in account.executions.values() for part in one.outputs}
        for job in jobs_of(account):
            told = [effect for effect in effects if effect.job_id == job.id]
            moves = [effect.state for effect in told if isinstance(effect, Moved)]
            assert moves == PATHS[job.state], type(job).__name__
            bookings = [effect for effect in told if isinstance(effect, Booked)]
            endings = [effect for effect in told if isinstance(effect, Told)]
            if job.id in parts:
                assert not bookings, "a part is booked with the whole"
                assert not endings, "and ends with it"
                continue
            (key_id,) = account.keys
            assert (
                bookings
                == told[:1]
                == [
                    Booked(
                        job.created_ms,
                        account.user_id,
                        job.id,
                        type(job).__name__,
                        job.lane,
                        job.cost,
                        key_id,
                    )
                ]
            )
            if reported and job.ended:
                assert endings == told[-1:] == [Told(job.changed_ms, account.user_id, key_id, job.id)]
            else:
                assert not endings


@lawful
@given(busy_worlds(), scripts)
def test_opening_less_charges_plus_refunds_is_the_balance_at_each_instant(
    a_busy_world: Callable[[], World], script: list[Step]
) -> None:
    """Reckoned twice: by the ledger's entries, and from what was accepted and what has failed."""
    world = a_busy_world()
    costs: dict[str, int] = {}
    expected = {key: an_account(world, key).ledger.opening for key in KEYS}
    owner = {an_account(world, key).user_id: key for key in KEYS}

    def check() -> None:
        for effect in happened(world):
            if isinstance(effect, Moved) and effect.state is State.FAILED:
                expected[owner[effect.user_id]] += costs.get(effect.job_id, 0)
        for key in KEYS:
            ledger = an_account(world, key).ledger
            booked = sum(
                entry.credits if entry.why is Why.REFUND else -entry.credits for entry in ledger.entries
            )
            assert ledger.opening + booked == ledger.balance == expected[key]

    for step in script:
        until_ms = world.now_ms + step.wait_ms
        for _ in each_instant(world, until_ms=until_ms):
            check()
        world.advance(until_ms)
        accepted = do(world, step)
        if accepted is not None:
            expected[step.key] -= accepted.cost
        if isinstance(accepted, Job):
            costs[accepted.id] = accepted.cost
        check()
    for _ in each_instant(world):
        check()


@lawful
@given(busy_worlds(), scripts)
def test_same_seed_same_commands_same_clock_is_the_same_world(
    a_busy_world: Callable[[], World], script: list[Step]
) -> None:
    one, other = a_busy_world(), a_busy_world()
    assert play(one, script) == play(other, script)
    assert seen(one) == seen(other)


def test_the_same_world_comes_out_of_another_process() -> None:
    code = "from tests.core.worlds import digest; print(digest())"
    for hash_seed in ("1", "2"):
        ran = subprocess.run(
            [sys.executable, "-c", code],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert ran.stdout.strip() == digest()


def test_another_seed_is_another_world() -> None:
    one, other = (a_world(seed=seed) for seed in (1, 2))
    assert an_account(one).user_id != an_account(other).user_id
    assert play(one, EVERYTHING) != play(other, EVERYTHING)


def test_accounts_share_nothing() -> None:
    """What one account gets does not hang on what others do."""
    alone, among_others = a_world(slots=1), a_world(slots=1)
    mine = [step for step in EVERYTHING if step.key == "alice"]
    between = [Step(0, "bob", act) for act in ACTS]
    for world in (alone, among_others):
        for step in mine:
            world.advance(world.now_ms + step.wait_ms)
            if world is among_others:
                for theirs in between:
                    do(world, theirs)
            do(world, step)
        let_all_end(world)
    assert [job.id for job in jobs_of(an_account(alone))] == [
        job.id for job in jobs_of(an_account(among_others))
    ]
    assert an_account(alone).ledger.entries == an_account(among_others).ledger.entries


@lawful
@given(busy_worlds(credits=60), scripts)
def test_a_refused_order_books_nothing(a_busy_world: Callable[[], World], script: list[Step]) -> None:
    """It may leave the upload or the dataset that it named, and no more."""
    world = a_busy_world()
    for step in script:
        world.advance(world.now_ms + step.wait_ms)
        world.take_effects()
        account = an_account(world, step.key)
        before = (list(account.ledger.entries), jobs_of(account), world.due_ms())
        if do(world, step) is None and "delete" not in step.act:
            assert (account.ledger.entries, jobs_of(account), world.due_ms()) == before
            assert world.take_effects() == []


class Walk(RuleBasedStateMachine):
    """Orders, waits and deletions in any order; what must hold after each of them."""

    @initialize(slots=st.integers(1, 3), seed=st.integers(0, 9))
    def begin(self, slots: int, seed: int) -> None:
        self.world = a_world(slots=slots, seed=seed)
        self.ids: list[tuple[Account, Job]] = []
        self.statuses: dict[str, list[State]] = {}
        self.told: list[State] = []
        self.gone: list[tuple[Account, str]] = []

    @rule(key=st.sampled_from(KEYS), act=st.sampled_from([act for act in ACTS if "delete" not in act]))
    def order(self, key: str, act: str) -> None:
        job = do(self.world, Step(0, key, act))
        if isinstance(job, Job):
            self.ids.append((an_account(self.world, key), job))

    @rule(wait_ms=st.integers(0, 60_000))
    def wait(self, wait_ms: int) -> None:
        self.world.advance(self.world.now_ms + wait_ms)
        due_ms = self.world.due_ms()
        assert due_ms is None or due_ms > self.world.now_ms

    @rule()
    def wait_for_the_next(self) -> None:
        due_ms = self.world.due_ms()
        if due_ms is not None:
            self.world.advance(due_ms)
            assert self.world.take_effects(), "it was due, and nothing happened"

    @rule(data=st.data(), key=st.sampled_from(KEYS))
    def delete(self, data: st.DataObject, key: str) -> None:
        account = an_account(self.world, key)
        if not account.generations:
            return
        generation = data.draw(st.sampled_from(list(account.generations.values())), label="generation")
        self.gone += [(account, generation.id)]
        self.gone += [(account, image_id) for image_id in generation.image_ids]
        assert delete_generation(account, generation.id) is generation
        assert delete_generation(account, generation.id) is None

    @invariant()
    def no_more_run_than_there_are_slots(self) -> None:
        for account in self.world.accounts.values():
            for name, lane in account.lanes.items():
                running = [
                    job
                    for owner, job in self.ids
                    if owner is account and job.lane == name and job.state is State.RUNNING
                ]
                assert len(running) == lane.running <= lane.slots

    @invariant()
    def nobody_queues_before_a_free_slot(self) -> None:
        for account in self.world.accounts.values():
            for lane in account.lanes.values():
                assert not lane.queue or lane.running == lane.slots
                assert all(job.state is State.QUEUED for job in lane.queue)

    @invariant()
    def states_only_go_forward(self) -> None:
        order = list(State)
        for _, job in self.ids:
            passed = self.statuses.setdefault(job.id, [job.state])
            if passed[-1] is not job.state:
                passed.append(job.state)
            assert all(order.index(a) < order.index(b) for a, b in pairwise(passed))
            assert not {State.COMPLETE, State.FAILED} <= set(passed)

    @invariant()
    def complete_has_its_images_and_nothing_else_has_any(self) -> None:
        for account in self.world.accounts.values():
            for generation in account.generations.values():
                wanted = generation.quantity if generation.state is State.COMPLETE else 0
                assert len(set(generation.image_ids)) == len(generation.image_ids) == wanted
                assert all(account.images[image_id] is generation for image_id in generation.image_ids)
            for image_id, generation in account.images.items():
                assert image_id in account.generations[generation.id].image_ids

    @invariant()
    def what_failed_is_refunded_once_and_nothing_else(self) -> None:
        for account in self.world.accounts.values():
            refunds = Counter(e.job_id for e in account.ledger.entries if e.why is Why.REFUND)
            failed = [job.id for owner, job in self.ids if owner is account and job.state is State.FAILED]
            assert refunds == Counter(failed)

    @invariant()
    def gone_stays_gone(self) -> None:
        for account, gone_id in self.gone:
            assert gone_id not in account.generations
            assert gone_id not in account.images

    @invariant()
    def due_is_never_in_the_past(self) -> None:
        due_ms = self.world.due_ms()
        assert due_ms is None or due_ms >= self.world.now_ms
        under_way = any(job.state is State.RUNNING for _, job in self.ids)
        assert (due_ms is not None) == under_way


Walk.TestCase.settings = settings(max_examples=50, stateful_step_count=40, deadline=None)
TestWalk = Walk.TestCase


# --- places and queues ------------------------------------------------------------------------


def test_the_eleventh_job_starts_exactly_when_a_place_is_free() -> None:
    world, account = a_place(slots=10)
    jobs = [order_generation(world, account, an_order()) for _ in range(11)]
    first_end_ms = min(START_MS + job.duration_ms for job in jobs[:10])
    eleventh = jobs[10]

    world.advance(first_end_ms - 1)
    assert [job.state for job in jobs] == [State.RUNNING] * 10 + [State.QUEUED]
    assert eleventh.status == "PENDING"

    world.advance(first_end_ms)
    assert eleventh.state is State.RUNNING
    assert eleventh.changed_ms == first_end_ms
    assert sum(job.state is State.COMPLETE for job in jobs) == 1

    world.advance(first_end_ms + eleventh.duration_ms - 1)
    assert eleventh.status == "PENDING"
    world.advance(first_end_ms + eleventh.duration_ms)
    assert eleventh.status == "COMPLETE"


def test_a_queue_is_served_in_its_order() -> None:
    world, account = a_place(slots=1, spread_percent=0)
    jobs = [order_generation(world, account, an_order()) for _ in range(4)]
    let_all_end(world)
    assert [job.changed_ms - START_MS for job in jobs] == [4_000, 8_000, 12_000, 16_000]


def test_what_ends_at_one_instant_ends_in_the_order_in_which_it_began() -> None:
    world, account = a_place(slots=10, spread_percent=0)
    jobs = [order_generation(world, account, an_order()) for _ in range(10)]
    world.take_effects()
    let_all_end(world)
    assert [effect.job_id for effect in happened(world)] == [job.id for job in jobs]


def test_lanes_do_not_wait_for_one_another() -> None:
    world, account = a_place(slots=1)
    order_generation(world, account, an_order())
    queued = order_generation(world, account, an_order())
    clip = order_video(world, account, VideoOrder(prompt="a cat"))
    assert (queued.state, clip.state) == (State.QUEUED, State.RUNNING)


def test_accounts_do_not_wait_for_one_another() -> None:
    world = a_world(slots=1)
    jobs = [order_generation(world, an_account(world, key), an_order()) for key in KEYS]
    assert {job.state for job in jobs} == {State.RUNNING}


def test_a_doomed_job_frees_its_place_and_is_refunded_when_it_fails() -> None:
    world, account = a_place(slots=1)
    missing = an_upload(world, account, arrived=False)
    doomed = order_generation(world, account, an_order(init_image_id=missing.id))
    queued = order_generation(world, account, an_order())
    opening = account.ledger.opening
    assert account.ledger.balance == opening - doomed.cost - queued.cost

    world.advance(START_MS + doomed.duration_ms)

    assert (doomed.state, queued.state) == (State.FAILED, State.RUNNING)
    assert doomed.image_ids == ()
    assert account.ledger.balance == opening - queued.cost
    refund = account.ledger.entries[-1]
    assert (refund.why, refund.job_id, refund.at_ms) == (Why.REFUND, doomed.id, world.now_ms)


@pytest.mark.parametrize("waiting", [False, True], ids=["running", "queued"])
def test_what_is_deleted_while_pending_goes_on_is_paid_for_and_brings_nothing(*, waiting: bool) -> None:
    world, account = a_place(slots=1)
    if waiting:
        order_generation(world, account, an_order())
    deleted = order_generation(world, account, an_order())
    behind = order_generation(world, account, an_order())
    balance = account.ledger.balance

    delete_generation(account, deleted.id)
    assert behind.status == "PENDING"
    assert behind.changed_ms == START_MS, "the slot is kept"
    let_all_end(world)

    assert behind.status == deleted.status == "COMPLETE"
    assert behind.changed_ms == deleted.changed_ms + behind.duration_ms
    assert deleted.image_ids == ()
    assert deleted not in account.images.values()
    assert account.ledger.balance == balance, "no refund"


# --- time -------------------------------------------------------------------------------------


def test_time_does_not_go_backwards() -> None:
    world = a_world()
    with pytest.raises(AssertionError, match="time went backwards"):
        world.advance(START_MS - 1)


def test_nothing_is_due_in_an_idle_world() -> None:
    world, account = a_place()
    assert world.due_ms() is None
    generation = order_generation(world, account, an_order())
    assert world.due_ms() == START_MS + generation.duration_ms
    let_all_end(world)
    assert world.due_ms() is None


def test_durations_spread_around_their_rule() -> None:
    world, account = a_place(spread_percent=10)
    drawn = [world.duration_ms(4_000, account=account, label=str(nth)) for nth in range(500)]
    assert all(3_600 <= duration_ms <= 4_400 for duration_ms in drawn)
    assert len(set(drawn)) > 200
    assert drawn[0] == world.duration_ms(4_000, account=account, label="0")


@pytest.mark.parametrize(("spread_percent", "base_ms"), [(0, 4_000), (10, 9), (10, 0)])
def test_a_spread_of_nothing_changes_nothing(spread_percent: int, base_ms: int) -> None:
    world, account = a_place(spread_percent=spread_percent)
    assert world.duration_ms(base_ms, account=account, label="x") == base_ms


def test_a_family_may_take_longer() -> None:
    world, account = a_place(spread_percent=0)
    usual = order_generation(world, account, an_order())
    lucid = order_generation(world, account, an_order(modelId=LUCID))
    assert (usual.duration_ms, lucid.duration_ms) == (4_000, 5_500)


def test_an_account_is_made_once_for_each_key() -> None:
    world = a_world()
    alice = an_account(world, "alice")
    assert an_account(world, "alice") is alice
    assert an_account(world, "bob") is not alice
    assert world.accounts[alice.user_id] is alice


def test_uploads_are_known_by_their_keys_in_the_whole_world() -> None:
    world, account = a_place()
    upload = an_upload(world, account, arrived=False)
    assert world.uploads_by_key == {upload.key: upload}


# --- what it costs ----------------------------------------------------------------------------


class CountedMs(int):
    """Milliseconds that count how often they are compared."""

    compared = 0

    def __eq__(self, other: object) -> bool:
        CountedMs.compared += 1
        return int(self) == other

    def __lt__(self, other: int) -> bool:
        CountedMs.compared += 1
        return int(self) < other

    def __radd__(self, other: int) -> "CountedMs":
        return CountedMs(other + int(self))

    __hash__ = int.__hash__


@contextmanager
def lines_counted() -> Iterator[list[int]]:
    """How many lines of the world's module run meanwhile."""
    counted = [0]

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename != world_module.__file__:
            return None
        counted[0] += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield counted
    finally:
        sys.settrace(before)


def a_crowd(*, jobs: int, slots: int) -> World:
    """So many jobs under way, each a millisecond longer than the one before."""
    world, account = a_place(slots=slots)
    for nth in range(jobs):
        world.book(
            account,
            Job(
                id=str(nth),
                lane="image",
                cost=0,
                seed=0,
                created_ms=START_MS,
                changed_ms=START_MS,
                duration_ms=CountedMs(1_000 + nth),
            ),
        )
    return world


def effort(world: World, *, ends: int) -> tuple[int, int, int]:
    """Moves, lines and comparisons that it takes until so many jobs have ended."""
    world.take_effects()
    CountedMs.compared = 0
    with lines_counted() as lines:
        for _ in range(ends):
            due_ms = world.due_ms()
            assert due_ms is not None
            world.advance(int(due_ms))
    return len(world.take_effects()), lines[0], CountedMs.compared


@pytest.mark.parametrize("all_run", [True, False], ids=["all running", "all but ten queued"])
def test_the_cost_of_an_end_does_not_grow_with_what_is_under_way(*, all_run: bool) -> None:
    few, many = 1_000, 20_000
    of_few, of_many = (
        effort(a_crowd(jobs=jobs, slots=jobs if all_run else 10), ends=50) for jobs in (few, many)
    )
    assert of_many[:2] == of_few[:2], "moves and lines"
    # A heap compares by its depth, twice a level; `==` precedes each `<` in a tuple.
    assert of_many[2] <= 50 * 6 * log2(many)


def test_a_look_at_which_nothing_ends_costs_nothing() -> None:
    world = a_crowd(jobs=20_000, slots=20_000)
    CountedMs.compared = 0
    with lines_counted() as lines:
        for _ in range(100):
            world.advance(world.now_ms + 1)
            world.due_ms()
    assert lines[0] <= 100 * 8
    assert CountedMs.compared == 0


KEPT_BYTES_MAX = 4_096


def test_a_finished_job_is_small() -> None:
    jobs = 5_000
    world, account = a_place(credits=10**9)
    order_generation(world, account, an_order())
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(jobs):
            order_generation(world, account, an_order())
        let_all_end(world)
        world.take_effects()
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert all(generation.state is State.COMPLETE for generation in account.generations.values())
    assert (after - before) / jobs <= KEPT_BYTES_MAX
