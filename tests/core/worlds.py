"""Small worlds to try the core on: things to own, things to do, and all that can be seen of it.

A script is a list of steps: wait, then let one account do one thing of `ACTS`. The same script
can be played with any number of looks in between.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from hashlib import sha256
from typing import Any, NamedTuple, Protocol

import msgspec
from hypothesis import strategies as st

from mockleo.core.account import Account, Lane, Plan
from mockleo.core.blueprints import Execution, NodeValue, execute
from mockleo.core.datasets import add_generated, announce_image, create_dataset, delete_dataset
from mockleo.core.errors import LeoError
from mockleo.core.generations import Generation, delete_generation, order_generation
from mockleo.core.keys import ApiKey, Webhook
from mockleo.core.ledger import Ledger
from mockleo.core.lifecycle import Event, Fate, Job, State
from mockleo.core.limits import Windows
from mockleo.core.orders import (
    ElementOrder,
    GenerationOrder,
    ModelOrder,
    MotionOrder,
    RealtimeOrder,
    TextureOrder,
    UniversalOrder,
    VideoOrder,
)
from mockleo.core.prompts import random_prompt
from mockleo.core.realtime import order_picture, order_refined
from mockleo.core.rules import Rules
from mockleo.core.textures import order_texture
from mockleo.core.training import CustomElement, CustomModel, train_element, train_model
from mockleo.core.uploads import IMAGES, Purpose, Upload, announce, arrive, delete
from mockleo.core.variations import Variation, order_nobg, order_universal_upscale, order_upscale
from mockleo.core.videos import order_motion, order_video, upscale_video
from mockleo.core.world import Booked, Ended, Moved, TooManyKeys, World
from mockleo.wire.contract import Contract, load

START_MS = 1_760_000_000_000
AFTERWARDS_MS = 3_600_000
KEYS = ("alice", "bob", "carol")
LANES = ("image", "upscale", "video", "training", "three_d", "blueprint")

LIGHTNING = "b24e16ff-06e3-43eb-8d33-4416c2d75876"
ANIME_XL = "e71a1c2f-4f80-4800-934f-2c68979d8cc8"
SDXL = "16e7060a-803e-4df3-97ee-edcfa5dc9cc8"
KINO_XL = "aa77f04e-3eec-4034-9c07-d0f619684628"
SD15 = "f1929ea3-b169-4c18-a16c-5d58b4292c69"
SD21 = "6bef9f1b-29cb-40c7-b9df-32b51c1f67d3"
PHOENIX = "de7d3faf-762f-48e0-b3b7-9d0ac3a3fcf3"
LUCID = "7b592283-e8a7-4c5a-9ba6-d18c31f258b9"
FLUX = "b2614463-296c-462a-9586-aafdb8f00e36"
NOT_BY_API = "740848f7-3240-481a-b251-625f92ecb7ec"
NOBODYS = "00000000-0000-4000-8000-000000000000"

# A blueprint of one text and one list of named texts.
RECIPE = "e0107740-e748-4843-ad0a-677d7e23dab6"
RECIPE_DISH = "5380a5e9-4e30-43d6-8717-f5e209ba2610"


@cache
def contract() -> Contract:
    """The contract as it is shipped, read once."""
    return load()


def the_rules() -> Rules:
    return contract().rules


def a_world(
    *,
    seed: int = 1,
    credits: int = 1_000_000,
    slots: int | Mapping[str, int] = 10,
    spread_percent: int = 10,
    now_ms: int = START_MS,
    pending: int | None = None,
    webhook: Webhook | None = None,
    window: str = "fixed",
) -> World:
    """A world by the shipped contract; `slots` for every lane alike, or by lane.

    `pending` is how many jobs of each kind may wait, `webhook` what every key has.
    """
    by_lane = dict.fromkeys(LANES, slots) if isinstance(slots, int) else dict(slots)
    spread = msgspec.structs.replace(the_rules()["durations.spread"], value=spread_percent)
    windows = msgspec.structs.replace(the_rules()["limits.window"], value=window)
    most = {} if pending is None else dict.fromkeys(by_lane, pending)
    world = World(
        rules=the_rules().with_({"durations.spread": spread, "limits.window": windows}),
        catalogue=contract().catalogue,
        plan=Plan(name="test", unit="CREDITS", credits=credits, slots=by_lane, pending=most),
        seed=seed,
        now_ms=now_ms,
    )
    world.webhook = webhook
    return world


def an_account(world: World, key: str = "alice") -> Account:
    return world.open_account(key)


def a_place(**changes: Any) -> tuple[World, Account]:
    """A world and the one account in it."""
    world = a_world(**changes)
    return world, an_account(world)


def an_order(**fields: Any) -> GenerationOrder:
    """An order of images that nothing is wrong with, but for `fields`."""
    return GenerationOrder(**{"prompt": "a cat", **fields})


def let_all_end(world: World) -> None:
    """Wait until nothing is under way."""
    for _ in each_instant(world):
        pass


def each_instant(world: World, *, until_ms: int | None = None) -> Iterator[int]:
    """Go through the instants at which something ends, up to `until_ms` or until nothing is left."""
    while (due_ms := world.due_ms()) is not None and (until_ms is None or due_ms <= until_ms):
        world.advance(due_ms)
        yield due_ms
        assert world.due_ms() != due_ms, "what was due is due for ever"


def an_upload(
    world: World,
    account: Account,
    *,
    purpose: Purpose = Purpose.INIT_IMAGE,
    extension: str = "png",
    arrived: bool = True,
) -> Upload:
    upload = announce(world, account, purpose=purpose, extension=extension)
    if arrived:
        arrive(world, upload.key)
    return upload


def a_generation(world: World, account: Account, **fields: Any) -> Generation:
    """A generation that is COMPLETE."""
    generation = order_generation(world, account, an_order(**fields))
    let_all_end(world)
    return generation


def an_image(world: World, account: Account, **fields: Any) -> str:
    """The id of a generated image that is there."""
    return a_generation(world, account, **fields).image_ids[0]


def a_dataset(world: World, account: Account, *, images: int = 1, arrived: bool = True) -> str:
    """The id of a dataset with so many uploaded images."""
    dataset = create_dataset(world, account, name="cats", description=None)
    for _ in range(images):
        upload = announce_image(world, account, dataset_id=dataset.id, extension="png")
        if arrived:
            arrive(world, upload.key)
    return dataset.id


def a_model_in_training(world: World, account: Account, **fields: Any) -> CustomModel:
    dataset_id = a_dataset(world, account)
    given = {"name": "mine", "datasetId": dataset_id, "instance_prompt": "a cat", **fields}
    return train_model(world, account, ModelOrder(**given))


def an_element_order(dataset_id: str, **fields: Any) -> ElementOrder:
    given = {
        "name": "mine",
        "datasetId": dataset_id,
        "lora_focus": "General",
        "train_text_encoder": True,
        "sd_version": "SDXL_1_0",
        "num_train_epochs": 100,
        "learning_rate": 1e-6,
        "instance_prompt": "a cat",
        **fields,
    }
    return ElementOrder(**given)


def an_element_in_training(world: World, account: Account) -> CustomElement:
    return train_element(world, account, an_element_order(a_dataset(world, account)))


def a_sketch(**fields: Any) -> RealtimeOrder:
    return RealtimeOrder(**{"imageDataUrl": "data:image/png;base64,AAAA", "prompt": "a cat", **fields})


def a_recipe(world: World, account: Account, *, text: str = "soup") -> Execution:
    inputs = [NodeValue(nodeId=RECIPE_DISH, settingName="text", value=text)]
    return execute(world, account, version_id=RECIPE, inputs=inputs, public=False)


def every_id() -> tuple[World, Account, dict[str, str]]:
    """A world, an account, and one id of each kind that there is."""
    world = a_world()
    account, other = an_account(world), an_account(world, "bob")
    generation = a_generation(world, account)
    gone = a_generation(world, account)
    delete_generation(account, gone.id)
    upload_gone = an_upload(world, account)
    delete(world, account, upload_gone.id, *IMAGES)
    dataset_id = a_dataset(world, account)
    ids = {
        "image": generation.image_ids[0],
        "generation": generation.id,
        "variation": order_upscale(world, account, generation.image_ids[0]).id,
        "deleted image": gone.image_ids[0],
        "another's image": an_image(world, other),
        "upload": an_upload(world, account).id,
        "canvas": an_upload(world, account, purpose=Purpose.CANVAS_INIT).id,
        "mask": an_upload(world, account, purpose=Purpose.CANVAS_MASK).id,
        "media": an_upload(world, account, purpose=Purpose.MEDIA, extension="mp4").id,
        "mesh": an_upload(world, account, purpose=Purpose.MODEL_ASSET, extension="obj").id,
        "deleted upload": upload_gone.id,
        "another's upload": an_upload(world, other).id,
        "dataset": dataset_id,
        "dataset image": account.datasets[dataset_id].images[0].id,
        "nobody's": NOBODYS,
        "no uuid": "string",
        "nothing": "",
    }
    let_all_end(world)
    return world, account, ids


def jobs_of(account: Account) -> list[Job]:
    """Every job that `account` can still see, parts included."""
    nouns: tuple[Mapping[Any, Job], ...] = (
        account.generations,
        account.variations,
        account.motion_variations,
        account.models,
        account.elements,
        account.textures,
        account.executions,
    )
    return [job for noun in nouns for job in noun.values()]


def seen(world: World) -> bytes:
    """All that anybody could see of `world`, in the order in which it is told; no secret."""
    accounts = [
        {
            **{name: value for name, value in vars(account).items() if name != "chance"},
            "keys": [_key_seen(key) for key in account.keys.values()],
        }
        for account in world.accounts.values()
    ]
    whole = (
        world.now_ms,
        world.due_ms(),
        sorted(world.uploads_by_key),
        [key.id for key in world.keys.values()],
        _webhook_seen(world.webhook),
        world.plan,
        accounts,
    )
    return msgspec.json.encode(whole, enc_hook=_opened)


def _key_seen(key: ApiKey) -> tuple[object, ...]:
    webhook = _webhook_seen(key.webhook)
    return (key.id, key.digest, key.account.user_id, key.created_ms, key.name, key.revoked_ms, webhook)


def _webhook_seen(webhook: Webhook | None) -> tuple[object, ...] | None:
    return (webhook.url, webhook.key_digest, webhook.payload) if webhook is not None else None


def _opened(thing: object) -> object:
    if isinstance(thing, Ledger):
        return vars(thing)
    if isinstance(thing, Windows):
        return thing.export()
    assert isinstance(thing, Lane)
    return (thing.slots, thing.pending_max, thing.percent, thing.running, list(thing.queue))


class Priced(Protocol):
    """What an act has brought about: a job, or the answer to a synchronous call."""

    @property
    def cost(self) -> int: ...


Act = Callable[[World, Account], Priced | None]


def _doomed_images(world: World, account: Account) -> Generation:
    missing = an_upload(world, account, arrived=False)
    return order_generation(world, account, an_order(init_image_id=missing.id))


def _newest_image(account: Account) -> str:
    return next(reversed(account.images), NOBODYS)


def _doomed_enlarging(world: World, account: Account) -> Variation:
    missing = an_upload(world, account, arrived=False)
    return order_universal_upscale(world, account, UniversalOrder(initImageId=missing.id))


def _texture(world: World, account: Account, *, arrived: bool) -> Priced:
    mesh = an_upload(world, account, purpose=Purpose.MODEL_ASSET, extension="obj", arrived=arrived)
    return order_texture(world, account, TextureOrder(modelAssetId=mesh.id, preview=True))


def _delete(account: Account, ids: Iterable[str]) -> None:
    delete_generation(account, next(iter(ids), NOBODYS))


ACTS: Mapping[str, Act] = {
    "images": lambda world, account: order_generation(world, account, an_order(num_images=2)),
    "an image of lucid": lambda world, account: order_generation(
        world, account, an_order(modelId=LUCID, num_images=1)
    ),
    "doomed images": _doomed_images,
    "video": lambda world, account: order_video(
        world, account, VideoOrder(prompt="a cat", model="MOTION2FAST")
    ),
    "upscale": lambda world, account: order_upscale(world, account, _newest_image(account)),
    "nobg": lambda world, account: order_nobg(
        world, account, next(reversed(account.variations), NOBODYS), is_variation=True
    ),
    "doomed enlarging": _doomed_enlarging,
    "texture": lambda world, account: _texture(world, account, arrived=True),
    "doomed texture": lambda world, account: _texture(world, account, arrived=False),
    "blueprint": a_recipe,
    "doomed blueprint": lambda world, account: a_recipe(world, account, text="nude"),
    "training": a_model_in_training,
    "realtime": lambda world, account: order_picture(world, account, a_sketch()),
    "refined": lambda world, account: order_refined(world, account, a_sketch())[0],
    "prompt": random_prompt,
    "delete the newest": lambda _, account: _delete(account, reversed(account.generations)),
    "delete the oldest": lambda _, account: _delete(account, account.generations),
}


def _under_way(account: Account) -> Iterator[Job]:
    """The jobs that an operator can end, the oldest of each kind first."""
    for job in jobs_of(account):
        if not job.ended and all(job not in one.outputs for one in account.executions.values()):
            yield job


def _force(world: World, account: Account, event: Event) -> None:
    for job in _under_way(account):
        if event is Event.FAIL or job.state is State.RUNNING:
            world.force(account, job, event)
            return


def _fated(fate: Fate, act: str) -> Act:
    """The act under this fate, which is no other act's should that be refused."""

    def order(world: World, account: Account) -> Priced | None:
        world.fate = fate
        try:
            return ACTS[act](world, account)
        finally:
            world.fate = None

    return order


