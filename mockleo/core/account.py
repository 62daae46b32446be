"""One account: what it owns, what it may do at once, what it can pay."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, TypeVar

import msgspec

from mockleo.core.ledger import Ledger

if TYPE_CHECKING:
    from mockleo.core.blueprints import Execution
    from mockleo.core.chance import Chance
    from mockleo.core.datasets import Dataset
    from mockleo.core.generations import Generation
    from mockleo.core.lifecycle import Job
    from mockleo.core.textures import Texture
    from mockleo.core.training import CustomElement, CustomModel
    from mockleo.core.uploads import Upload
    from mockleo.core.variations import MotionVariation, Variation

Thing = TypeVar("Thing")


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an account has bought. `unit` is how its costs are told: CREDITS or DOLLARS."""

    name: str
    unit: str
    credits: int
    slots: dict[str, int]


class Lane:
    """The concurrency slots of one kind of job, and the queue behind them."""

    __slots__ = ("queue", "running", "slots")

    def __init__(self, slots: int) -> None:
        self.slots = slots
        self.running = 0
        self.queue: deque[Job] = deque()


class Account:
    """The owner of everything that is not the platform's.

    Each mapping is by id, in the order in which the things were made. `images` leads from an
    image's id to the generation that made it, `variations_of` from an image's id to what was
    made of it.
    """

    def __init__(self, *, key: str, plan: Plan, chance: Chance) -> None:
        self.key = key
        self.plan = plan
        self.chance = chance
        self.user_id = chance.uuid4("user")
        self.ledger = Ledger(owner=self.user_id, opening=plan.credits)
        self.lanes = {name: Lane(slots) for name, slots in plan.slots.items()}
        self.serial = 0
        self.generations: dict[str, Generation] = {}
        self.images: dict[str, Generation] = {}
        self.variations: dict[str, Variation] = {}
        self.variations_of: dict[str, list[Variation]] = {}
        self.motion_variations: dict[str, MotionVariation] = {}
        self.uploads: dict[str, Upload] = {}
        self.datasets: dict[str, Dataset] = {}
        self.models: dict[str, CustomModel] = {}
        self.elements: dict[int, CustomElement] = {}
        self.textures: dict[str, Texture] = {}
        self.executions: dict[str, Execution] = {}

    def __repr__(self) -> str:
        return f"Account({self.user_id})"

    def next(self) -> int:
        """The number of the next thing that this account makes."""
        self.serial += 1
        return self.serial


def page(things: dict[str, Thing], *, limit: int, offset: int) -> list[Thing]:
    """`limit` things from the newest on, after leaving out `offset` of them."""
    newest_first = reversed(things.values())
    for _ in range(min(offset, len(things))):
        next(newest_first)
    return [thing for thing, _ in zip(newest_first, range(limit), strict=False)]
