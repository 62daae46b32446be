"""An exported world comes back as it was: it shows the same, and does the same from then on.

Of data that no world was exported to, either a world is made that can be lived in, or it is
refused with the path of a field; never anything else.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockleo.core import keys, lifecycle
from mockleo.core.datasets import Dataset, DatasetImage, add_generated
from mockleo.core.generations import delete_generation, order_generation
from mockleo.core.lifecycle import Fate
from mockleo.core.orders import VideoOrder
from mockleo.core.snapshot import BadState, export_world, restore_world
from mockleo.core.snapshot_forms import (
    AccountForm,
    DatasetForm,
    DatasetImageForm,
    KeyForm,
    LaneForm,
    LedgerForm,
    UploadForm,
    WebhookForm,
    WorldForm,
)
from mockleo.core.snapshot_jobs import FORMS, ORDERS
from mockleo.core.soundness import complaints
from mockleo.core.uploads import Upload
from mockleo.core.variations import order_upscale
from mockleo.core.videos import order_video, upscale_video
from mockleo.core.world import World

from .worlds import (
    A_WEBHOOK,
    ACTS,
    EVERYTHING,
    KEYS,
    NOBODYS,
    START_MS,
    WILD,
    Step,
    a_dataset,
    a_generation,
    a_model_in_training,
    a_place,
    a_recipe,
    a_world,
    an_order,
    busy_worlds,
    do,
    happened,
    let_all_end,
    play,
    scripts,
    seen,
    wild_scripts,
)

lawful = settings(max_examples=100, deadline=None)
windows = st.sampled_from(["fixed", "sliding", "bucket"])
some_worlds = st.tuples(windows, st.sampled_from([None, 2])).flatmap(
    lambda drawn: busy_worlds(window=drawn[0], pending=drawn[1])
)

# All that there is to do, in an order that lets it find what it needs, with a lot still under way.
_RARE = [act for act in WILD if act != "forget all jobs"]
A_LONG_DAY = [
    *(Step(5_000, key, act) for act in ACTS for key in KEYS[:2]),
    Step(3_600_000, "alice", "video"),
    *(Step(5_000, key, act) for act in [*_RARE, *ACTS, "copy into a dataset"] for key in KEYS[:2]),
]


def again(world: World) -> World:
    """`world` after it has gone through an export."""
    return restored(export_world(world), like=world)


def restored(data: object, *, like: World) -> World:
    return restore_world(data, rules=like.rules, catalogue=like.catalogue)


def a_used_world(*, window: str = "sliding") -> World:
    """A world in the middle of its work, in which everything has been done and a lot waits."""
    world = a_world(slots=1, webhook=A_WEBHOOK, window=window, pending=50)
    play(world, A_LONG_DAY, afterwards_ms=0)
    return world


# --- laws -------------------------------------------------------------------------------------


@lawful
@given(some_worlds, wild_scripts, wild_scripts)
def test_a_restored_world_shows_the_same_and_goes_on_alike(
    a_busy_world: Callable[[], World], script: list[Step], further: list[Step]
) -> None:
    world = a_busy_world()
    play(world, script, afterwards_ms=0)
    exported = export_world(world)
    other = restored(exported, like=world)
    assert export_world(other) == exported
    assert seen(other) == seen(world)
    assert play(other, further) == play(world, further)
    assert seen(other) == seen(world)
    assert export_world(other) == export_world(world)


@lawful
@given(some_worlds, scripts, st.data())
def test_it_makes_no_difference_how_often_a_world_is_exported(
    a_busy_world: Callable[[], World], script: list[Step], data: st.DataObject
) -> None:
    at_once, stepwise = a_busy_world(), a_busy_world()
    effects = []
    for step in script:
        stepwise.advance(stepwise.now_ms + step.wait_ms)
        do(stepwise, step)
        effects += happened(stepwise)
        if data.draw(st.booleans()):
            stepwise = again(stepwise)
    effects += play(stepwise, [])
    assert effects == play(at_once, script)
    assert seen(stepwise) == seen(at_once)


@pytest.mark.parametrize("window", ["fixed", "sliding", "bucket"])
def test_a_long_day_comes_back(window: str) -> None:
    world = a_used_world(window=window)
    other = again(world)
    assert seen(other) == seen(world)
    assert play(other, A_LONG_DAY) == play(world, A_LONG_DAY)
    assert seen(other) == seen(world)


def test_the_long_day_leaves_something_of_everything() -> None:
    """What is not there is not tested by the others."""
    exported = export_world(a_used_world())
    alice = exported["accounts"][0]
    # These two are there during one call only.
    assert set(AccountForm.__struct_fields__) - set(alice) == {"limit_percent", "retired"}
    assert [name for name, told in alice.items() if not told] == []
    assert any(lane["queue"] for lane in alice["lanes"].values())
    assert exported["ending"]
    assert "Generation" in {job["kind"] for job in alice["gone"]}
    kinds = {one["order"]["kind"] for one in alice["generations"]}
    assert kinds == {"images", "video", "motion"}
    assert {type(one.get("model")) for one in alice["generations"]} == {str, dict, type(None)}
    assert {"upload", "generation"} <= {
        name for one in alice["datasets"] for image in one["images"] for name in image
    }
    assert any("revoked_ms" in key for key in exported["keys"])


@pytest.mark.parametrize("act", sorted([*ACTS, *WILD]))
def test_each_act_alone_comes_back(act: str) -> None:
    world = a_world(slots=2, webhook=A_WEBHOOK)
    play(world, [*EVERYTHING, Step(100, "alice", "images"), Step(1, "alice", act)], afterwards_ms=0)
    other = again(world)
    assert seen(other) == seen(world)
    assert play(other, EVERYTHING) == play(world, EVERYTHING)


def test_an_export_is_plain_json() -> None:
    exported = export_world(a_used_world())
    assert exported["version"] == 1
    assert msgspec.json.decode(msgspec.json.encode(exported)) == exported


def test_an_export_does_not_change_the_world() -> None:
    world, other = a_used_world(), a_used_world()
    export_world(world)
    assert seen(world) == seen(other)
    assert play(world, EVERYTHING) == play(other, EVERYTHING)


def test_two_worlds_of_one_export_share_nothing() -> None:
    world = a_used_world()
    exported = export_world(world)
    before = deepcopy(exported)
    one, other = (restored(exported, like=world) for _ in range(2))
    play(one, A_LONG_DAY)
    assert exported == before
    assert export_world(other) == export_world(world) == before


def test_effects_are_taken_before_an_export() -> None:
    world, account = a_place()
    order_generation(world, account, an_order())
    with pytest.raises(AssertionError, match="effects are taken"):
        export_world(world)
    world.take_effects()
    assert restored(export_world(world), like=world).take_effects() == []


def test_an_empty_world_comes_back() -> None:
    world = a_world(seed=-5)
    other = again(world)
    assert seen(other) == seen(world)
    assert play(other, EVERYTHING) == play(world, EVERYTHING)


# --- what belongs together --------------------------------------------------------------------


def test_things_that_are_one_come_back_as_one() -> None:
    world, account = a_place(slots=1)
    generation = a_generation(world, account)
    image_id = generation.image_ids[0]
    variation = order_upscale(world, account, image_id)
    dataset_id = a_dataset(world, account)
    add_generated(world, account, dataset_id=dataset_id, image_id=image_id)
    execution = a_recipe(world, account)
    waiting = [order_generation(world, account, an_order()) for _ in range(3)]
    world.take_effects()

    back = again(world)
    mine = back.accounts[account.user_id]

    one = mine.generations[generation.id]
    assert mine.images[image_id] is one
    assert mine.variations[variation.id].generation is one
    assert mine.variations_of[image_id] == [mine.variations[variation.id]]
    assert mine.variations_of[image_id][0] is mine.variations[variation.id]
    upload_image, copied = mine.datasets[dataset_id].images
    assert upload_image.upload is mine.uploads[upload_image.id]
    assert back.uploads_by_key[upload_image.key] is upload_image.upload
    assert copied.generation is one
    for output in mine.executions[execution.id].outputs:
        assert mine.generations[output.id] is output
    assert [job.id for job in mine.lanes["image"].queue] == [job.id for job in waiting[1:]]
    assert all(mine.generations[job.id] is job for job in mine.lanes["image"].queue)
    assert one.model is world.catalogue.models[one.model.id if one.model else ""]
    (key,) = mine.keys.values()
    assert back.keys[key.digest] is key
    assert key.account is mine is back.accounts[account.user_id]


def test_what_has_no_name_any_more_goes_on() -> None:
    """Deleted jobs still hold slots, are sources of others, and end."""
    world, account = a_place(slots=1)
    clip = order_video(world, account, VideoOrder(prompt="a cat"))
    source = a_generation(world, account)
    variation = order_upscale(world, account, source.image_ids[0])
    upscaled = upscale_video(world, account, source_generation_id=clip.id, resolution="RESOLUTION_720")
    running = order_generation(world, account, an_order())
    waiting = order_generation(world, account, an_order())
    trained = a_model_in_training(world, account)
    for gone in (clip, source, running, waiting):
        delete_generation(account, gone.id)
    del account.models[trained.id]
    world.take_effects()

    back = again(world)
    mine = back.accounts[account.user_id]

    assert not mine.generations
    assert not mine.models
    kept = mine.variations[variation.id].generation
    assert kept is not None
    assert (kept.id, kept.deleted, kept.image_ids) == (source.id, True, source.image_ids)
    assert mine.motion_variations[upscaled.id].generation.id == clip.id
    let_all_end(world)
    let_all_end(back)
    effects = happened(back)
    assert effects == happened(world)
    assert {effect.job_id for effect in effects} >= {running.id, waiting.id, trained.id}
    assert mine.images == {}


def test_what_is_left_of_forgotten_jobs_comes_back() -> None:
    world, account = a_place()
    generation = a_generation(world, account)
    dataset_id = a_dataset(world, account)
    add_generated(world, account, dataset_id=dataset_id, image_id=generation.image_ids[0])
    world.forget_jobs()
    world.take_effects()
    mine = again(world).accounts[account.user_id]
    copied = mine.datasets[dataset_id].images[1].generation
    assert copied is not None
    assert copied.id == generation.id
    assert mine.generations == mine.images == {}


def test_jobs_of_two_accounts_end_at_one_instant_in_their_order() -> None:
    world = a_world(spread_percent=0)
    for key in ("bob", "alice", "bob"):
        do(world, Step(0, key, "images"))
    world.take_effects()
    back = again(world)
    for one in (world, back):
        let_all_end(one)
    assert happened(back) == happened(world)


def test_what_is_there_for_one_call_only_comes_back_too() -> None:
    world, account = a_place()
    account.limit_percent, account.retired = 50, (NOBODYS,)
    world.fate = Fate(fails=True)
    back = again(world)
    assert seen(back) == seen(world)
    mine = back.accounts[account.user_id]
    assert (mine.limit_percent, mine.retired, back.fate) == (50, (NOBODYS,), Fate(fails=True))


# --- secrets ----------------------------------------------------------------------------------

CANARY = "canary-4b1d0e9c-dont-tell-anybody-000000"


def test_no_secret_goes_along() -> None:
    world = a_world()
    world.webhook = keys.webhook("https://receiver.test/", f"bearer-{CANARY}", None, http_hosts=())
    key = world.open_key(CANARY)
    key.account.calling = key.id
    order_generation(world, key.account, an_order())
    world.take_effects()
    assert CANARY in key.plain
    assert CANARY.encode() not in msgspec.json.encode(export_world(world))


def test_keys_are_known_by_their_digests_until_they_are_used() -> None:
    world = a_world()
    world.webhook = keys.webhook("https://receiver.test/", "bearer", "legacy2023", http_hosts=())
    original = world.open_key("alice")
    world.revoke(original)
    back = again(world)
    key = back.keys[original.digest]
    assert key.plain == ""
    assert key.webhook == back.webhook
    assert key.webhook == keys.Webhook(
        url="https://receiver.test/", key=None, key_digest=keys.digest_of("bearer"), payload="legacy2023"
    )
    assert key.revoked_ms == START_MS
    assert back.open_key("alice") is key
    assert key.plain == "alice"


def test_an_account_whose_first_key_was_taken_out_stays_the_one_it_was() -> None:
    world, account = a_place()
    a_generation(world, account)
    world.take_effects()
    exported = export_world(world)
    del exported["keys"][0]
    back = restored(exported, like=world)
    mine = back.accounts[account.user_id]
    assert back.open_key("alice").account is mine
    assert len(mine.generations) == 1


def test_a_webhook_that_no_key_can_have_does_not_come_back() -> None:
    world = a_world(webhook=keys.Webhook(url="http://receiver.example/"))
    world.open_key("alice")
    exported = export_world(world)
    for holder, path in ((exported, "webhook"), (exported["keys"][0], r"keys\.0\.webhook")):
        with pytest.raises(BadState, match=rf"^{path}\.url: must begin with https://"):
            restored(exported, like=world)
        del holder["webhook"]
    restored(exported, like=world)


# --- completeness -----------------------------------------------------------------------------


def attributes(thing: object) -> set[str]:
    slots = getattr(thing, "__slots__", None)
    return set(slots if slots is not None else vars(thing))


def test_no_attribute_is_forgotten() -> None:
    """Each has its field in a form, or is made anew; a new attribute has to be thought of here."""
    world, account = a_place()
    # Rules and catalogue are handed in, effects are taken before; the others follow from the rest.
    assert attributes(world) - set(WorldForm.__struct_fields__) == {
        "rules", "catalogue", "chance", "uploads_by_key", "terms", "_instants", "_ending", "_effects",
        "has_ends",
    }  # fmt: skip
    # The world tells the keys of all accounts, in their order.
    assert attributes(account) - set(AccountForm.__struct_fields__) == {"keys"}
    assert attributes(account.ledger) - set(LedgerForm.__struct_fields__) == {"owner"}
    assert attributes(account.lanes["image"]) == set(LaneForm.__struct_fields__)


@pytest.mark.parametrize(
    ("thing", "form", "untold"),
    [
        *((job, form, set()) for job, form in FORMS.items()),
        *((order, form, set()) for order, form in ORDERS.items()),
        (Upload, UploadForm, set()),
        (Dataset, DatasetForm, set()),
        (DatasetImage, DatasetImageForm, set()),
        (keys.ApiKey, KeyForm, {"plain"}),
        (keys.Webhook, WebhookForm, {"key"}),
    ],
)
def test_no_field_is_forgotten(thing: Any, form: Any, untold: set[str]) -> None:
    assert set(thing.__struct_fields__) - set(form.__struct_fields__) == untold
    assert set(form.__struct_fields__) <= set(thing.__struct_fields__)


def test_no_kind_of_job_is_forgotten() -> None:
    def below(kind: type[Any]) -> Iterator[type[Any]]:
        for sub in kind.__subclasses__():
            yield sub
            yield from below(sub)

    ours = {kind for kind in below(lifecycle.Job) if kind.__module__.startswith("mockleo.")}
    assert set(FORMS) == ours


# --- what is refused --------------------------------------------------------------------------


def a_small_export() -> tuple[World, dict[str, Any]]:
    """One account with a job that runs and one that waits, an image, a variation and a dataset."""
    world, account = a_place(slots=1)
    account.calling = next(iter(account.keys))
    image_id = a_generation(world, account).image_ids[0]
    order_generation(world, account, an_order())
    order_generation(world, account, an_order())
    order_upscale(world, account, image_id)
    a_recipe(world, account)
    dataset_id = a_dataset(world, account)
    add_generated(world, account, dataset_id=dataset_id, image_id=image_id)
    world.take_effects()
    return world, export_world(world)


def at(data: Any, path: str) -> Any:
    for step in path.split(".") if path else ():
        data = data[int(step)] if isinstance(data, list) else data[step]
    return data


def put(data: Any, path: str, value: object) -> None:
    holder, _, name = path.rpartition(".")
    place = at(data, holder)
    place[int(name) if isinstance(place, list) else name] = value


MISSING = object()

REFUSED: list[tuple[str, object, str]] = [
    ("version", MISSING, "version: is missing"),
    ("version", 2, "version: 2 is not known, only 1 can be read"),
    ("version", "1", "version: '1' is not known, only 1 can be read"),
    ("version", True, "version: True is not known, only 1 can be read"),
    ("now_ms", MISSING, "object missing required field `now_ms`"),
    ("now_ms", "soon", "now_ms: expected `int`, got `str`"),
    ("now_ms", START_MS - 1, "accounts.0.generations.0.changed_ms: is not between"),
    ("now_ms", 10**15, "now_ms: expected `int` <= 253402300799999"),
    ("seed", 2**63, "seed: "),
    ("colour", "red", "colour: there is no such field"),
    ("plan.slots.image", "ten", "plan.slots.image: expected `int`, got `str`"),
    ("plan.slots.image", -1, "plan.slots.image: -1 is below 0"),
    ("plan.unit", "EUROS", "plan.unit: 'EUROS' is neither"),
    ("accounts.0.chance", "0" * 32, "accounts.0.user_id: is not the one that its chance draws"),
    ("accounts.0.chance", "xyz", "accounts.0.chance: expected `str` matching regex"),
    ("accounts.0.lanes.image", MISSING, "accounts.0.lanes: are not those"),
    ("accounts.0.lanes.image.queue", 5, "accounts.0.lanes.image.queue: expected `array`, got `int`"),
    ("accounts.0.lanes.upscale.running", "1", "accounts.0.lanes.upscale.running: expected `int`"),
    ("accounts.0.lanes.image.queue.0", NOBODYS, f"accounts.0.lanes.image.queue.0: no such job: '{NOBODYS}'"),
    ("accounts.0.lanes.image.queue", [], "accounts.0.generations.2.state: waits in no queue"),
    ("accounts.0.lanes.image.running", 0, "ending.0.jobs.0: "),
    ("accounts.0.lanes.image.colour", 1, "accounts.0.lanes.image.colour: there is no such field"),
    ("accounts.0.ledger.balance", 1, "accounts.0.ledger.balance: is 1, and the entries come to"),
    ("accounts.0.ledger.entries.0.credits", -3, "accounts.0.ledger.entries.0.credits: -3 is below 0"),
    ("accounts.0.ledger.entries.0.why", "LUCK", "accounts.0.ledger.entries.0.why: invalid enum value"),
    ("accounts.0.windows.kind", "bucket", "accounts.0.windows.kind: bucket windows"),
    ("accounts.0.windows.overall", [-1, 0], "accounts.0.windows.overall: a number is below 0"),
    ("accounts.0.windows", {}, "accounts.0.windows: "),
    ("accounts.0.limit_percent", 101, "accounts.0.limit_percent: expected `int` <= 100"),
    ("accounts.0.images", [], "accounts.0.generations.0.image_ids: "),
    ("accounts.0.images.0", NOBODYS, "accounts.0.images.0: no generation has the image"),
    ("accounts.0.variations_of", {NOBODYS: 5}, f"accounts.0.variations_of.{NOBODYS}: expected `array`"),
    ("accounts.0.generations.0.state", "LOST", "accounts.0.generations.0.state: invalid enum value 'LOST'"),
    ("accounts.0.generations.0.state", "RUNNING", "accounts.0.generations.0.state: runs, and when"),
    ("accounts.0.generations.0.state", "QUEUED", "accounts.0.generations.0.state: waits in no queue"),
    ("accounts.0.generations.0.model", NOBODYS, "accounts.0.generations.0.model: the catalogue has no model"),
    ("accounts.0.generations.0.model", None, "accounts.0.generations.0.model: images have one"),
    ("accounts.0.generations.0.order.kind", "song", "accounts.0.generations.0.order.kind: invalid value"),
    ("accounts.0.generations.0.order.colour", 1, "accounts.0.generations.0.order.colour: there is no such"),
    ("accounts.0.generations.0.image_ids", [], "accounts.0.variations.0.image_id: is no image of"),
    ("accounts.0.generations.0.quantity", 10**9, "accounts.0.generations.0.quantity: expected `int` <= 1000"),
    ("accounts.0.generations.0.lane", "fast", "accounts.0.generations.0.lane: there is no lane 'fast'"),
    ("accounts.0.generations.0.deleted", True, "accounts.0.generations.0.deleted: what is deleted"),
    ("accounts.0.generations.1.fate", {"never": True}, "ending."),
    ("accounts.0.generations.1.fate", {"late_ms": -1}, "accounts.0.generations.1.fate.late_ms: -1 is out"),
    ("accounts.0.generations.1.duration_ms", 1, "ending.0.jobs.0: "),
    ("accounts.0.variations.0.generation", NOBODYS, "accounts.0.variations.0.generation: no such Generation"),
    ("accounts.0.executions.0.outputs.0", NOBODYS, "accounts.0.executions.0.outputs.0: no such Generation"),
    ("accounts.0.executions.0.kind", "Texture", "accounts.0.executions.0.kind: invalid value 'Texture'"),
    ("accounts.0.uploads.0.purpose", "FUN", "accounts.0.uploads.0.purpose: 'FUN' is none of INIT_IMAGE"),
    ("accounts.0.datasets.0.images.0.upload", NOBODYS, "accounts.0.datasets.0.images.0.upload: no such"),
    ("accounts.0.datasets.0.images.0.key", "k", "accounts.0.datasets.0.images.0.upload: has another"),
    ("accounts.0.uploads.0.purpose", "MEDIA", "accounts.0.datasets.0.images.0.upload: no such upload"),
    ("accounts.0.datasets.0.images.1.index", 99, "accounts.0.datasets.0.images.1.index: its generation"),
    ("accounts.0.datasets.0.images.1.generation", MISSING, "accounts.0.datasets.0.images.1: is either"),
    ("keys.0.account", NOBODYS, "keys.0.account: no such account"),
    ("keys.0.id", NOBODYS, "keys.0.id: is not the one that its account's chance draws"),
    ("keys.0.digest", "0" * 64, "keys.0.id: is not the one that its account's chance draws"),
    ("keys.0.digest", "no", "keys.0.digest: expected `str` matching regex"),
    ("keys.0.plain", "secret", "keys.0.plain: there is no such field"),
    ("keys.0.webhook", {"url": "ftp://x"}, "keys.0.webhook.url: must begin with https://"),
    ("keys.0.webhook", {"url": "https://x", "payload": "1999"}, "keys.0.webhook.payload: '1999' is none"),
    ("keys.0.webhook", {"url": "https://x", "key": "s"}, "keys.0.webhook.key: there is no such field"),
    ("ending.0.at_ms", START_MS, "ending.0.at_ms: is past, or not in order"),
    ("ending.0.jobs", [], "ending.0.jobs: expected `array` of length >= 1"),
    ("ending.0.jobs.0.0", NOBODYS, "ending.0.jobs.0: no such account"),
    ("ending.0.jobs.0.1", NOBODYS, "ending.0.jobs.0: no such job"),
    ("ending", [], "accounts.0.generations.1.state: runs, and when"),
    ("fate", {"partial": -1}, "fate.partial: -1 is out of range"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "message"), REFUSED, ids=[f"{r[0]}={r[1]}"[:60] for r in REFUSED])
def test_bad_state_is_refused_by_the_path_of_its_field(path: str, value: object, message: str) -> None:
    world, exported = a_small_export()
    if value is MISSING:
        holder, _, name = path.rpartition(".")
        del at(exported, holder)[name]
    else:
        put(exported, path, value)
    with pytest.raises(BadState) as caught:
        restored(exported, like=world)
    assert str(caught.value).startswith(message), str(caught.value)


DOUBLED = [
    ("accounts", "accounts.1.user_id: two accounts have it"),
    ("keys", "keys.1.digest: two keys have it"),
    ("ending", "ending.3.at_ms: is not after the one before"),
    ("ending.0.jobs", "ending.0.jobs.1: "),
    ("accounts.0.generations", "accounts.0.generations."),
    ("accounts.0.gone", "accounts.0.gone.0.id: two jobs have the id"),
    ("accounts.0.executions", "accounts.0.executions.1.id: two jobs have the id"),
    ("accounts.0.executions.0.outputs", "accounts.0.executions.0.outputs: "),
    ("accounts.0.uploads", "accounts.0.uploads.1.id: two uploads have it"),
    ("accounts.0.datasets", "accounts.0.datasets.1.id: two datasets have it"),
    ("accounts.0.datasets.0.images", "accounts.0.datasets.0.images.2.id: two images have it"),
    ("accounts.0.lanes.image.queue", "accounts.0.lanes.image.queue.1: "),
]


@pytest.mark.parametrize(("path", "message"), DOUBLED)
def test_what_is_there_once_is_not_there_twice(path: str, message: str) -> None:
    world, exported = a_small_export()
    things = at(exported, path)
    # Something that is in no list, to be there twice itself.
    things += deepcopy(things or [dict(at(exported, "accounts.0.generations.0"))])[:1]
    with pytest.raises(BadState) as caught:
        restored(exported, like=world)
    assert str(caught.value).startswith(message), str(caught.value)


@pytest.mark.parametrize(
    "data", [None, 5, "state", [], [{}], {}, {"version": {}}, {1: object()}, float("nan")]
)
def test_what_is_no_state_is_refused(data: object) -> None:
    with pytest.raises(BadState):
        restored(data, like=a_world())


def test_what_is_under_way_without_a_name_must_be_deleted() -> None:
    """When it ended, its images would be nobody's."""
    world, account = a_place(slots=1)
    running, waiting = (order_generation(world, account, an_order()) for _ in range(2))
    for gone in (running, waiting):
        delete_generation(account, gone.id)
    world.take_effects()
    exported = export_world(world)
    again(world)
    for job, path in ((waiting, "accounts.0.lanes.image.queue.0"), (running, "ending.0.jobs.0")):
        changed = deepcopy(exported)
        (form,) = [form for form in changed["accounts"][0]["gone"] if form["id"] == job.id]
        del form["deleted"]
        with pytest.raises(BadState, match=rf"^{path}: '{job.id}' has no name"):
            restored(changed, like=world)


