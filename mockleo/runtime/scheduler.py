"""One armed timer for whatever falls due next.

Requests catch the world up with the clock by themselves; the timer sees to it that things
happen while nobody asks.
"""

import asyncio
from collections.abc import Callable

from mockleo.runtime.clock import Clock

# A timer that fires early would find nothing due and be armed again: let it be a little late.
_LATE_S = 0.000_5


class Scheduler:
    """Calls `catch_up` when the clock has reached `due_ms()`.

    Without a loop (`start` was not called) it does nothing: then only requests move the world.
    """

    def __init__(
        self, *, clock: Clock, due_ms: Callable[[], int | None], catch_up: Callable[[], None]
    ) -> None:
        self._clock = clock
        self._due_ms = due_ms
        self._catch_up = catch_up
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._armed_ms: int | None = None

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
