"""What is going on at this moment: requests being answered, webhooks being sent.

Whatever waits for the clock is not going on. When nothing is, a clock that jumps may jump.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockleo.runtime.agenda import Agenda


class Activity:
    """Counts what is going on, and calls `quiet` each time that it has come to rest."""

    __slots__ = ("_agenda", "busy", "quiet")

    def __init__(self, *, agenda: Agenda, quiet: Callable[[], None] = lambda: None) -> None:
        self.busy = 0
        self._agenda = agenda
        self.quiet = quiet

    def begin(self) -> None:
        self.busy += 1

    def end(self) -> None:
        self.busy -= 1
        assert self.busy >= 0, "what has not begun does not end"
        if self.busy == 0:
            self.quiet()

    def is_quiet(self) -> bool:
        return self.busy == 0

    async def wait_until(self, at_ms: int) -> None:
        """Hold what is going on here until the clock says `at_ms`; meanwhile it does not count."""
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def wake() -> None:
            # Counted at once: before the one who waits goes on, no clock may jump.
            if not woken.done():
                self.begin()
                woken.set_result(None)

        entry = self._agenda.at(at_ms, wake)
        self.end()
        try:
            await woken
        finally:
            if not woken.done() or woken.cancelled():
                self._agenda.cancel(entry)
                self.begin()
