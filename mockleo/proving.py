"""The emulator as whom the contract suite judges: one in this process for each door.

Keys are strict and the clock is moved by hand, so that each law can be tried and nobody waits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from mockleo import contracts
from mockleo.app import App
from mockleo.conformance.doors.in_process import InProcess
from mockleo.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockleo.conformance.door import Door

# What limits count to, so that thousands of calls in no time do not meet them: what they do is
# tried where they are small.
_FAR = 1_000_000_000
_PLAN = "credits"


class TheEmulator(msgspec.Struct, frozen=True, kw_only=True):
    """Opens doors to emulators of its own, with `settings` of `mockleo serve`."""

    settings: Mapping[str, object] = {}
    name: str = "the emulator, in process"
    divisible: bool = True

    def open(self, *, seed: int) -> Door:
        return self.fresh(seed=seed, settings={"plan": _PLAN, "credits": _FAR, "rules": _without_limits()})

    def fresh(self, *, seed: int, settings: Mapping[str, object]) -> Door:
        wanted: dict[str, Any] = {"time": "manual", "keys": "strict", **self.settings, **settings}
        for table in ("rules", "refusals"):
            # Those that are wanted for all doors hold beside this one's own.
            wanted[table] = {**_table(self.settings, table), **_table(settings, table)}
        made = Settings(seed=seed, **wanted)
        app = App.of(made)

        async def move(ms: int) -> None:
            await app.scheduler.move_to(app.clock.now_ms() + ms)

        return InProcess(app, base_url=app.base_url, api_key=app.api_key, move=move, running=app.running)


def _table(settings: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = settings.get(name, {})
    assert isinstance(found, dict), f"{name} is a table"
    return found


def _without_limits() -> dict[str, str]:
    """The rules of the default plan that would stop a busy client, as far away as can be."""
    plan = contracts.rules()["plans"][_PLAN]["values"]
    return {
        f"plans.{_PLAN}.{table}.{name}": str(_FAR)
        for table in ("per_minute", "pending")
        for name in plan[table]
    }
