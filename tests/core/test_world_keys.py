"""Keys of accounts, queues that are full, and what an operator can do to jobs and balances."""

from collections.abc import Callable
from itertools import product
from typing import Any

import msgspec
import pytest

from mockleo.core.account import Account
from mockleo.core.errors import QueueFull
from mockleo.core.generations import Generation, delete_generation, order_generation
from mockleo.core.keys import Webhook, digest_of
from mockleo.core.ledger import Why
from mockleo.core.lifecycle import Event, Fate, Job, State
from mockleo.core.orders import TextureOrder, VideoOrder
from mockleo.core.textures import order_texture
from mockleo.core.training import train_element
from mockleo.core.uploads import Purpose
from mockleo.core.variations import order_upscale
from mockleo.core.videos import order_video
from mockleo.core.world import Booked, Ended, Moved, TooManyKeys, World

from .worlds import (
    A_WEBHOOK,
    START_MS,
    Told,
    a_dataset,
    a_place,
    a_recipe,
    a_world,
    an_account,
    an_element_order,
    an_image,
    an_order,
    an_upload,
    happened,
    let_all_end,
    seen,
    the_rules,
)

MOST = the_rules().integer("keys.per_account")


# --- keys -------------------------------------------------------------------------------------


def test_a_key_belongs_to_one_account_and_is_known_by_its_digest() -> None:
    world = a_world()
    key = world.open_key("alice")
    assert world.open_key("alice") is key
    assert world.keys == {digest_of("alice"): key}
    assert key.account.keys == {key.id: key}
    assert (key.digest, key.created_ms, key.revoked_ms) == (digest_of("alice"), START_MS, None)


def test_more_keys_of_one_account_act_for_it() -> None:
    world = a_world()
    account = an_account(world, "alice")
    other = world.make_key("alice's other", account=account, name="ci")
    assert an_account(world, "alice's other") is account
    assert (other.name, other.account) == ("ci", account)
    assert list(world.accounts.values()) == [account]
    assert len({key.id for key in account.keys.values()}) == 2


def test_an_account_has_ten_keys_and_no_more() -> None:
    world = a_world()
    account = an_account(world, "0")
    assert MOST == 10
    for nth in range(1, MOST):
        world.make_key(str(nth), account=account)
    before = seen(world)
    with pytest.raises(TooManyKeys, match=account.user_id):
        world.make_key("one too many", account=account)
    assert seen(world) == before
    assert digest_of("one too many") not in world.keys
    world.make_key("another's", account=an_account(world, "bob"))


def test_a_revoked_key_makes_room_for_another_one_and_stays_known() -> None:
    world = a_world()
    account = an_account(world, "0")
    keys = [world.make_key(str(nth), account=account) for nth in range(1, MOST)]
    world.advance(START_MS + 5)
    world.revoke(keys[0])
    world.advance(START_MS + 9)
    world.revoke(keys[0])
    assert keys[0].revoked_ms == START_MS + 5, "the first time counts"
    world.make_key("new", account=account)
    with pytest.raises(TooManyKeys):
        world.make_key("newer", account=account)
    assert world.open_key("1") is keys[0]
    assert [key.revoked_ms for key in account.keys.values()].count(None) == MOST


def test_a_key_is_made_once() -> None:
    world = a_world()
    with pytest.raises(AssertionError, match="a key is made once"):
        world.make_key("alice", account=an_account(world, "alice"))


def test_a_key_is_known_in_plain_text_once_it_is_used() -> None:
    world = a_world()
    key = world.open_key("alice")
    key.plain = ""  # as after an import
    assert world.open_key("bob") is not key
    assert key.plain == ""
    assert world.open_key("alice") is key
    assert key.plain == "alice"


@pytest.mark.parametrize("own", [None, Webhook(url="https://own.test/")])
@pytest.mark.parametrize("default", [None, A_WEBHOOK])
def test_a_key_has_its_own_webhook_or_that_of_all(own: Webhook | None, default: Webhook | None) -> None:
    world = a_world(webhook=default)
    key = world.make_key("alice", account=world.make_account("alice"), webhook=own)
    assert key.webhook is (own or default)


def test_the_same_seed_makes_the_same_keys() -> None:
    one, other = a_world(), a_world()
    assert one.open_key("alice").id == other.open_key("alice").id
    assert a_world(seed=2).open_key("alice").id != one.open_key("alice").id


