"""What is going on at this moment: requests being answered, webhooks being sent.

Two questions are asked. Whether all has come to rest that does so without the clock: then a clock
that is moved by hand can go on to the next event. And whether no request is in flight at all, not
even one that is held back: then a clock that jumps may jump, so that who is to wait does wait.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Message, Receive

    from mockleo.runtime.agenda import Agenda


class Activity:
    """Counts what is going on, and calls `quiet` each time that it has come to rest."""

    __slots__ = ("_agenda", "busy", "held", "quiet")

    def __init__(self, *, agenda: Agenda, quiet: Callable[[], None] = lambda: None) -> None:
        self.busy = 0
        # Held back until the clock says so.
        self.held = 0
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
        """Whether all is at rest, but for what waits for the clock."""
        return self.busy == 0

    def is_still(self) -> bool:
        """Whether nothing is in flight, not even what waits for the clock."""
        return self.busy == 0 and self.held == 0

    def aside(self, receive: Receive) -> Receive:
        """`receive`, while which nothing is going on until the whole body is there: a client that
        is slow to send it stops no clock.
        """
        is_whole = False

        async def waiting() -> Message:
            nonlocal is_whole
            if is_whole:
                return await receive()
            self.end()
            try:
                message = await receive()
            finally:
                self.begin()
            is_whole = not message.get("more_body", False)
            return message

        return waiting

    async def wait_until(self, at_ms: int) -> None:
        """Hold what is going on here until the clock says `at_ms`; meanwhile it does not count."""
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def wake() -> None:
            # Counted at once: before the one who waits goes on, no clock may jump.
            if not woken.done():
                self._go_on()
                woken.set_result(None)

        entry = self._agenda.at(at_ms, wake)
        self.held += 1
        self.end()
        try:
            await woken
        finally:
            if not woken.done() or woken.cancelled():
                self._agenda.cancel(entry)
                self._go_on()

    def _go_on(self) -> None:
        self.held -= 1
        self.begin()