def _another_key(world: World, account: Account) -> None:
    """One more key, with a webhook of its own; from now on it is the one that calls."""
    webhook = Webhook(url="https://receiver.test/other", key_digest="0" * 64, payload="legacy2023")
    name = f"{account.user_id} {account.serial} {len(world.keys)}"
    try:
        made = world.make_key(name, account=account, name="other", webhook=webhook)
    except TooManyKeys:
        return
    account.calling = made.id


def _revoke(world: World, account: Account) -> None:
    world.revoke(next(reversed(account.keys.values())))


def _copy_into_a_dataset(world: World, account: Account) -> None:
    dataset_id = next(iter(account.datasets), None) or a_dataset(world, account)
    add_generated(world, account, dataset_id=dataset_id, image_id=_newest_image(account))


def _own_model(world: World, account: Account) -> Generation:
    return order_generation(world, account, an_order(modelId=next(iter(account.models), NOBODYS)))


def _enlarge_a_video(world: World, account: Account) -> Priced:
    videos = [one.id for one in account.generations.values() if one.clip_ms and one.state is State.COMPLETE]
    newest = videos[-1] if videos else NOBODYS
    return upscale_video(world, account, source_generation_id=newest, resolution="RESOLUTION_720")


def _many_calls(world: World, account: Account) -> None:
    for _ in range(3):
        account.windows.admit(9, "createGeneration", 4, world.now_ms)


