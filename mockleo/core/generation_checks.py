"""What an order of images must keep: its ids name things that can be used so, its numbers are
in range, and no parameter stands beside one that excludes it.

Each rule's number is a row of rules.toml, with its evidence. What only a guide recommends is
not refused, nor what the official SDKs send where their user said nothing; but who asks for
`ultra` must say `alchemy: false` to an SDK, since it sends true and the two exclude each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.core.errors import (
    InvalidDimensions,
    InvalidInitImage,
    InvalidValue,
    PhoenixNeedsItsVersion,
    PromptTooLong,
    TooManyImages,
)
from mockleo.core.images import of_image
from mockleo.core.lifecycle import State
from mockleo.core.models import chosen_model_id, is_uuid
from mockleo.core.uploads import uploaded_image, usable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.core.account import Account
    from mockleo.core.catalogue import Model
    from mockleo.core.orders import GenerationOrder
    from mockleo.core.rules import Rules
    from mockleo.core.world import World

STABLE_DIFFUSION = frozenset({"sd15", "sd21", "sdxl", "lightning"})
FLUX = frozenset({"flux", "flux_schnell", "kontext", "lucid"})

# Fields whose whole rule is the range in one row.
RANGED = (
    ("num_inference_steps", "generation.num_inference_steps"),
    ("contrast", "generation.contrast"),
    ("contrastRatio", "generation.contrastRatio"),
    ("promptMagicStrength", "generation.promptMagicStrength"),
    ("promptMagicVersion", "generation.promptMagicVersion"),
    ("photoRealStrength", "generation.photoRealStrength"),
    ("photoRealVersion", "generation.photoRealVersion"),
)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for the images of one family of models; sides in pixels.

    `images_by_side` has pairs of a side's length and how many images there can be beyond it,
    the longest first.
    """

    width: int
    height: int
    images: int
    steps: int
    images_max: int
    images_by_side: tuple[tuple[int, int], ...]
    side_px_min: int
    side_px_max: int
    side_px_max_alchemy: int
    side_px_step: int
    duration_ms: int


def limits(rules: Rules, family: str) -> Limits:
    """The limits of `family`, put together from their rows."""
    width = rules["generation.width"]
    images = rules["generation.num_images"]
    assert width.min is not None, "a side has a least length"
    assert width.multiple_of is not None, "a side has a step"
    assert images.max is not None, "the number of images is bounded"
    stable = family in STABLE_DIFFUSION
    by_side = rules.table("generation.images_by_side")["stable_diffusion" if stable else "other"]
    side_px_max = rules.table("generation.side_px_max").get(family, width.max)
    durations = rules.table("durations.image_by_family")
    return Limits(
        width=width.default,
        height=rules.default("generation.height"),
        images=images.default,
        steps=rules.default("generation.num_inference_steps"),
        images_max=int(images.max),
        images_by_side=tuple((each["side_px"], each["images"]) for each in by_side),
        side_px_min=int(width.min),
        side_px_max=side_px_max,
        side_px_max_alchemy=rules.integer("generation.side_px_max_alchemy") if stable else side_px_max,
        side_px_step=width.multiple_of,
        duration_ms=durations.get(family, durations["default"]),
    )


def inputs_of(world: World, account: Account, order: GenerationOrder) -> bool:
    """Check every id in `order`; True when all the files they name can be used."""
    # All of them, whatever the first one says: an id that is wrong is refused.
    usable_ones = list(_images_of(world.rules, account, order))
    for control in order.controlnets or ():
        if control.preprocessorId not in world.catalogue.preprocessors:
            raise InvalidValue(field="controlnets", rule="generation.preprocessors")
    for used in order.elements or ():
        if not is_uuid(used.akUUID):
            raise InvalidValue(field="elements")
    for trained in order.userElements or ():
        number = trained.userLoraId
        if number is None or number != int(number):
            raise InvalidValue(field="userElements")
        element = account.elements.get(int(number))
        if element is None or element.state is not State.COMPLETE:
            raise InvalidValue(field="userElements")
    _check_photo_real(world, order)
    return all(usable_ones)


def _images_of(rules: Rules, account: Account, order: GenerationOrder) -> Iterator[bool]:
    """For each image that `order` names, whether it can be used."""
    for upload_id in (order.init_image_id, order.canvasInitId, order.canvasMaskId):
        if upload_id is not None:
            yield usable(rules, uploaded_image(account, upload_id))
    if order.init_generation_image_id is not None:
        yield _image(rules, account, order.init_generation_image_id, "GENERATED")
    for control in order.controlnets or ():
        yield _image(rules, account, control.initImageId, control.initImageType)
    for reference in order.contextImages or ():
        yield _image(rules, account, reference.id, reference.type)
    for image_id in order.imagePrompts or ():
        if image_id is not None:
            kind = "GENERATED" if image_id in account.images else "UPLOADED"
            yield _image(rules, account, image_id, kind)


def _image(rules: Rules, account: Account, image_id: str | None, kind: str | None) -> bool:
    if kind == "GENERATED":
        if of_image(account, image_id or "") is None:
            raise InvalidInitImage
        return True
    return usable(rules, uploaded_image(account, image_id))


