"""When a webhook that was not delivered is sent again.

The schedules are data, rows of rules.toml. One is a list of pauses,

    { pauses_ms = [1000, 5000, 30000] }

or pauses that grow until they are `cap_ms` long,

    { first_ms = 1000, factor = 2, tries = 8, cap_ms = 60000 }

and either may say by how many percent a pause can turn out longer: `jitter_percent`. It never
turns out shorter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from mockleo.core.chance import Chance
    from mockleo.core.rules import Rules

NONE = "none"
_TRIES_MOST = 100


class BadSchedule(ValueError):
    """A schedule that cannot be kept; the message names the rule."""


class Retries(msgspec.Struct, frozen=True, kw_only=True):
    """The pauses between one attempt and the next, in milliseconds of the service's clock."""

    pauses_ms: tuple[int, ...] = ()
    jitter_percent: int = 0

    @classmethod
    def of(cls, rules: Rules) -> Retries:
        """The schedule that the rules have chosen; nobody outside knows the service's own."""
        chosen = rules["webhooks.retries"].value
        schedules = rules.table("webhooks.schedules")
        if chosen == NONE:
            return cls()
        if chosen not in schedules:
            raise BadSchedule(f"webhooks.retries: {chosen!r} is none of {', '.join((NONE, *schedules))}")
        try:
            return msgspec.convert(schedules[chosen], _Schedule).retries()
        except ValueError as error:
            raise BadSchedule(f"webhooks.schedules.{chosen}: {error}") from None

    def pause_ms(self, *, attempts: int, n: int, chance: Chance) -> int | None:
        """How long to wait after so many attempts at delivery `n`; None when it was the last."""
        if attempts > len(self.pauses_ms):
            return None
        pause_ms = self.pauses_ms[attempts - 1]
        longer_ms = pause_ms * self.jitter_percent // 100
        if longer_ms == 0:
            return pause_ms
        return pause_ms + chance.below(longer_ms + 1, f"webhook-jitter:{n}:{attempts}")


class _Schedule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row as it is written."""

    pauses_ms: list[int] = []
    first_ms: int = 0
    factor: float = 1
    tries: int = 0
    cap_ms: int | None = None
    jitter_percent: int = 0

    def retries(self) -> Retries:
        if max(self.tries, len(self.pauses_ms)) > _TRIES_MOST:
            raise ValueError(f"more than {_TRIES_MOST} tries")
        pauses_ms: list[Any] = self.pauses_ms or [
            self.first_ms * self.factor**nth for nth in range(self.tries)
        ]
        if self.cap_ms is not None:
            pauses_ms = [min(pause_ms, self.cap_ms) for pause_ms in pauses_ms]
        if min(pauses_ms, default=0) < 0 or self.jitter_percent < 0:
            raise ValueError("no pause is shorter than nothing")
        return Retries(pauses_ms=tuple(map(int, pauses_ms)), jitter_percent=self.jitter_percent)