# What operators do, and what is rarely done: not all laws of `ACTS` hold for it.
WILD: Mapping[str, Act] = {
    "another key": _another_key,
    "revoke": _revoke,
    "fail the oldest": lambda world, account: _force(world, account, Event.FAIL),
    "finish the oldest": lambda world, account: _force(world, account, Event.FINISH),
    "images for ever": _fated(Fate(never=True), "images"),
    "a blueprint for ever": _fated(Fate(never=True), "blueprint"),
    "late images": _fated(Fate(late_ms=7_000), "images"),
    "images at once": _fated(Fate(at_once=True), "images"),
    "failing images": _fated(Fate(fails=True, moderated=True), "images"),
    "images shown early": _fated(Fate(partial=1, nsfw=True), "images"),
    "fewer images": _fated(Fate(partial=2, images=1), "images"),
    "a failing blueprint shown early": _fated(Fate(partial=1, fails=True), "blueprint"),
    "odd words": _fated(Fate(status="ODD", sd_version="v9"), "images"),
    "images at half the limits": lambda world, account: _at_half_the_limits(world, account),
    "motion": lambda world, account: order_motion(
        world, account, MotionOrder(imageId=_newest_image(account))
    ),
    "a larger video": _enlarge_a_video,
    "an element": an_element_in_training,
    "images of an own model": _own_model,
    "forget a model": lambda _, account: _pop(account.models),
    "copy into a dataset": _copy_into_a_dataset,
    "forget a dataset": lambda world, account: _forget_dataset(world, account),
    "many calls": _many_calls,
    "a new balance": lambda world, account: account.ledger.adjust(77_777, at_ms=world.now_ms),
    "another plan": lambda _, account: _another_plan(account),
    "forget all jobs": lambda world, _: world.forget_jobs(),
}