def _check_photo_real(world: World, order: GenerationOrder) -> None:
    if not order.photoReal:
        return
    if order.alchemy is False:
        raise InvalidValue(field="photoReal", rule="generation.photoReal")
    models = world.rules.table("generation.photoReal_models")
    version = order.photoRealVersion or "v1"
    if version not in models:
        raise InvalidValue(field="photoRealVersion", rule="generation.photoRealVersion")
    chosen = chosen_model_id(world, order)
    if chosen is not None and chosen not in models[version]:
        raise InvalidValue(field="photoReal", rule="generation.photoReal_models")


def check_ranges(rules: Rules, order: GenerationOrder, model: Model) -> None:
    """Refuse the first value that is out of range, or that does not go with another.

    Prompt and seed are looked at by themselves: this depends on neither.
    """
    _check_size(rules, order, rules.derived(limits, model.family))
    for field, rule in RANGED:
        given = getattr(order, field)
        if given is not None:
            rules.check(rule, field=field, given=given)
    if order.guidance_scale is not None:
        _check_guidance(rules, order, model)
    if model.family == "phoenix":
        _check_phoenix(rules, order)
    if order.init_strength is not None:
        rule = "generation.init_strength_canvas" if order.canvasRequest else "generation.init_strength"
        rules.check(rule, field="init_strength", given=order.init_strength)
    if order.canvasRequest:
        _check_canvas(rules, order, model)
    _check_company(order)


def _check_company(order: GenerationOrder) -> None:
    """What needs another parameter, or excludes one."""
    if order.ultra and order.alchemy:
        raise InvalidValue(field="ultra", rule="generation.ultra")
    if order.unzoom and (order.init_image_id is None or order.unzoomAmount is None):
        raise InvalidValue(field="unzoom", rule="generation.unzoom")
    for control in order.controlnets or ():
        if control.weight is not None and control.strengthType is not None:
            raise InvalidValue(field="controlnets", rule="generation.controlnet_weight")
    if order.styleUUID is not None and not is_uuid(order.styleUUID):
        raise InvalidValue(field="styleUUID")


def check_seed(rules: Rules, order: GenerationOrder, model: Model) -> None:
    """Refuse a seed that the model's family does not take."""
    if order.seed is not None:
        rule = "generation.seed_flux" if model.family in FLUX else "generation.seed"
        rules.check(rule, field="seed", given=order.seed)


def check_prompt(rules: Rules, prompt: str) -> None:
    """Refuse a prompt that is too short, such as an empty one, or too long."""
    rule = rules["generation.prompt"]
    if rule.min is not None and len(prompt) < rule.min:
        raise InvalidValue(field="prompt", rule="generation.prompt")
    limit = rule.max
    if limit is not None and len(prompt) > limit:
        raise PromptTooLong(limit=int(limit), rule="generation.prompt")


def _check_size(rules: Rules, order: GenerationOrder, limit: Limits) -> None:
    """The range of the sides, then how many images of that size, then what Alchemy takes.

    Only a number of images that was asked for can be too many. Source: inferred; three images
    of 1344 by 768 were refused for their number.
    """
    rules.check("generation.num_images", field="num_images", given=order.num_images)
    width = limit.width if order.width is None else order.width
    height = limit.height if order.height is None else order.height
    for side, rule in ((width, "generation.width"), (height, "generation.height")):
        if not limit.side_px_min <= side <= limit.side_px_max or side % limit.side_px_step:
            raise InvalidDimensions(rule=rule)
    if order.num_images is not None:
        for side_px, images_max in limit.images_by_side:
            if width > side_px or height > side_px:
                if order.num_images > images_max:
                    raise TooManyImages(rule="generation.images_by_side")
                break
    if order.with_alchemy and max(width, height) > limit.side_px_max_alchemy:
        raise InvalidDimensions(rule="generation.side_px_max_alchemy")


def _check_guidance(rules: Rules, order: GenerationOrder, model: Model) -> None:
    rule = "generation.guidance_scale"
    if order.with_alchemy and model.family in {"sd15", "sd21"}:
        rule = "generation.guidance_scale_alchemy"
    elif order.scheduler == "LEONARDO" and not order.with_alchemy:
        rule = "generation.guidance_scale_leonardo"
    rules.check(rule, field="guidance_scale", given=order.guidance_scale)


def _check_phoenix(rules: Rules, order: GenerationOrder) -> None:
    if order.sd_version not in {None, "PHOENIX"}:
        raise PhoenixNeedsItsVersion
    if order.with_alchemy:
        rules.check("generation.contrast_phoenix_alchemy", field="contrast", given=order.contrast)


def _check_canvas(rules: Rules, order: GenerationOrder, model: Model) -> None:
    if order.canvasInitId is None:
        raise InvalidValue(field="canvasInitId", rule="generation.canvas")
    needs_mask = order.canvasRequestType in rules.table("generation.canvas")["masked"]
    if needs_mask and order.canvasMaskId is None:
        raise InvalidValue(field="canvasMaskId", rule="generation.canvas")
    if model.family == "phoenix" or model.id in rules.table("generation.canvas")["refused_models"]:
        raise InvalidValue(field="modelId", rule="generation.canvas")
    if order.photoReal:
        raise InvalidValue(field="photoReal", rule="generation.canvas")