@pytest.mark.parametrize("calling", ["first", "second", "nobody"])
def test_the_end_of_a_job_is_told_to_the_key_that_ordered_it(calling: str) -> None:
    world = a_world()
    first = world.make_key("1", account=world.make_account("1"), webhook=A_WEBHOOK)
    account = first.account
    second = world.make_key("2", account=account)
    account.calling = {"first": first.id, "second": second.id, "nobody": ""}[calling]
    job = order_generation(world, account, an_order())
    # Who calls later is not who has ordered.
    account.calling = first.id
    world.revoke(first)
    let_all_end(world)
    told = [effect for effect in happened(world) if isinstance(effect, Told)]
    # The second key has no webhook.
    expected = [Told(world.now_ms, account.user_id, first.id, job.id)] if calling == "first" else []
    assert told == expected


# --- a full queue -----------------------------------------------------------------------------

Order = Callable[[], Job]


def an_orderer(lane: str, world: World, account: Account) -> Order:
    """What orders one job of that lane, all that it needs being there already."""
    mesh = an_upload(world, account, purpose=Purpose.MODEL_ASSET, extension="obj")
    image_id, dataset_id = an_image(world, account), a_dataset(world, account)
    orders: dict[str, Order] = {
        "image": lambda: order_generation(world, account, an_order()),
        "upscale": lambda: order_upscale(world, account, image_id),
        "video": lambda: order_video(world, account, VideoOrder(prompt="a cat")),
        "training": lambda: train_element(world, account, an_element_order(dataset_id)),
        "three_d": lambda: order_texture(world, account, TextureOrder(modelAssetId=mesh.id)),
        "blueprint": lambda: a_recipe(world, account),
    }
    return orders[lane]


LANES = ["image", "upscale", "video", "training", "three_d", "blueprint"]


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("pending", [0, 1, 3])
def test_a_full_queue_refuses_and_nothing_has_changed(lane: str, pending: int) -> None:
    world, account = a_place(slots=1, pending=pending)
    order = an_orderer(lane, world, account)
    for _ in range(1 + pending):
        order()
    world.take_effects()
    serial, fate = account.serial, Fate(late_ms=1)
    before = seen(world)
    world.fate = fate

    with pytest.raises(QueueFull) as caught:
        order()

    assert caught.value.rule == f"plans.test.pending.{lane}"
    assert world.take_effects() == []
    assert world.fate is fate, "it was for a job that is booked"
    assert account.serial > serial, "numbers are not given twice"
    account.serial = serial
    assert seen(world) == before


@pytest.mark.parametrize("lane", LANES)
def test_a_queue_has_room_again_when_one_of_it_starts(lane: str) -> None:
    world, account = a_place(slots=1, pending=1)
    order = an_orderer(lane, world, account)
    order()
    order()
    with pytest.raises(QueueFull):
        order()
    due_ms = world.due_ms()
    assert due_ms is not None
    world.advance(due_ms)
    assert order().state is State.QUEUED
    with pytest.raises(QueueFull):
        order()


def test_a_lane_without_a_limit_takes_all() -> None:
    world, account = a_place(slots=1)
    for _ in range(300):
        order_generation(world, account, an_order())
    assert len(account.lanes["image"].queue) == 299


def test_one_full_queue_is_nobody_elses() -> None:
    world, account = a_place(slots=1, pending=0)
    order_generation(world, account, an_order())
    order_video(world, account, VideoOrder(prompt="a cat"))
    order_generation(world, an_account(world, "bob"), an_order())
    with pytest.raises(QueueFull):
        order_generation(world, account, an_order())


# --- force ------------------------------------------------------------------------------------


def a_job_that_is(state: State) -> tuple[World, Account, Generation]:
    """A world of one slot in which one job is in that state; others run and wait where they must."""
    world, account = a_place(slots=1, webhook=A_WEBHOOK)
    account.calling = next(iter(account.keys))
    if state is State.QUEUED:
        order_generation(world, account, an_order())
    doomed = {}
    if state is State.FAILED:
        doomed["init_image_id"] = an_upload(world, account, arrived=False).id
    job = order_generation(world, account, an_order(num_images=2, **doomed))
    if state in {State.COMPLETE, State.FAILED}:
        let_all_end(world)
    assert job.state is state
    world.take_effects()
    return world, account, job


# What an operator can bring about; every other pair is a promise broken by whoever asks for it.
FORCED = {
    (State.QUEUED, Event.FAIL): State.FAILED,
    (State.RUNNING, Event.FINISH): State.COMPLETE,
    (State.RUNNING, Event.FAIL): State.FAILED,
}


