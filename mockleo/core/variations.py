"""What is made of images that are there already: larger, wider, without background."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.core import pricing
from mockleo.core.errors import InvalidInitImage, InvalidValue
from mockleo.core.images import Source, of_upload, original_or_variation, source_usable
from mockleo.core.lifecycle import Job
from mockleo.core.moderation import moderate
from mockleo.core.uploads import IMAGES, find

if TYPE_CHECKING:
    from mockleo.core.account import Account
    from mockleo.core.generations import Generation
    from mockleo.core.orders import UniversalOrder
    from mockleo.core.world import World


class Variation(Job, kw_only=True, gc=False):
    """One thing made of one image; sizes in pixels.

    `generation` and `image_id` say which image; both are None when it was an upload.
    """

    transform_type: str
    prompt: str
    width: int
    height: int
    extension: str
    generation: Generation | None
    image_id: str | None

    def settle(self, account: Account) -> None:
        self.touch_image()

    def touch_image(self) -> None:
        """Note on the image's generation that its answer reads differently now."""
        if self.generation is not None:
            self.generation.revision += 1


class MotionVariation(Job, kw_only=True, gc=False):
    """A video made larger; sizes in pixels."""

    generation: Generation
    resolution: str
    width: int
    height: int


def order_upscale(world: World, account: Account, image_id: str) -> Variation:
    _require(world, account, "upscale")
    source = original_or_variation(account, image_id, is_variation=False)
    factor = world.rules.integer("variation.upscale_factor")
    return _order(
        world,
        account,
        source,
        "UPSCALE",
        service="upscale",
        size=(source.width * factor, source.height * factor),
    )


def order_unzoom(world: World, account: Account, image_id: str | None, *, is_variation: bool) -> Variation:
    _require(world, account, "unzoom")
    source = original_or_variation(account, image_id, is_variation=is_variation)
    return _order(world, account, source, "UNZOOM", service="unzoom", size=(source.width, source.height))


def order_nobg(world: World, account: Account, image_id: str, *, is_variation: bool) -> Variation:
    _require(world, account, "nobg")
    source = original_or_variation(account, image_id, is_variation=is_variation)
    return _order(world, account, source, "NOBG", service="nobg", size=(source.width, source.height))


def order_universal_upscale(world: World, account: Account, order: UniversalOrder) -> Variation:
    """Accept an image to be enlarged by a factor; exactly one image must be named."""
    rules = world.rules
    if order.prompt:
        moderate(rules, order.prompt)
    source = _universal_source(world, account, order)
    for field in ("upscaleMultiplier", "creativityStrength", "detailContrast", "similarity"):
        rules.check(f"universal_upscaler.{field}", field=field, given=getattr(order, field))
    # The SDKs send GENERAL where their user said nothing, so only another style is a choice.
    if order.ultraUpscaleStyle and order.upscalerStyle not in {None, "GENERAL"}:
        raise InvalidValue(field="ultraUpscaleStyle", rule="universal_upscaler.styles")
    factor = order.upscaleMultiplier or rules.default("universal_upscaler.upscaleMultiplier")
    width, height = int(source.width * factor), int(source.height * factor)
    if width * height > rules.integer("universal_upscaler.output_max"):
        raise InvalidValue(field="upscaleMultiplier", rule="universal_upscaler.output_max")
    if max(width, height) > rules.integer("universal_upscaler.side_max"):
        raise InvalidValue(field="upscaleMultiplier", rule="universal_upscaler.side_max")
    return _order(world, account, source, "UPSCALE", service="universal", size=(width, height))


def _universal_source(world: World, account: Account, order: UniversalOrder) -> Source:
    named = (order.generatedImageId, order.initImageId, order.variationId)
    if sum(image_id is not None for image_id in named) != 1:
        raise InvalidValue(field="generatedImageId", rule="universal_upscaler.one_image")
    if order.initImageId is not None:
        upload = find(account, order.initImageId, *IMAGES)
        if upload is None:
            raise InvalidInitImage
        width, height = (world.rules.default(f"generation.{side}") for side in ("width", "height"))
        return of_upload(upload, width=width, height=height)
    if order.variationId is not None:
        return original_or_variation(account, order.variationId, is_variation=True)
    return original_or_variation(account, order.generatedImageId, is_variation=False)


def _require(world: World, account: Account, service: str) -> None:
    """Credits are looked at before ids, where the price does not hang on the image."""
    account.ledger.require(pricing.service(world.rules, service))


def _order(
    world: World, account: Account, source: Source, transform: str, *, service: str, size: tuple[int, int]
) -> Variation:
    """Book what is to be made of `source`; `service` names its price and how long it takes."""
    rules = world.rules
    width, height = size
    if service == "universal":
        cost = pricing.universal_upscale(rules, width=width, height=height)
    else:
        cost = pricing.service(rules, service)
    account.ledger.require(cost)
    serial = account.next()
    variation = Variation(
        id=account.chance.uuid4(f"variation:{serial}"),
        lane="upscale",
        cost=cost,
        seed=source.seed,
        created_ms=world.now_ms,
        changed_ms=world.now_ms,
        duration_ms=world.duration_ms(
            rules.table("durations.variation")[service], account=account, label=f"time:{serial}"
        ),
        doomed=not source_usable(rules, source),
        transform_type=transform,
        prompt=source.prompt,
        width=width,
        height=height,
        extension="png" if transform == "NOBG" else "jpg",
        generation=source.generation,
        image_id=source.image_id,
    )
    world.book(account, variation)
    keep(account, variation)
    return variation


def keep(account: Account, variation: Variation) -> None:
    """Let the owner and the image's generation know of `variation`."""
    account.variations[variation.id] = variation
    # A variation may outlive its image, and be made something of.
    if variation.image_id in account.images:
        account.variations_of.setdefault(variation.image_id, []).append(variation)
        variation.touch_image()