def test_a_part_does_not_end_before_the_whole() -> None:
    world, account = a_place()
    run = a_recipe(world, account)
    world.take_effects()
    exported = export_world(world)
    exported["accounts"][0]["lanes"]["blueprint"]["running"] = 9
    exported["ending"].insert(0, {"at_ms": START_MS, "jobs": [[account.user_id, run.outputs[0].id]]})
    with pytest.raises(BadState, match=r"^ending\.0\.jobs\.0: .* does not end then"):
        restored(exported, like=world)


def test_a_part_may_fail_alone() -> None:
    world, account = a_place()
    run = a_recipe(world, account)
    run.outputs[0].doomed = True
    let_all_end(world)
    world.take_effects()
    assert run.state is not run.outputs[0].state
    assert seen(again(world)) == seen(world)


def test_what_cannot_be_json_is_refused() -> None:
    world, exported = a_small_export()
    endless: list[object] = []
    endless.append(endless)
    for value in (endless, object(), "\ud800", {(1, 2): 3}):
        with pytest.raises(BadState, match="the state is no JSON"):
            restored({**exported, "keys": value}, like=world)


# --- fuzz -------------------------------------------------------------------------------------


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value in `data`."""
    members = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for name, value in members:
        yield (*path, name)
        yield from places(value, (*path, name))


def shape(path: tuple[Any, ...]) -> str:
    """A path without the numbers: the same for all things of one kind."""
    return ".".join("#" if isinstance(step, int) else str(step) for step in path)


FUZZED = a_used_world()
FUZZED_EXPORT = export_world(FUZZED)
SERIALS = {one["user_id"]: one["serial"] for one in FUZZED_EXPORT["accounts"]}
BY_SHAPE: dict[str, list[tuple[Any, ...]]] = {}
for place in places(FUZZED_EXPORT):
    BY_SHAPE.setdefault(shape(place), []).append(place)
VALUES: list[object] = [
    None, True, False, -1, 0, 1, 2, 10**6, START_MS, 2**62, 2**200, -(2**70), 0.5, 1e300, "", "x", NOBODYS,
    "QUEUED", "RUNNING", "COMPLETE", "FAILED", [], {}, ["x"], {"x": 1}, [[]], [{}], "\x00", "image", "ü",
]  # fmt: skip

spots = st.sampled_from(sorted(BY_SHAPE)).flatmap(lambda one: st.sampled_from(BY_SHAPE[one]))


def mutate(exported: Any, spot: tuple[Any, ...], how: str, value: object, other: tuple[Any, ...]) -> None:
    holder = exported
    for step in spot[:-1]:
        holder = holder[step]
    name = spot[-1]
    if how == "replace":
        holder[name] = deepcopy(value)
    elif how == "delete":
        del holder[name]
    elif how == "add":
        holder[name] = {**holder[name], "x": value} if isinstance(holder[name], dict) else value
    elif how == "double" and isinstance(holder, list):
        holder.insert(name, deepcopy(holder[name]))
    elif how == "nudge" and type(holder[name]) is int:
        holder[name] += 1 if value else -1
    else:
        # As somewhere else; most like it is what a thing of the same kind has there.
        found = FUZZED_EXPORT
        for step in other:
            found = found[step]
        holder[name] = deepcopy(found)


@st.composite
def mutations(draw: st.DrawFn) -> tuple[tuple[Any, ...], str, object, tuple[Any, ...]]:
    spot = draw(spots)
    how = draw(st.sampled_from(["replace", "delete", "add", "double", "nudge", "copy", "copy alike"]))
    other = draw(st.sampled_from(BY_SHAPE[shape(spot)]) if how == "copy alike" else spots)
    return spot, how, draw(st.sampled_from(VALUES)), other


# After a long time, in which all has ended, everything is done again.
LATER = [
    Step(10**7, KEYS[0], "prompt"),
    *(Step(1_000, key, act) for act in [*ACTS, *WILD] for key in KEYS[:2]),
]


@settings(max_examples=400, deadline=None)
@given(st.lists(mutations(), min_size=1, max_size=2))
def test_of_any_data_a_world_is_made_that_can_be_lived_in_or_none(
    changes: list[tuple[tuple[Any, ...], str, object, tuple[Any, ...]]],
) -> None:
    exported = deepcopy(FUZZED_EXPORT)
    for change in changes:
        try:
            mutate(exported, *change)
        except (KeyError, IndexError, TypeError):
            continue  # the first change took away where the second one would have been
    try:
        world = restored(exported, like=FUZZED)
    except BadState as refusal:
        told = str(refusal)
    else:
        told = ""
    if told:
        assert "[" not in told.partition(":")[0], "a path has steps and dots"
        return
    assert export_world(again(world)) == export_world(world)
    # Nothing that was let in goes wrong later, if ids are not given out anew.
    if all(account.serial >= SERIALS[user_id] for user_id, account in world.accounts.items()):
        play(world, LATER)
    assert list(complaints(world, list(world._ending.items()))) == []
    export_world(world)


@settings(max_examples=30, deadline=None)
@given(some_worlds, wild_scripts)
def test_a_world_that_goes_its_own_way_is_sound_after_each_step(
    a_busy_world: Callable[[], World], script: list[Step]
) -> None:
    world = a_busy_world()
    for step in script:
        world.advance(world.now_ms + step.wait_ms)
        do(world, step)
        assert list(complaints(world, sorted(world._ending.items()))) == []
