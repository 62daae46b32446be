"""Prompts made and improved. The words come from outside; what they are drawn from, from here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.core import pricing
from mockleo.core.errors import ImprovePromptTooLong, InvalidValue
from mockleo.core.moderation import moderate

if TYPE_CHECKING:
    from mockleo.core.account import Account
    from mockleo.core.world import World


class PromptIdea(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a prompt is to be made of: its seed, and the words it must keep."""

    seed: int
    cost: int
    given: str = ""


def random_prompt(world: World, account: Account) -> PromptIdea:
    return _charge(world, account, "")


def improve_prompt(world: World, account: Account, prompt: str) -> PromptIdea:
    rule = world.rules["prompt_improve.prompt"]
    account.ledger.require(pricing.service(world.rules, "prompt"))
    moderate(world.rules, prompt)
    if rule.min is not None and len(prompt) < rule.min:
        raise InvalidValue(field="prompt", rule="prompt_improve.prompt")
    if rule.max is not None and len(prompt) > rule.max:
        raise ImprovePromptTooLong(limit=int(rule.max), rule="prompt_improve.prompt")
    return _charge(world, account, prompt)


def _charge(world: World, account: Account, given: str) -> PromptIdea:
    cost = pricing.service(world.rules, "prompt")
    serial = account.next()
    account.ledger.charge(cost, job_id=account.chance.uuid4(f"prompt:{serial}"), at_ms=world.now_ms)
    return PromptIdea(seed=account.chance.below(2**32, f"prompt-seed:{serial}"), cost=cost, given=given)
