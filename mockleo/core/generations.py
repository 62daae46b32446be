"""Orders of images, and what becomes of them.

The rules an order must keep are in `generation_checks`; videos are generations too, and are
ordered in `videos`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.core import pricing
from mockleo.core.generation_checks import (
    Limits,
    check_prompt,
    check_ranges,
    check_seed,
    inputs_of,
    limits,
)
from mockleo.core.lifecycle import Job, State
from mockleo.core.models import known_model, usable_model
from mockleo.core.moderation import moderate

if TYPE_CHECKING:
    from mockleo.core.account import Account
    from mockleo.core.catalogue import Model
    from mockleo.core.orders import GenerationOrder, MotionOrder, VideoOrder
    from mockleo.core.rules import Rules
    from mockleo.core.world import World


class Generation(Job, kw_only=True, gc=False):
    """Images or a video on their way. Sizes in pixels; `clip_ms` is 0 for pictures.

    `image_ids` is empty until the job is COMPLETE, unless its fate is to show some before.
    `model` is None for videos, whose models are names.
    """

    order: GenerationOrder | VideoOrder | MotionOrder
    prompt: str
    model: Model | None
    width: int
    height: int
    quantity: int
    extension: str = "jpg"
    clip_ms: int = 0
    image_ids: tuple[str, ...] = ()
    deleted: bool = False

    def begin(self, account: Account) -> None:
        """Show the first images early, where that is the job's fate."""
        if self.fate is not None and self.fate.partial and not self.deleted:
            self._hand_over(account, min(self.quantity, self.fate.partial))

    def settle(self, account: Account) -> None:
        """Hand the images over, unless nobody wants them any more."""
        if self.deleted:
            return
        # What was shown early and does not come in the end is taken back.
        for image_id in self.image_ids:
            del account.images[image_id]
        self._hand_over(account, self.most(self.quantity) if self.state is State.COMPLETE else 0)

    def _hand_over(self, account: Account, count: int) -> None:
        """Give the account the first `count` images: asked again, the same ones and more."""
        self.image_ids = account.chance.uuid4s(f"images:{self.id}", count)
        for image_id in self.image_ids:
            account.images[image_id] = self


class Terms(msgspec.Struct, frozen=True, gc=False):
    """What the parameters of an order come to, whoever orders: its price and its limits."""

    cost: int
    limit: Limits


# Clients order in few shapes, with ever new prompts; one who invents shapes fills no memory.
_TERMS_MOST = 1_024


def order_generation(world: World, account: Account, order: GenerationOrder) -> Generation:
    """Accept an order of images.

    The checks come in the order in which the service is believed to make them: credits,
    moderation, ids, ranges; the first that fails refuses the order and nothing is booked.
    Source: the reference's account of the engine, inferred.
    """
    rules = world.rules
    shape = _shape(order)
    agreed = world.terms.get(shape) if shape is not None else None
    terms = agreed or _terms(rules, order, known_model(world, account, order))
    account.ledger.require(terms.cost)
    moderate(rules, order.prompt)
    model = usable_model(world, account, order)
    inputs_usable = inputs_of(world, account, order)
    check_prompt(rules, order.prompt)
    check_seed(rules, order, model)
    if agreed is None:
        check_ranges(rules, order, model)
        # What an account has trained is its own, and so are the terms for it.
        if shape is not None and not model.own and len(world.terms) < _TERMS_MOST:
            world.terms[shape] = terms

    limit = terms.limit
    serial = account.next()
    generation = Generation(
        id=generation_id(world, account, serial),
        lane="image",
        cost=terms.cost,
        seed=drawn_seed(account, order.seed, serial, rules),
        created_ms=world.now_ms,
        changed_ms=world.now_ms,
        duration_ms=world.duration_ms(limit.duration_ms, account=account, label=f"time:{serial}"),
        doomed=not inputs_usable,
        order=order,
        prompt=order.prompt,
        model=model,
        width=limit.width if order.width is None else order.width,
        height=limit.height if order.height is None else order.height,
        quantity=limit.images if order.num_images is None else order.num_images,
        extension="png" if order.transparency == "foreground_only" else "jpg",
    )
    world.book(account, generation)
    account.generations[generation.id] = generation
    return generation


def find_generation(account: Account, generation_id: str) -> Generation | None:
    """The account's own generation; None for any other id."""
    return account.generations.get(generation_id)


def delete_generation(account: Account, generation_id: str) -> Generation | None:
    """Forget a generation and its images; a second time there is nothing to forget.

    One that is still under way goes on, is paid for, and brings nothing.
    """
    generation = account.generations.pop(generation_id, None)
    if generation is not None:
        generation.deleted = True
        for image_id in generation.image_ids:
            del account.images[image_id]
            account.variations_of.pop(image_id, None)
    return generation


def _shape(order: GenerationOrder) -> GenerationOrder | None:
    """The order without what its terms do not depend on; None when they depend on other things."""
    if order.controlnets or order.elements or order.userElements or order.contextImages or order.imagePrompts:
        return None
    return msgspec.structs.replace(
        order, prompt="", negative_prompt=None, seed=None, controlnets=None, elements=None, userElements=None,
        contextImages=None, imagePrompts=None,
    )  # fmt: skip


def _terms(rules: Rules, order: GenerationOrder, model: Model) -> Terms:
    limit = rules.derived(limits, model.family)
    return Terms(pricing.images(rules, _work(rules, order, limit, model.family)), limit)


def _work(rules: Rules, order: GenerationOrder, limit: Limits, family: str) -> pricing.ImageWork:
    # Nonsense has a price too, until it is refused: that of the largest that could be had.
    return pricing.ImageWork(
        family=family,
        width=limit.width if order.width is None else min(order.width, limit.side_px_max),
        height=limit.height if order.height is None else min(order.height, limit.side_px_max),
        num_images=limit.images if order.num_images is None else min(order.num_images, limit.images_max),
        steps=limit.steps if order.num_inference_steps is None else order.num_inference_steps,
        alchemy=order.with_alchemy,
        ultra=bool(order.ultra),
        fantasy_avatar=bool(order.fantasyAvatar),
        photo_real=(order.photoRealVersion or "v1") if order.photoReal else None,
        prompt_magic=(order.promptMagicVersion or "v2") if order.promptMagic else None,
        loras=len(order.elements or ()) + len(order.userElements or ()),
        controlnets_cost=len(order.controlnets) * rules.integer("pricing.controlnet")
        if order.controlnets
        else 0,
    )


def generation_id(world: World, account: Account, serial: int) -> str:
    """The id of the account's thing number `serial`, if that is a generation."""
    return account.chance.uuid6(f"generation:{serial}", at_ms=world.now_ms, nth=serial)


def drawn_seed(account: Account, given: int | None, serial: int, rules: Rules) -> int:
    """The seed that was asked for, else one drawn for the account's thing number `serial`."""
    if given is not None:
        return given
    return account.chance.below(rules.integer("generation.drawn_seed_below"), f"seed:{serial}")