def _at_half_the_limits(world: World, account: Account) -> Priced | None:
    account.limit_percent = 50
    try:
        return ACTS["images"](world, account)
    finally:
        account.limit_percent = 100


def _another_plan(account: Account) -> None:
    account.plan = msgspec.structs.replace(account.plan, name="larger", per_minute={"all": 7})


def _pop(things: dict[str, CustomModel]) -> None:
    things.pop(next(iter(things), NOBODYS), None)


def _forget_dataset(world: World, account: Account) -> None:
    delete_dataset(world, account, next(iter(account.datasets), NOBODYS))


class Step(NamedTuple):
    wait_ms: int
    key: str
    act: str


class Told(NamedTuple):
    """What an `Ended` says, in words that two worlds have in common."""

    at_ms: int
    user_id: str
    key_id: str
    job_id: str


Happened = Booked | Moved | Told


def happened(world: World) -> list[Happened]:
    """The effects that have not been taken, as they can be compared."""
    return [
        Told(effect.at_ms, effect.account.user_id, effect.key.id, effect.job.id)
        if isinstance(effect, Ended)
        else effect
        for effect in world.take_effects()
    ]


def do(world: World, step: Step) -> Priced | None:
    """Let the account do it now, by the key of the step; what is refused brings nothing."""
    key = world.open_key(step.key)
    key.account.calling = key.id
    act = ACTS.get(step.act) or WILD[step.act]
    try:
        return act(world, key.account)
    except LeoError:
        return None


