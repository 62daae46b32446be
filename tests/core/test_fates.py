"""What an operator has in store for jobs: each fate as it is seen, and the laws under all of them."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockleo.core.account import Account
from mockleo.core.errors import CannotAccessImage, InvalidInitImage
from mockleo.core.generations import delete_generation, order_generation
from mockleo.core.images import of_image
from mockleo.core.ledger import Why
from mockleo.core.lifecycle import Fate, Job, State
from mockleo.core.orders import ModelOrder
from mockleo.core.textures import Texture
from mockleo.core.training import train_element, train_model
from mockleo.core.uploads import arrive, lose
from mockleo.core.variations import order_upscale
from mockleo.core.world import Moved, World

from .worlds import (
    ACTS,
    AFTERWARDS_MS,
    Happened,
    Step,
    a_dataset,
    a_place,
    a_recipe,
    an_account,
    an_element_order,
    an_order,
    an_upload,
    busy_worlds,
    do,
    each_instant,
    happened,
    jobs_of,
    let_all_end,
    steps,
)

lawful = settings(max_examples=80, deadline=None)
# Beyond what any fate below adds.
LATE_MS = 90_000


class Fated(NamedTuple):
    step: Step
    fate: Fate | None


fates = st.none() | st.builds(
    Fate,
    fails=st.booleans(),
    moderated=st.booleans(),
    never=st.sampled_from([False, False, False, True]),
    at_once=st.booleans(),
    late_ms=st.sampled_from([0, 1, 4_000, LATE_MS]),
    images=st.none() | st.integers(0, 3),
    partial=st.integers(0, 3),
    nsfw=st.booleans(),
    status=st.none() | st.just("ARCHIVED"),
    sd_version=st.none() | st.just("NOVA_1_0"),
    null=st.booleans(),
)
scripts = st.lists(st.builds(Fated, steps, fates), max_size=25)
looks = st.lists(st.integers(0, 400_000), max_size=30)


def carry_out(world: World, fated: Fated) -> object:
    """Let the account do it; a fate is for this one job and no other, as the flow of a call has it."""
    world.fate = fated.fate
    try:
        return do(world, fated.step)
    finally:
        world.fate = None


def play(world: World, script: Iterable[Fated], *, looks_ms: Iterable[int] = ()) -> list[Happened]:
    effects: list[Happened] = []
    pending = sorted(world.now_ms + look_ms for look_ms in looks_ms)

    def wait_until(until_ms: int) -> None:
        while pending and pending[0] <= until_ms:
            world.advance(pending.pop(0))
            effects.extend(happened(world))
        world.advance(until_ms)

    for fated in script:
        wait_until(world.now_ms + fated.step.wait_ms)
        carry_out(world, fated)
    wait_until(world.now_ms + AFTERWARDS_MS)
    return effects + happened(world)


def seen(world: World) -> list[object]:
    """Every job, every image and every booking of everybody."""
    return [
        (
            account.user_id,
            jobs_of(account),
            [(image_id, made.id) for image_id, made in account.images.items()],
            account.ledger.balance,
            account.ledger.entries,
            {name: (lane.running, [job.id for job in lane.queue]) for name, lane in account.lanes.items()},
        )
        for account in world.accounts.values()
    ]


# --- laws -------------------------------------------------------------------------------------


@lawful
@given(busy_worlds(), scripts, looks)
def test_many_short_waits_are_one_long_wait(
    a_busy_world: Callable[[], World], script: list[Fated], looks_ms: list[int]
) -> None:
    often, once = a_busy_world(), a_busy_world()
    assert play(often, script, looks_ms=looks_ms) == play(once, script)
    assert seen(often) == seen(once)


@lawful
@given(busy_worlds(), scripts, looks)
def test_every_effect_comes_once_and_nothing_goes_back(
    a_busy_world: Callable[[], World], script: list[Fated], looks_ms: list[int]
) -> None:
    world = a_busy_world()
    effects = play(world, script, looks_ms=looks_ms)
    assert world.take_effects() == []
    told: dict[str, list[State]] = {}
    for effect in effects:
        if isinstance(effect, Moved):
            told.setdefault(effect.job_id, []).append(effect.state)
    for states in told.values():
        assert states in (
            [State.RUNNING],
            [State.RUNNING, State.COMPLETE],
            [State.RUNNING, State.FAILED],
        )
    for account in world.accounts.values():
        for job in jobs_of(account):
            assert told.get(job.id, [State.QUEUED])[-1] is job.state
            if job.state is State.RUNNING:
                assert job.fate is not None
                assert job.fate.never


@lawful
@given(busy_worlds(), scripts)
def test_the_ledger_is_right_at_each_instant_and_refunds_come_once(
    a_busy_world: Callable[[], World], script: list[Fated]
) -> None:
    world = a_busy_world()
    ordered: list[tuple[Account, Job]] = []

    def check() -> None:
        for account in world.accounts.values():
            entries = account.ledger.entries
            charged = sum(entry.credits for entry in entries if entry.why is Why.CHARGE)
            refunds = Counter(entry.job_id for entry in entries if entry.why is Why.REFUND)
            paid_back = sum(entry.credits for entry in entries if entry.why is Why.REFUND)
            assert account.ledger.opening - charged + paid_back == account.ledger.balance
            mine = [job for owner, job in ordered if owner is account]
            assert refunds == Counter(job.id for job in mine if job.state is State.FAILED)
            assert paid_back == sum(job.cost for job in mine if job.state is State.FAILED)

    for fated in script:
        until_ms = world.now_ms + fated.step.wait_ms
        for _ in each_instant(world, until_ms=until_ms):
            check()
        world.advance(until_ms)
        done = carry_out(world, fated)
        if isinstance(done, Job):
            ordered.append((an_account(world, fated.step.key), done))
        check()
    for _ in each_instant(world):
        check()


@lawful
@given(busy_worlds(), scripts, st.integers(0, 60_000))
def test_images_are_there_when_they_are_shown_and_only_then(
    a_busy_world: Callable[[], World], script: list[Fated], last_ms: int
) -> None:
    world = a_busy_world()
    for fated in script:
        world.advance(world.now_ms + fated.step.wait_ms)
        carry_out(world, fated)
    world.advance(world.now_ms + last_ms)
    for account in world.accounts.values():
        shown = {}
        for generation in account.generations.values():
            fate = generation.fate or Fate()
            most = generation.quantity if fate.images is None else min(fate.images, generation.quantity)
            wanted = {
                State.QUEUED: 0,
                State.RUNNING: min(fate.partial, generation.quantity),
                State.COMPLETE: most,
                State.FAILED: 0,
            }[generation.state]
            assert len(generation.image_ids) == wanted
            shown.update(dict.fromkeys(generation.image_ids, generation.id))
        assert {image_id: made.id for image_id, made in account.images.items()} == shown
        for variation in account.variations.values():
            # Its file is named by the place of its image among all that were made.
            if variation.generation is not None:
                assert variation.image_id in variation.generation.image_ids


@lawful
@given(busy_worlds(), scripts)
def test_a_slot_is_held_by_what_runs_and_by_nothing_else(
    a_busy_world: Callable[[], World], script: list[Fated]
) -> None:
    world = a_busy_world()
    ordered: list[tuple[Account, Job]] = []
    for fated in script:
        world.advance(world.now_ms + fated.step.wait_ms)
        done = carry_out(world, fated)
        if isinstance(done, Job):
            ordered.append((an_account(world, fated.step.key), done))
        for account in world.accounts.values():
            for name, lane in account.lanes.items():
                states = [job.state for owner, job in ordered if owner is account and job.lane == name]
                assert states.count(State.RUNNING) == lane.running <= lane.slots
                assert not lane.queue or lane.running == lane.slots


# --- one by one -------------------------------------------------------------------------------


def under(fate: Fate, act: str = "images") -> tuple[World, Account, Job]:
    """A job that `act` has booked under `fate`."""
    world, account = a_place()
    order_generation(world, account, an_order())
    let_all_end(world)
    world.take_effects()
    job = carry_out(world, Fated(Step(0, "alice", act), fate))
    assert isinstance(job, Job)
    return world, account, job


# What books a job, and finds in such a world what it needs.
BOOKING = ["images", "video", "upscale", "texture", "blueprint", "training"]


@pytest.mark.parametrize("act", BOOKING)
def test_a_job_that_fails_is_paid_back_with_all_its_parts(act: str) -> None:
    world, account, job = under(Fate(fails=True), act)
    charged = account.ledger.balance
    let_all_end(world)
    assert [part.state for part in (job, *job.parts())] == [State.FAILED] * (1 + len(job.parts()))
    assert account.ledger.balance == charged + job.cost


@pytest.mark.parametrize("act", BOOKING)
def test_a_job_that_never_ends_keeps_its_slot_and_its_price(act: str) -> None:
    world, account, job = under(Fate(never=True), act)
    charged = account.ledger.balance
    world.advance(world.now_ms + 10 * AFTERWARDS_MS)
    assert (job.status, job.state) == ("PENDING", State.RUNNING)
    assert account.lanes[job.lane].running == 1
    assert account.ledger.balance == charged
    assert world.due_ms() is None


@pytest.mark.parametrize("act", BOOKING)
@pytest.mark.parametrize(("fate", "extra_ms"), [(Fate(late_ms=7), 7), (Fate(at_once=True), None)])
def test_a_job_ends_late_or_at_once(act: str, fate: Fate, extra_ms: int | None) -> None:
    _, _, usual = under(Fate(), act)
    world, _, job = under(fate, act)
    assert usual.created_ms == job.created_ms
    wanted_ms = 0 if extra_ms is None else usual.duration_ms + extra_ms
    let_all_end(world)
    assert (job.state, job.changed_ms - job.created_ms) == (State.COMPLETE, wanted_ms)


def test_what_ends_at_once_has_ended_when_the_world_is_looked_at_again() -> None:
    world, _, job = under(Fate(at_once=True))
    assert job.status == "PENDING"
    world.advance(world.now_ms)
    assert job.status == "COMPLETE"


@pytest.mark.parametrize(("images", "there"), [(0, 0), (1, 1), (2, 2), (9, 2)])
def test_a_job_brings_no_more_images_than_its_fate_allows(images: int, there: int) -> None:
    world, account, _ = under(Fate())
    world.fate = Fate(images=images)
    generation = order_generation(world, account, an_order(num_images=2))
    let_all_end(world)
    assert generation.status == "COMPLETE"
    assert len(generation.image_ids) == there


def test_fewer_images_are_also_fewer_maps_and_nothing_of_a_blueprint() -> None:
    world, _, texture = under(Fate(images=3), "texture")
    let_all_end(world)
    assert isinstance(texture, Texture)
    assert len(texture.image_ids) == 3 < len(texture.maps)
    world, account = a_place()
    world.fate = Fate(images=0)
    outputs = a_recipe(world, account).outputs
    let_all_end(world)
    assert [(made.state, made.image_ids) for made in outputs] == [(State.COMPLETE, ())] * len(outputs)


def test_early_images_are_the_ones_that_come() -> None:
    world, account = a_place()
    world.fate = Fate(partial=1)
    generation = order_generation(world, account, an_order(num_images=3))
    (early,) = generation.image_ids
    assert account.images[early] is generation
    before = generation.revision
    let_all_end(world)
    assert generation.revision > before, "what was remembered of it is stale"
    assert generation.image_ids[0] == early
    assert len(generation.image_ids) == 3


def test_early_maps_are_the_ones_that_come() -> None:
    world, _, texture = under(Fate(partial=2), "texture")
    assert isinstance(texture, Texture)
    early = texture.image_ids
    assert len(early) == 2
    let_all_end(world)
    assert texture.image_ids[:2] == early
    assert len(texture.image_ids) == len(texture.maps)


def test_early_images_of_what_fails_are_taken_back() -> None:
    world, account = a_place()
    world.fate = Fate(partial=2, fails=True)
    generation = order_generation(world, account, an_order(num_images=2))
    assert len(account.images) == 2
    let_all_end(world)
    assert (generation.image_ids, account.images) == ((), {})


def test_nothing_can_be_made_of_an_early_image() -> None:
    world, account = a_place()
    world.fate = Fate(partial=1)
    (early,) = order_generation(world, account, an_order()).image_ids
    assert of_image(account, early) is None
    with pytest.raises(CannotAccessImage):
        order_upscale(world, account, early)
    with pytest.raises(InvalidInitImage):
        order_generation(world, account, an_order(init_generation_image_id=early))
    let_all_end(world)
    assert order_upscale(world, account, early).image_id == early


def test_what_is_deleted_while_it_waits_shows_nothing_early() -> None:
    world, account = a_place(slots=1)
    first = order_generation(world, account, an_order())
    world.fate = Fate(partial=2)
    waiting = order_generation(world, account, an_order())
    delete_generation(account, waiting.id)
    let_all_end(world)
    assert waiting.state is State.COMPLETE
    assert set(account.images) == set(first.image_ids)


@pytest.mark.parametrize("fails", [False, True])
def test_a_status_that_nobody_knows_is_told_at_the_end(*, fails: bool) -> None:
    world, _, job = under(Fate(status="ARCHIVED", fails=fails))
    assert job.status == "PENDING"
    let_all_end(world)
    assert job.status == "ARCHIVED"
    assert job.state is (State.FAILED if fails else State.COMPLETE)


def test_a_blueprint_is_called_by_its_own_words_and_by_its_fate() -> None:
    world, account = a_place()
    usual = a_recipe(world, account)
    world.fate = Fate(status="ARCHIVED")
    odd = a_recipe(world, account)
    assert [usual.execution_status, odd.execution_status] == ["PENDING", "PENDING"]
    let_all_end(world)
    assert [usual.execution_status, odd.execution_status] == ["COMPLETED", "ARCHIVED"]


def test_moderation_is_told_of_where_it_was_the_reason() -> None:
    world, account = a_place()
    told = [a_recipe(world, account), a_recipe(world, account, text="nude")]
    for fate in (Fate(fails=True), Fate(fails=True, moderated=True)):
        world.fate = fate
        told.append(a_recipe(world, account))
    assert [run.stopped_by_moderation for run in told] == [False, True, False, True]


def test_what_is_hidden_is_hidden_from_its_end_on() -> None:
    for fate in (Fate(null=True), Fate()):
        world, _, job = under(fate)
        hidden = [job.hidden]
        let_all_end(world)
        hidden.append(job.hidden)
        assert hidden == [False, fate.null]


def test_a_fate_is_for_one_job() -> None:
    world, account = a_place()
    world.fate = Fate(fails=True)
    first, second = (order_generation(world, account, an_order()) for _ in range(2))
    let_all_end(world)
    assert [first.state, second.state] == [State.FAILED, State.COMPLETE]


# --- files that never came, or are something else ----------------------------------------------


def a_world_with(*, missing: str = "fail", mismatch: str = "ignore") -> tuple[World, Account]:
    world, account = a_place()
    rows = {"upload.missing": missing, "upload.mismatch": mismatch}
    world.rules = world.rules.with_(
        {name: msgspec.structs.replace(world.rules[name], value=value) for name, value in rows.items()}
    )
    return world, account


def do_with(act: str, world: World, account: Account) -> Job | None:
    accepted = ACTS[act](world, account)
    assert accepted is None or isinstance(accepted, Job)
    return accepted


@pytest.mark.parametrize("act", ["doomed images", "doomed enlarging", "doomed texture"])
def test_a_file_that_never_came_fails_the_job_or_refuses_it(act: str) -> None:
    world, account = a_world_with()
    job = do_with(act, world, account)
    assert job is not None
    let_all_end(world)
    assert job.state is State.FAILED
    world, account = a_world_with(missing="refuse")
    step = Step(0, "alice", act)
    before = account.ledger.balance
    assert do(world, step) is None
    assert (account.ledger.balance, jobs_of(account)) == (before, [])


@pytest.mark.parametrize("mismatch", ["ignore", "fail"])
@pytest.mark.parametrize("matches", [True, False])
def test_bytes_of_another_kind_fail_the_job_where_that_matters(mismatch: str, *, matches: bool) -> None:
    world, account = a_world_with(mismatch=mismatch)
    upload = an_upload(world, account)
    upload.matches = matches
    generation = order_generation(world, account, an_order(init_image_id=upload.id))
    let_all_end(world)
    doomed = mismatch == "fail" and not matches
    assert generation.state is (State.FAILED if doomed else State.COMPLETE)


@pytest.mark.parametrize("mismatch", ["ignore", "fail"])
def test_a_training_on_bytes_of_another_kind_fails_where_that_matters(mismatch: str) -> None:
    world, account = a_world_with(mismatch=mismatch)
    dataset_id = a_dataset(world, account, images=2)
    upload = account.datasets[dataset_id].images[1].upload
    assert upload is not None
    upload.matches = False
    orders = [
        train_model(world, account, ModelOrder(name="mine", datasetId=dataset_id, instance_prompt="a cat")),
        train_element(world, account, an_element_order(dataset_id)),
    ]
    let_all_end(world)
    wanted = State.FAILED if mismatch == "fail" else State.COMPLETE
    assert [job.state for job in orders] == [wanted] * 2


def test_what_has_arrived_can_arrive_anew_and_be_lost() -> None:
    world, account = a_place()
    upload = an_upload(world, account)
    seen_of_it = [(upload.arrived, upload.matches)]
    arrive(world, upload.key, matches=False)
    seen_of_it.append((upload.arrived, upload.matches))
    lose(world, upload.key)
    lose(world, "users/nobody/initImages/x.png")
    seen_of_it.append((upload.arrived, upload.matches))
    assert seen_of_it == [(True, True), (True, False), (False, False)]