@pytest.mark.parametrize(("state", "event"), list(product(State, Event)))
def test_every_event_is_forced_or_impossible(state: State, event: Event) -> None:
    world, account, job = a_job_that_is(state)
    balance = account.ledger.balance
    before = seen(world)
    if (state, event) not in FORCED:
        with pytest.raises(AssertionError):
            world.force(account, job, event)
        assert seen(world) == before
        assert world.take_effects() == []
        return
    world.advance(world.now_ms + 1)

    world.force(account, job, event)

    assert job.state is FORCED[state, event]
    assert job.changed_ms == world.now_ms
    failed = job.state is State.FAILED
    assert account.ledger.balance == balance + (job.cost if failed else 0)
    assert len(job.image_ids) == (0 if failed else 2)
    assert happened(world) == [
        Moved(world.now_ms, account.user_id, job.id, "Generation", job.state),
        Told(world.now_ms, account.user_id, account.calling, job.id),
    ]
    running = sum(one.state is State.RUNNING for one in account.generations.values())
    assert account.lanes["image"].running == running == (state is State.QUEUED)
    assert not account.lanes["image"].queue


def test_a_forced_end_is_the_only_end() -> None:
    world, account, job = a_job_that_is(State.RUNNING)
    world.force(account, job, Event.FAIL)
    assert world.due_ms() is None, "nothing is left to be waited for"
    world.take_effects()
    world.advance(START_MS + 10**6)
    assert world.take_effects() == []
    assert [entry.why for entry in account.ledger.entries] == [Why.CHARGE, Why.REFUND]


def test_what_would_have_ended_at_the_same_instant_still_does() -> None:
    world, account = a_place(slots=3, spread_percent=0)
    jobs = [order_generation(world, account, an_order()) for _ in range(3)]
    due_ms = world.due_ms()
    world.force(account, jobs[1], Event.FAIL)
    assert world.due_ms() == due_ms
    world.take_effects()
    let_all_end(world)
    assert [effect.job_id for effect in happened(world)] == [jobs[0].id, jobs[2].id]


@pytest.mark.parametrize("called_off", [[0], [9], [4], [0, 4], [9, 0, 5], [1, 2, 3, 4, 5]])
def test_instants_stay_in_order_when_some_are_called_off(called_off: list[int]) -> None:
    world, account = a_place(slots=10, spread_percent=10)
    jobs = [order_generation(world, account, an_order()) for _ in range(10)]
    soonest_first = sorted(jobs, key=lambda job: job.duration_ms)
    for nth in called_off:
        world.force(account, soonest_first[nth], Event.FINISH)
    world.take_effects()
    let_all_end(world)
    ends = [effect.job_id for effect in happened(world)]
    assert ends == [job.id for nth, job in enumerate(soonest_first) if nth not in called_off]


def test_the_next_in_the_queue_starts_when_a_job_is_ended() -> None:
    world, account = a_place(slots=1)
    first, second, third = [order_generation(world, account, an_order()) for _ in range(3)]
    world.force(account, second, Event.FAIL)
    assert (first.state, third.state) == (State.RUNNING, State.QUEUED)
    world.force(account, first, Event.FINISH)
    assert third.state is State.RUNNING
    assert world.due_ms() == START_MS + third.duration_ms


def test_what_never_ends_can_be_ended() -> None:
    world, account = a_place(slots=1)
    world.fate = Fate(never=True)
    endless = order_generation(world, account, an_order())
    waiting = order_generation(world, account, an_order())
    world.advance(START_MS + 10**9)
    assert (endless.state, waiting.state) == (State.RUNNING, State.QUEUED)
    world.force(account, endless, Event.FINISH)
    assert (endless.state, waiting.state) == (State.COMPLETE, State.RUNNING)


@pytest.mark.parametrize(("event", "state"), [(Event.FINISH, State.COMPLETE), (Event.FAIL, State.FAILED)])
def test_an_operator_overrules_what_a_job_was_doomed_to(event: Event, state: State) -> None:
    world, account = a_place()
    missing = an_upload(world, account, arrived=False)
    doomed = order_generation(world, account, an_order(init_image_id=missing.id))
    world.force(account, doomed, event)
    assert doomed.state is state


