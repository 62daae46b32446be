"""From the end of a job to the webhook of its key.

What sends is made at first use: most runs have no webhooks, and what it imports would lengthen
every start.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from mockleo.faults.webhooks import mischief_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockleo.core.rules import Rules
    from mockleo.core.world import Ended
    from mockleo.faults.plan import Plan
    from mockleo.runtime.webhooks import Sender


class Reporter:
    """Tells receivers of jobs that have ended. `open_sender` makes who sends."""

    def __init__(self, *, rules: Rules, faults: Plan, open_sender: Callable[[], Sender]) -> None:
        self._rules = rules
        self._faults = faults
        self._open_sender = open_sender
        self._sender: Sender | None = None
        self._running = False
        # Set while an order is carried out that is answered behind its webhook.
        self._first: asyncio.Event | None = None
        self._first_is_awaited = False

    @property
    def sender(self) -> Sender:
        if self._sender is None:
            self._sender = self._open_sender()
            if self._running:
                self._sender.start()
        return self._sender

    def start(self) -> None:
        """Send from now on, also what has been waiting."""
        self._running = True
        if self._sender is not None:
            self._sender.start()

    async def stop(self) -> None:
        self._running = False
        if self._sender is not None:
            await self._sender.stop()

    def clear(self) -> None:
        """Forget everything that is on its way."""
        if self._sender is not None:
            self._sender.clear()

    def tell(self, ended: Ended) -> None:
        """Let the key's webhook know of a job's end, if such ends are reported at all."""
        from mockleo.wire.webhooks import event_of

        event = event_of(ended.job, self._rules)
        if event is None:
            return
        if self._faults.is_empty:
            self.sender.send(ended, event)
            return
        call = self._faults.open(
            event,
            user_id=ended.account.user_id,
            key_id=ended.key.id,
            sent=ended.job.id.encode(),
            now_ms=ended.at_ms,
        )
        mischief = mischief_of(call.faults)
        fate = ended.job.fate
        if self._first is not None and fate is not None and fate.at_once:
            mischief = msgspec.structs.replace(mischief, before_answer=self._first)
            self._first_is_awaited = True
        self.sender.send(ended, event, mischief)

    async def before_the_answer(self, let_it_end: Callable[[], None]) -> None:
        """Let what was ordered end at once, and come back when its webhook has been sent."""
        self._first, self._first_is_awaited = first, _ = asyncio.Event(), False
        let_it_end()
        is_awaited = self._first_is_awaited
        self._first = None
        if is_awaited and self._running:
            await first.wait()
