"""The realtime canvas: four calls that are answered with their pictures, and queue nowhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from mockleo.core import pricing
from mockleo.core.errors import InvalidValue
from mockleo.core.generations import Generation, drawn_seed, generation_id
from mockleo.core.moderation import moderate
from mockleo.core.orders import GenerationOrder
from mockleo.core.variations import Variation, keep

if TYPE_CHECKING:
    from mockleo.core.account import Account
    from mockleo.core.orders import RealtimeOrder
    from mockleo.core.world import World

_DATA_URL = re.compile(r"data:image/[\w.+-]+;base64,", re.IGNORECASE)


class RealtimePicture(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One picture to be drawn into the answer; sizes in pixels."""

    prompt: str
    seed: int
    width: int
    height: int
    cost: int


def order_picture(world: World, account: Account, order: RealtimeOrder) -> RealtimePicture:
    """Charge for one picture and say what is to be drawn."""
    picture, serial = _accept(world, account, order, service=None)
    account.ledger.charge(picture.cost, job_id=account.chance.uuid4(f"lcm:{serial}"), at_ms=world.now_ms)
    return picture


def order_refined(world: World, account: Account, order: RealtimeOrder) -> tuple[RealtimePicture, Variation]:
    """Charge for one enlarged picture, and leave it with its owner as image and variation."""
    picture, serial = _accept(world, account, order, service="realtime_upscale")
    model = world.catalogue.models[world.rules.default("generation.modelId")]
    generation = Generation(
        id=generation_id(world, account, serial),
        lane="image",
        cost=picture.cost,
        seed=picture.seed,
        created_ms=world.now_ms,
        changed_ms=world.now_ms,
        duration_ms=0,
        order=GenerationOrder(
            prompt=picture.prompt, width=picture.width, height=picture.height, num_images=1
        ),
        prompt=picture.prompt,
        model=model,
        width=picture.width,
        height=picture.height,
        quantity=1,
    )
    world.perform(account, generation)
    account.generations[generation.id] = generation
    factor = world.rules.integer("variation.upscale_factor")
    variation = Variation(
        id=account.chance.uuid4(f"variation:{serial}"),
        lane="upscale",
        cost=0,
        seed=picture.seed,
        created_ms=world.now_ms,
        changed_ms=world.now_ms,
        duration_ms=0,
        transform_type="UPSCALE",
        prompt=picture.prompt,
        width=picture.width * factor,
        height=picture.height * factor,
        extension="jpg",
        generation=generation,
        image_id=generation.image_ids[0],
    )
    world.perform(account, variation)
    keep(account, variation)
    return picture, variation


def _accept(
    world: World, account: Account, order: RealtimeOrder, *, service: str | None
) -> tuple[RealtimePicture, int]:
    rules = world.rules
    width = order.width or rules.default("lcm.width")
    height = order.height or rules.default("lcm.height")
    if service is None:
        cost = pricing.realtime(rules, width=width, height=height)
    else:
        cost = pricing.service(rules, service)
    account.ledger.require(cost)
    moderate(rules, order.prompt)
    for field in ("imageDataUrl", "maskDataUrl"):
        url = getattr(order, field)
        if url is not None and not _DATA_URL.match(url):
            raise InvalidValue(field=field, rule="lcm.data_url")
    for field in ("width", "height", "guidance", "strength", "steps", "refineStrength", "seed"):
        rules.check(f"lcm.{field}", field=field, given=getattr(order, field))
    serial = account.next()
    seed = drawn_seed(account, order.seed, serial, rules)
    return RealtimePicture(prompt=order.prompt, seed=seed, width=width, height=height, cost=cost), serial
