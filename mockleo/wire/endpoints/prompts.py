"""Prompts made and improved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockleo.core.prompts import PromptIdea, improve_prompt, random_prompt
from mockleo.wire.shapes import booked
from mockleo.wire.words import improved, invented

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockleo.wire.call import Call, Reply


def random(call: Call) -> Reply:
    idea = random_prompt(call.world, call.account)
    return call.reply(_answer(call, idea, invented(idea.seed)))


def improve(call: Call) -> Reply:
    idea = improve_prompt(call.world, call.account, call.args["prompt"])
    return call.reply(_answer(call, idea, improved(idea.given, seed=idea.seed)))


def _answer(call: Call, idea: PromptIdea, prompt: str) -> dict[str, Any]:
    """The one place where the older SDKs refuse a null cost, so it is left out for them."""
    answer = booked(call, idea.cost, prompt=prompt)
    if answer["apiCreditCost"] is None and not call.true_to_the_wire:
        del answer["apiCreditCost"]
    return answer


HANDLERS: Mapping[str, Callable[[Call], Reply]] = {"promptRandom": random, "promptImprove": improve}
