"""Jobs of every kind that have ended, as the sender of webhooks is told of them."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from mockleo.core.account import Account
from mockleo.core.generations import order_generation
from mockleo.core.keys import Webhook, webhook
from mockleo.core.lifecycle import Fate
from mockleo.core.orders import MotionOrder, TextureOrder, UniversalOrder, VideoOrder
from mockleo.core.rules import Rules
from mockleo.core.textures import order_texture
from mockleo.core.uploads import Purpose
from mockleo.core.variations import order_nobg, order_universal_upscale, order_unzoom, order_upscale
from mockleo.core.videos import order_motion, order_video, upscale_video
from mockleo.core.world import Ended, World
from mockleo.wire.links import Links
from tests.core.worlds import (
    LUCID,
    a_generation,
    a_model_in_training,
    a_recipe,
    a_world,
    an_element_in_training,
    an_image,
    an_order,
    an_upload,
    let_all_end,
)

KEY = "canary-5f0c1d2e-8a7b-4c3d-9e0f-112233445"
HOOK_KEY = "canary-of-the-webhook-0123456789abcdefgh"
URL = "https://hooks.test/leo?tenant=1"
BASE = "http://127.0.0.1:5360"
LINKS = Links(base=BASE, cdn=f"{BASE}/cdn", segments=False)


def a_hook(url: str = URL, *, key: str | None = HOOK_KEY, payload: str | None = None) -> Webhook:
    return webhook(url, key, payload, http_hosts=())


def a_place(hook: Webhook | None = None, *, key: str = KEY) -> tuple[World, Account]:
    """A world and an account whose key has a webhook, and calls."""
    world = a_world()
    join(world, hook or a_hook(), key=key)
    return world, world.keys[next(reversed(world.keys))].account


def join(world: World, hook: Webhook, *, key: str) -> Account:
    """One more account with a key that has a webhook, and calls."""
    account = world.make_account(key)
    account.calling = world.make_key(key, account=account, name="mine", webhook=hook).id
    return account


def last_end(world: World) -> Ended:
    let_all_end(world)
    return [effect for effect in world.take_effects() if isinstance(effect, Ended)][-1]


def an_end(hook: Webhook | None = None, *, fate: Fate | None = None, **order: Any) -> Ended:
    """The end of an order of images."""
    world, account = a_place(hook)
    world.fate = fate
    order_generation(world, account, an_order(**order))
    return last_end(world)


def some_ends(count: int, *hooks: Webhook) -> list[Ended]:
    """The ends of so many orders for each of `hooks`, each of a key of its own, in turn."""
    world = a_world(slots=count)
    accounts = [join(world, hook, key=f"{KEY}-{nth}") for nth, hook in enumerate(hooks)]
    for _ in range(count):
        for account in accounts:
            order_generation(world, account, an_order())
    let_all_end(world)
    ends = [effect for effect in world.take_effects() if isinstance(effect, Ended)]
    assert len(ends) == count * len(hooks)
    return ends


def _failing(world: World, account: Account, do: "Act") -> None:
    world.fate = Fate(fails=True)
    do(world, account)


def _video(world: World, account: Account) -> None:
    order_video(world, account, VideoOrder(prompt="a cat", model="MOTION2FAST"))


def _moved(world: World, account: Account) -> None:
    order_motion(world, account, MotionOrder(imageId=an_image(world, account), motionStrength=5))


def _enlarged_video(world: World, account: Account) -> None:
    _video(world, account)
    let_all_end(world)
    video_id = next(reversed(account.generations))
    upscale_video(world, account, source_generation_id=video_id, resolution="RESOLUTION_720")


def _of_upload(world: World, account: Account) -> None:
    upload = an_upload(world, account)
    order_universal_upscale(world, account, UniversalOrder(initImageId=upload.id))


def _images_by_own_model(world: World, account: Account) -> None:
    model = a_model_in_training(world, account)
    let_all_end(world)
    a_generation(world, account, modelId=model.id, width=512, height=512)


def _texture(world: World, account: Account) -> None:
    mesh = an_upload(world, account, purpose=Purpose.MODEL_ASSET, extension="obj")
    order_texture(world, account, TextureOrder(modelAssetId=mesh.id, preview=True))


def _from_image(world: World, account: Account) -> None:
    image_id = an_image(world, account)
    a_generation(world, account, init_generation_image_id=image_id, init_strength=0.5)


Act = Callable[[World, Account], Any]

# What is ordered, and the type that its end is reported as.
REPORTED: Mapping[str, tuple[Act, str]] = {
    "images": (
        lambda world, account: a_generation(world, account, num_images=2),
        "image_generation.complete",
    ),
    "images of lucid": (
        lambda world, account: a_generation(
            world, account, modelId=LUCID, num_images=1, alchemy=False, width=1920, height=1080
        ),
        "image_generation.complete",
    ),
    "images of an own model": (_images_by_own_model, "image_generation.complete"),
    "images of an image": (_from_image, "image_generation.complete"),
    "failed images": (
        lambda world, account: _failing(world, account, a_generation),
        "image_generation.failed",
    ),
    "a video": (_video, "video_generation.complete"),
    "a video of the older model": (_moved, "video_generation.complete"),
    "a failed video": (
        lambda world, account: _failing(world, account, _video),
        "video_generation.failed",
    ),
    "upscaled": (
        lambda world, account: order_upscale(world, account, an_image(world, account)),
        "post_processing.complete",
    ),
    "unzoomed": (
        lambda world, account: order_unzoom(world, account, an_image(world, account), is_variation=False),
        "post_processing.complete",
    ),
    "without background": (
        lambda world, account: order_nobg(world, account, an_image(world, account), is_variation=False),
        "post_processing.complete",
    ),
    "an upload enlarged": (_of_upload, "post_processing.complete"),
    "a failed enlarging": (
        lambda world, account: _failing(world, account, _of_upload),
        "post_processing.complete",
    ),
    "a video enlarged": (_enlarged_video, "post_processing.complete"),
}

# What nobody has seen reported.
UNREPORTED: Mapping[str, Act] = {
    "a model": a_model_in_training,
    "an element": an_element_in_training,
    "a texture": _texture,
    "a blueprint": a_recipe,
}


def the_end_of(act: Act, hook: Webhook | None = None) -> Ended:
    world, account = a_place(hook)
    act(world, account)
    return last_end(world)


def with_value(rules: Rules, name: str, value: Any) -> Rules:
    return rules.with_({name: msgspec.structs.replace(rules[name], value=value)})
