"""Videos: from a text, from an image, from an image by the older model, and their upscaling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.core import pricing
from mockleo.core.errors import InvalidDimensions, InvalidInitImage, InvalidValue
from mockleo.core.generations import Generation, drawn_seed, generation_id
from mockleo.core.images import original_or_variation, source_usable, to_be_moved
from mockleo.core.lifecycle import State
from mockleo.core.moderation import moderate
from mockleo.core.variations import MotionVariation

if TYPE_CHECKING:
    from mockleo.core.account import Account
    from mockleo.core.orders import MotionOrder, VideoOrder
    from mockleo.core.rules import Rules
    from mockleo.core.world import World

MOTION_2 = ("MOTION2", "MOTION2FAST")


def order_video(world: World, account: Account, order: VideoOrder) -> Generation:
    """Accept a video from a text, or from an image when `order.imageId` is given."""
    rules = world.rules
    model = order.model or "MOTION2"
    resolution = order.resolution or rules.table("video.default_resolution")[model]
    cost = pricing.video(rules, model=model, resolution=resolution)
    account.ledger.require(cost)
    moderate(rules, order.prompt)
    width, height = rules.table("video.sizes")[resolution]
    size = (order.width or width, order.height or height)
    images_usable = _check_images(rules, account, order, model, size)
    _check_ranges(rules, order, model)
    return _book(
        world,
        account,
        order,
        cost=cost,
        prompt=order.prompt,
        size=size,
        clip_ms=_clip_ms(rules, order, model),
        seed=order.seed,
        duration=model,
        doomed=not images_usable,
    )


def order_motion(world: World, account: Account, order: MotionOrder) -> Generation:
    """Accept an image to be set in motion by the older model."""
    rules = world.rules
    cost = pricing.service(rules, "motion_svd")
    account.ledger.require(cost)
    width, height = rules.default("generation.width"), rules.default("generation.height")
    if order.isVariation:
        source = original_or_variation(account, order.imageId, is_variation=True)
    else:
        source = to_be_moved(
            account, order.imageId, width=width, height=height, uploaded=bool(order.isInitImage)
        )
    rules.check("motion_svd.motionStrength", field="motionStrength", given=order.motionStrength)
    return _book(
        world,
        account,
        order,
        cost=cost,
        prompt=source.prompt,
        size=(source.width, source.height),
        clip_ms=rules.integer("motion_svd.clip"),
        seed=None,
        duration="SVD",
        doomed=not source_usable(rules, source),
    )


def upscale_video(
    world: World, account: Account, *, source_generation_id: str, resolution: str
) -> MotionVariation:
    """Accept the enlarging of a video that is ready."""
    rules = world.rules
    cost = rules.integer("pricing.video_upscale")
    account.ledger.require(cost)
    source = account.generations.get(source_generation_id)
    if source is None or source.state is not State.COMPLETE or not source.clip_ms:
        raise InvalidValue(field="sourceGenerationId")
    serial = account.next()
    width, height = rules.table("video.sizes")[resolution]
    variation = MotionVariation(
        id=account.chance.uuid4(f"motion-variation:{serial}"),
        lane="video",
        cost=cost,
        seed=source.seed,
        created_ms=world.now_ms,
        changed_ms=world.now_ms,
        duration_ms=world.duration_ms(
            rules.table("durations.video")["UPSCALE"], account=account, label=f"time:{serial}"
        ),
        generation=source,
        resolution=resolution,
        width=width,
        height=height,
    )
    world.book(account, variation)
    account.motion_variations[variation.id] = variation
    return variation


def _book(
    world: World,
    account: Account,
    order: VideoOrder | MotionOrder,
    *,
    cost: int,
    prompt: str,
    size: tuple[int, int],
    clip_ms: int,
    seed: int | None,
    duration: str,
    doomed: bool,
) -> Generation:
    serial = account.next()
    base_ms = world.rules.table("durations.video")[duration]
    generation = Generation(
        id=generation_id(world, account, serial),
        lane="video",
        cost=cost,
        seed=drawn_seed(account, seed, serial, world.rules),
        created_ms=world.now_ms,
        changed_ms=world.now_ms,
        duration_ms=world.duration_ms(base_ms, account=account, label=f"time:{serial}"),
        doomed=doomed,
        order=order,
        prompt=prompt,
        model=None,
        width=size[0],
        height=size[1],
        quantity=1,
        clip_ms=clip_ms,
    )
    world.book(account, generation)
    account.generations[generation.id] = generation
    return generation


def _clip_ms(rules: Rules, order: VideoOrder, model: str) -> int:
    """How long the clip is; the SDKs send the schema's default where nobody chose."""
    allowed = rules.table("video.durations")[model]
    seconds = order.duration
    if seconds is None or seconds not in allowed:
        seconds = int(allowed[0])
    return seconds * 1000


def _check_ranges(rules: Rules, order: VideoOrder, model: str) -> None:
    least = rules["video.prompt"].min
    if least is not None and len(order.prompt) < least:
        raise InvalidValue(field="prompt", rule="video.prompt")
    for side, rule in ((order.width, "video.width"), (order.height, "video.height")):
        if side is not None and not rules[rule].admits(side):
            raise InvalidDimensions(rule=rule)
    allowed = rules.table("video.durations")[model]
    if order.duration not in {None, rules.default("video.duration"), *allowed}:
        raise InvalidValue(field="duration", rule="video.durations")
    seed_rule = "video.seed" if model in MOTION_2 else "video.seed_others"
    rules.check(seed_rule, field="seed", given=order.seed)
    if order.elements and model not in MOTION_2:
        raise InvalidValue(field="elements", rule="video.elements")


def _check_images(
    rules: Rules, account: Account, order: VideoOrder, model: str, size: tuple[int, int]
) -> bool:
    """True when the pictures that the video starts and ends with can be used."""
    width, height = size
    if order.imageId is None:
        return True
    uploaded = order.imageType == "UPLOADED"
    sources = [to_be_moved(account, order.imageId, width=width, height=height, uploaded=uploaded)]
    last = order.endFrameImage
    if last is not None:
        # Source: OAS: an end frame goes with this model and an uploaded first frame.
        if model != "KLING2_1" or not uploaded:
            raise InvalidValue(field="endFrameImage", rule="video.end_frame")
        if last.id is None:
            raise InvalidInitImage
        sources.append(
            to_be_moved(account, last.id, width=width, height=height, uploaded=last.type == "UPLOADED")
        )
    # Both are looked at: what never came may have to be refused.
    usable_ones = [source_usable(rules, source) for source in sources]
    return all(usable_ones)
