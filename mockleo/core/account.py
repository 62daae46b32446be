"""One account: what it owns, what it may do at once, what it can pay."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, TypeVar

import msgspec

from mockleo.core.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockleo.core.blueprints import Execution
    from mockleo.core.chance import Chance
    from mockleo.core.datasets import Dataset
    from mockleo.core.generations import Generation
    from mockleo.core.keys import ApiKey
    from mockleo.core.lifecycle import Job
    from mockleo.core.limits import Windows
    from mockleo.core.textures import Texture
    from mockleo.core.training import CustomElement, CustomModel
    from mockleo.core.uploads import Upload
    from mockleo.core.variations import MotionVariation, Variation

Thing = TypeVar("Thing")


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an account has bought. `unit` is how its costs are told: CREDITS or DOLLARS.

    By kind of job: `slots` says how many run at once, `pending` how many may wait. `per_minute`
    says how many calls are let in, by operationId, and `all` of them together.
    """

    name: str
    unit: str
    credits: int
    slots: dict[str, int]
    pending: dict[str, int] = {}
    per_minute: dict[str, int] = {}


class Lane:
    """The concurrency slots of one kind of job, and the queue behind them.

    `pending_max` is how long the queue may become; None where no limit is known. `percent` is
    how much of both there is: as much as the newest order has found.
    """

    __slots__ = ("pending_max", "percent", "queue", "running", "slots")

    def __init__(self, slots: int, pending_max: int | None = None) -> None:
        self.slots = slots
        self.pending_max = pending_max
        self.percent = 100
        self.running = 0
        self.queue: deque[Job] = deque()

    def has_slot(self) -> bool:
        """Whether one more job can run."""
        slots = self.slots
        return self.running < (slots if self.percent == 100 else _part(slots, self.percent))

    def has_place(self) -> bool:
        """Whether one more job can wait."""
        return self.pending_max is None or len(self.queue) < _part(self.pending_max, self.percent)


def _part(limit: int, percent: int) -> int:
    """So much of a limit; of one that there is, one at least."""
    return limit if percent == 100 else max(min(limit, 1), limit * percent // 100)


class Account:
    """The owner of everything that is not the platform's.

    Each mapping is by id, in the order in which the things were made. `images` leads from an
    image's id to the generation that made it, `variations_of` from an image's id to what was
    made of it. `calling` is the id of the key that the call in hand came with: what is ordered
    now is reported to that key's webhook.
    """

    def __init__(self, *, plan: Plan, chance: Chance, windows: Windows) -> None:
        self.plan = plan
        self.chance = chance
        self.user_id = chance.uuid4("user")
        self.keys: dict[str, ApiKey] = {}
        self.calling = ""
        self.windows = windows
        # What is let through of the plan's limits: less than 100 where a fault says so.
        self.limit_percent = 100
        # Models that a fault has taken from the call in hand.
        self.retired: tuple[str, ...] = ()
        self.ledger = Ledger(owner=self.user_id, opening=plan.credits)
        self.lanes = {name: Lane(slots, plan.pending.get(name)) for name, slots in plan.slots.items()}
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

    @property
    def per_minute(self) -> Mapping[str, int]:
        """How many calls are let in, by operationId, and `all` of them together."""
        limits = self.plan.per_minute
        if self.limit_percent == 100:
            return limits
        return {name: _part(limit, self.limit_percent) for name, limit in limits.items()}

    def forget_jobs(self) -> None:
        """Let go of every job and of what jobs have brought; uploads and datasets stay."""
        for lane in self.lanes.values():
            lane.running = 0
            lane.percent = 100
            lane.queue.clear()
        for things in (
            self.generations, self.images, self.variations, self.variations_of, self.motion_variations,
            self.models, self.elements, self.textures, self.executions,
        ):  # fmt: skip
            things.clear()

    def next(self) -> int:
        """The number of the next thing that this account makes."""
        self.serial += 1
        return self.serial


def page(things: dict[str, Thing], *, limit: int, offset: int, newest_first: bool = True) -> list[Thing]:
    """`limit` things from the newest on (or the oldest), after leaving out `offset` of them."""
    shown = reversed(things.values()) if newest_first else iter(things.values())
    for _ in range(min(offset, len(things))):
        next(shown)
    return [thing for thing, _ in zip(shown, range(limit), strict=False)]
