"""One armed timer for whatever falls due next, and the jumps of a clock that jumps.

Requests catch the world up with the clock by themselves; the timer sees to it that things
happen while nobody asks.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from mockleo.runtime.clock import LATEST_MS, Mode

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockleo.runtime.clock import Clock

# A timer that fires early would find nothing due and be armed again: let it be a little late.
_LATE_S = 0.000_5


class Scheduler:
    """Calls `catch_up` when the clock has reached `due_ms()`; moves the clock there in mode AUTO.

    `idle` says whether all is at rest that does not wait for the clock, `still` whether nothing is
    in flight at all; only then a clock jumps. Without a loop (`start` was not called) it does
    nothing: then only requests move the world.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        due_ms: Callable[[], int | None],
        catch_up: Callable[[], None],
        idle: Callable[[], bool] = lambda: True,
        still: Callable[[], bool] | None = None,
    ) -> None:
        self._clock = clock
        self._due_ms = due_ms
        self._catch_up = catch_up
        self._idle = idle
        self._still = still or idle
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._armed_ms: int | None = None
        self._jumping = False
        self._settling: list[asyncio.Future[None]] = []

    def start(self) -> None:
        """Use the running loop from now on."""
        self._loop = asyncio.get_running_loop()
        self.arm()

    def stop(self) -> None:
        self._disarm()
        self._loop = None

    def arm(self) -> None:
        """Look again at what falls due next; cheap when nothing has changed."""
        if self._loop is None:
            return
        due_ms = self._due_ms()
        if self._clock.mode is Mode.AUTO and not self._jumping and self._may_jump(due_ms):
            self._jumping = True
            self._loop.call_soon(self._jump)
        # One that fires too early only looks again; to arm anew for each order would cost more.
        if due_ms is not None and self._armed_ms is not None and self._armed_ms <= due_ms:
            return
        self._disarm()
        if due_ms is None:
            return
        wait_s = self._clock.wait_s(due_ms)
        if wait_s is not None:
            self._armed_ms = due_ms
            self._timer = self._loop.call_later(wait_s + _LATE_S, self._fire)

    def rearm(self) -> None:
        """Look again after the clock itself has been moved: what was armed means nothing now."""
        self._disarm()
        self.arm()

    async def move_to(self, to_ms: int) -> None:
        """Move the clock to `to_ms`, one event after the other, each with all that follows from it.

        So an hour in one step is an hour in many: what is sent at the first event is answered
        before the second one happens.
        """
        await self.settle()
        while (due_ms := self._due_ms()) is not None and due_ms <= to_ms:
            self._clock.jump(due_ms)
            self._catch_up()
            await self.settle()
        self._clock.jump(to_ms)
        self._catch_up()
        self.rearm()

    async def settle(self) -> None:
        """Come back once nothing is going on any more."""
        # What was woken at this event takes its first step.
        await asyncio.sleep(0)
        while not self._idle():
            rested: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._settling.append(rested)
            await rested

    def quiet(self) -> None:
        """Nothing is going on any more: who waited for that goes on, and the clock may jump."""
        if self._settling:
            for rested in self._settling:
                if not rested.done():
                    rested.set_result(None)
            self._settling.clear()
        if self._clock.mode is Mode.AUTO:
            self.arm()

    def _may_jump(self, due_ms: int | None) -> bool:
        """Whether something is due that the calendar still has, and nothing is in flight."""
        return due_ms is not None and due_ms <= LATEST_MS and self._still()

    def _jump(self) -> None:
        """Be at the next event, if still nothing is going on."""
        self._jumping = False
        due_ms = self._due_ms()
        if self._clock.mode is not Mode.AUTO or due_ms is None or not self._may_jump(due_ms):
            return
        self._clock.jump(due_ms)
        self._catch_up()
        self.rearm()

    def _fire(self) -> None:
        self._timer = None
        self._armed_ms = None
        self._catch_up()
        self.arm()

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        self._armed_ms = None