def play(
    world: World,
    script: Iterable[Step],
    *,
    looks_ms: Iterable[int] = (),
    afterwards_ms: int = AFTERWARDS_MS,
) -> list[Happened]:
    """Play `script` and wait an hour; look at `looks_ms` after the start. All effects, in order."""
    effects: list[Happened] = []
    looks = sorted(world.now_ms + look_ms for look_ms in looks_ms)

    def wait_until(until_ms: int) -> None:
        while looks and looks[0] <= until_ms:
            world.advance(looks.pop(0))
            effects.extend(happened(world))
        world.advance(until_ms)

    for step in script:
        wait_until(world.now_ms + step.wait_ms)
        do(world, step)
    wait_until(world.now_ms + afterwards_ms)
    return effects + happened(world)


# Every act by every account, in an order that lets most of them find what they need.
EVERYTHING = [Step(5_000, key, act) for act in ACTS for key in KEYS]


def digest() -> str:
    """What the whole menu leaves behind, in short."""
    world = a_world(slots=1)
    effects = play(world, EVERYTHING)
    return sha256(repr(effects).encode() + seen(world)).hexdigest()


# Waits around the lengths of the jobs, so that some end at the very instant of a command.
waits_ms = st.sampled_from([0, 1, 3_999, 4_000, 5_500, 8_000, 20_000]) | st.integers(0, 30_000)
steps = st.builds(Step, waits_ms, st.sampled_from(KEYS), st.sampled_from(sorted(ACTS)))
scripts = st.lists(steps, max_size=25)
wild_steps = st.builds(Step, waits_ms, st.sampled_from(KEYS), st.sampled_from(sorted([*ACTS, *WILD])))
wild_scripts = st.lists(wild_steps, max_size=25)

A_WEBHOOK = Webhook(url="https://receiver.test/hook", key="s3cret", key_digest="1" * 64, payload="2026")


def busy_worlds(**changes: Any) -> st.SearchStrategy[Callable[[], World]]:
    """Makers of a world with few slots, so that queues build up; the same world each time."""

    def maker(
        seed: int, slots: int, spread_percent: int, credits: int, webhook: Webhook | None
    ) -> Callable[[], World]:
        return lambda: a_world(
            **{
                "seed": seed,
                "slots": slots,
                "spread_percent": spread_percent,
                "credits": credits,
                "webhook": webhook,
                **changes,
            }
        )

    return st.builds(
        maker,
        st.integers(0, 3),
        st.integers(1, 2),
        # Without a spread, jobs end at the same instant.
        st.sampled_from([0, 10]),
        st.sampled_from([1_000_000, 1_000]),
        st.sampled_from([None, A_WEBHOOK]),
    )