@pytest.mark.parametrize(("event", "state"), [(Event.FINISH, State.COMPLETE), (Event.FAIL, State.FAILED)])
@pytest.mark.parametrize("fate", [None, Fate(fails=True), Fate(never=True)])
def test_parts_are_forced_with_the_whole(event: Event, state: State, fate: Fate | None) -> None:
    world, account = a_place()
    world.fate = fate
    run = a_recipe(world, account)
    world.take_effects()
    world.force(account, run, event)
    assert {run.state, *(part.state for part in run.outputs)} == {state}
    assert len(account.images) == (len(run.outputs) if state is State.COMPLETE else 0)
    assert [effect.job_id for effect in happened(world)] == [run.id, *(part.id for part in run.outputs)]


def test_what_is_deleted_can_be_forced_and_brings_nothing() -> None:
    world, account, job = a_job_that_is(State.RUNNING)
    delete_generation(account, job.id)
    world.force(account, job, Event.FINISH)
    assert (job.state, account.images, account.lanes["image"].running) == (State.COMPLETE, {}, 0)


# --- forget -----------------------------------------------------------------------------------


def test_forgetting_all_jobs_leaves_accounts_keys_uploads_and_balances() -> None:
    world, account = a_place(slots=1)
    other = an_account(world, "bob")
    for owner in (account, other):
        image_id = an_image(world, owner)
        order_upscale(world, owner, image_id)
        a_recipe(world, owner)
        train_element(world, owner, an_element_order(a_dataset(world, owner)))
        mesh = an_upload(world, owner, purpose=Purpose.MODEL_ASSET, extension="obj")
        order_texture(world, owner, TextureOrder(modelAssetId=mesh.id))
        order_generation(world, owner, an_order())
        order_generation(world, owner, an_order())
    world.take_effects()
    kept: dict[str, Any] = {
        owner.user_id: (owner.ledger.balance, owner.serial, list(owner.uploads), list(owner.datasets))
        for owner in (account, other)
    }
    world.forget_jobs()

    assert world.due_ms() is None
    assert world.take_effects() == []
    assert set(world.accounts) == set(kept)
    for owner in (account, other):
        assert kept[owner.user_id] == (
            owner.ledger.balance, owner.serial, list(owner.uploads), list(owner.datasets)
        )  # fmt: skip
        things = [
            owner.generations, owner.images, owner.variations, owner.variations_of,
            owner.motion_variations, owner.models, owner.elements, owner.textures, owner.executions,
        ]  # fmt: skip
        assert not any(things)
        assert all(not lane.queue and lane.running == 0 for lane in owner.lanes.values())
        assert owner.keys
    assert set(world.uploads_by_key) == {
        one.key for owner in (account, other) for one in owner.uploads.values()
    }
    world.advance(START_MS + 10**9)
    assert world.take_effects() == []


def test_a_world_goes_on_after_its_jobs_are_forgotten() -> None:
    world, account = a_place(slots=1)
    before = order_generation(world, account, an_order())
    world.forget_jobs()
    world.take_effects()
    after = order_generation(world, account, an_order())
    assert after.id != before.id
    assert after.state is State.RUNNING
    let_all_end(world)
    assert (before.state, after.state) == (State.RUNNING, State.COMPLETE)
    assert {effect.job_id for effect in happened(world)} == {after.id}


# --- balances, and what is told ---------------------------------------------------------------


@pytest.mark.parametrize("balance", [0, 1, 999_999, 1_000_000, 1_000_001])
def test_an_operators_balance_is_what_orders_are_paid_from(balance: int) -> None:
    world, account = a_place(credits=1_000_000)
    account.ledger.adjust(balance, at_ms=world.now_ms)
    assert account.ledger.balance == balance
    job_ids = [entry.job_id for entry in account.ledger.entries]
    assert job_ids == ([] if balance == 1_000_000 else [""])


def test_a_booking_says_who_ordered_what_for_how_much() -> None:
    world, account = a_place(slots=1)
    account.calling = next(iter(account.keys))
    first, second = (order_generation(world, account, an_order()) for _ in range(2))
    user, key = account.user_id, account.calling
    assert world.take_effects() == [
        Booked(START_MS, user, first.id, "Generation", "image", first.cost, key),
        Moved(START_MS, user, first.id, "Generation", State.RUNNING),
        Booked(START_MS, user, second.id, "Generation", "image", second.cost, key),
    ]


def test_an_end_names_things_that_are_there() -> None:
    world, account, job = a_job_that_is(State.RUNNING)
    let_all_end(world)
    (ended,) = [effect for effect in world.take_effects() if isinstance(effect, Ended)]
    assert ended.account is account
    assert ended.job is job
    assert ended.key is account.keys[account.calling]
    assert msgspec.structs.asdict(ended)["at_ms"] == job.changed_ms
