"""What an order of images must keep: its ids name things that can be used so, its numbers are
in range, and no parameter stands beside one that excludes it.

Each rule's number is a row of rules.toml, with its evidence. What only a guide recommends is
not refused; what the official SDKs send with every order never is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.core.errors import (
    InvalidDimensions,
    InvalidInitImage,
    InvalidValue,
    PhoenixNeedsItsVersion,
    PromptTooLong,
    TooManyImages,
)
from mockleo.core.lifecycle import State
from mockleo.core.models import chosen_model_id, is_uuid
from mockleo.core.uploads import uploaded_image

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


def longest_side_px(rules: Rules, model: Model) -> int:
    """How long a side may be; one family goes beyond what the others take."""
    px: int = rules.table("generation.side_px_max").get(model.family, rules["generation.width"].max)
    return px


def most_images(rules: Rules) -> int:
    """How many images one order can have at the most, whatever their size."""
    number = rules["generation.num_images"].max
    assert number is not None, "the number of images is bounded"
    return int(number)


def inputs_of(world: World, account: Account, order: GenerationOrder) -> bool:
    """Check every id in `order`; True when all the files they name have arrived."""
    # All of them, whatever the first one says: an id that is wrong is refused.
    arrived = list(_images_of(account, order))
    for control in order.controlnets or ():
        if control.preprocessorId not in world.catalogue.preprocessors:
            raise InvalidValue(field="controlnets", rule="generation.preprocessors")
    for used in order.elements or ():
        if not is_uuid(used.akUUID):
            raise InvalidValue(field="elements")
    for trained in order.userElements or ():
        element = account.elements.get(int(trained.userLoraId)) if trained.userLoraId is not None else None
        if element is None or element.state is not State.COMPLETE:
            raise InvalidValue(field="userElements")
    _check_photo_real(world, order)
    return all(arrived)


def _images_of(account: Account, order: GenerationOrder) -> Iterator[bool]:
    """For each image that `order` names, whether its bytes are there."""
    for upload_id in (order.init_image_id, order.canvasInitId, order.canvasMaskId):
        if upload_id is not None:
            yield uploaded_image(account, upload_id).arrived
    if order.init_generation_image_id is not None:
        yield _image(account, order.init_generation_image_id, "GENERATED")
    for control in order.controlnets or ():
        yield _image(account, control.initImageId, control.initImageType)
    for reference in order.contextImages or ():
        yield _image(account, reference.id, reference.type)
    for image_id in order.imagePrompts or ():
        if image_id is not None:
            yield _image(account, image_id, "GENERATED" if image_id in account.images else "UPLOADED")


def _image(account: Account, image_id: str | None, kind: str | None) -> bool:
    if kind == "GENERATED":
        if image_id not in account.images:
            raise InvalidInitImage
        return True
    return uploaded_image(account, image_id).arrived


def _check_photo_real(world: World, order: GenerationOrder) -> None:
    if not order.photoReal:
        return
    if order.alchemy is False:
        raise InvalidValue(field="photoReal", rule="generation.photoReal")
    chosen = chosen_model_id(world, order)
    allowed = world.rules.table("generation.photoReal_models")[order.photoRealVersion or "v1"]
    if chosen is not None and chosen not in allowed:
        raise InvalidValue(field="photoReal", rule="generation.photoReal_models")


def check_ranges(rules: Rules, order: GenerationOrder, model: Model) -> None:
    """Refuse the first value that is out of range, or that does not go with another."""
    _check_prompt(rules, order.prompt)
    _check_size(rules, order, model)
    for field, rule in RANGED:
        given = getattr(order, field)
        if given is not None:
            rules.check(rule, field=field, given=given)
    _check_guidance(rules, order, model)
    _check_seed(rules, order, model)
    _check_phoenix(rules, order, model)
    if order.ultra and order.alchemy:
        raise InvalidValue(field="ultra", rule="generation.ultra")
    _check_init_strength(rules, order)
    _check_unzoom(order)
    _check_canvas(rules, order, model)
    for control in order.controlnets or ():
        if control.weight is not None and control.strengthType is not None:
            raise InvalidValue(field="controlnets", rule="generation.controlnet_weight")
    if order.styleUUID is not None and not is_uuid(order.styleUUID):
        raise InvalidValue(field="styleUUID")


def _check_prompt(rules: Rules, prompt: str) -> None:
    if not prompt:
        raise InvalidValue(field="prompt", rule="generation.prompt")
    limit = rules["generation.prompt"].max
    if limit is not None and len(prompt) > limit:
        raise PromptTooLong(limit=int(limit), rule="generation.prompt")


def _check_size(rules: Rules, order: GenerationOrder, model: Model) -> None:
    count = order.num_images
    rules.check("generation.num_images", field="num_images", given=count)
    width = rules.default("generation.width") if order.width is None else order.width
    height = rules.default("generation.height") if order.height is None else order.height
    longest = max(width, height)
    for limit in rules.table("generation.images_by_side")[_size_class(model)]:
        if longest > limit["side_px"]:
            if count is not None and count > limit["images"]:
                raise TooManyImages(rule="generation.images_by_side")
            break
    side_px_max = longest_side_px(rules, model)
    if order.with_alchemy and model.family in STABLE_DIFFUSION:
        side_px_max = min(side_px_max, rules.integer("generation.side_px_max_alchemy"))
    for side, rule in ((width, "generation.width"), (height, "generation.height")):
        row = rules[rule]
        assert row.min is not None, f"{rule} has no minimum"
        assert row.multiple_of is not None, f"{rule} has no step"
        if not row.min <= side <= side_px_max or side % row.multiple_of:
            raise InvalidDimensions(rule=rule)


def _size_class(model: Model) -> str:
    return "stable_diffusion" if model.family in STABLE_DIFFUSION else "other"


def _check_guidance(rules: Rules, order: GenerationOrder, model: Model) -> None:
    rule = "generation.guidance_scale"
    if order.with_alchemy and model.family in {"sd15", "sd21"}:
        rule = "generation.guidance_scale_alchemy"
    elif order.scheduler == "LEONARDO" and not order.with_alchemy:
        rule = "generation.guidance_scale_leonardo"
    rules.check(rule, field="guidance_scale", given=order.guidance_scale)


def _check_seed(rules: Rules, order: GenerationOrder, model: Model) -> None:
    rule = "generation.seed_flux" if model.family in FLUX else "generation.seed"
    rules.check(rule, field="seed", given=order.seed)


def _check_phoenix(rules: Rules, order: GenerationOrder, model: Model) -> None:
    if model.family != "phoenix":
        return
    if order.sd_version not in {None, "PHOENIX"}:
        raise PhoenixNeedsItsVersion
    if order.with_alchemy:
        rules.check("generation.contrast_phoenix_alchemy", field="contrast", given=order.contrast)


def _check_init_strength(rules: Rules, order: GenerationOrder) -> None:
    rule = "generation.init_strength_canvas" if order.canvasRequest else "generation.init_strength"
    rules.check(rule, field="init_strength", given=order.init_strength)


def _check_unzoom(order: GenerationOrder) -> None:
    if order.unzoom and (order.init_image_id is None or order.unzoomAmount is None):
        raise InvalidValue(field="unzoom", rule="generation.unzoom")


def _check_canvas(rules: Rules, order: GenerationOrder, model: Model) -> None:
    if not order.canvasRequest:
        return
    if order.canvasInitId is None:
        raise InvalidValue(field="canvasInitId", rule="generation.canvas")
    needs_mask = order.canvasRequestType in rules.table("generation.canvas")["masked"]
    if needs_mask and order.canvasMaskId is None:
        raise InvalidValue(field="canvasMaskId", rule="generation.canvas")
    if model.family == "phoenix" or model.id in rules.table("generation.canvas")["refused_models"]:
        raise InvalidValue(field="modelId", rule="generation.canvas")
    if order.photoReal:
        raise InvalidValue(field="photoReal", rule="generation.canvas")
