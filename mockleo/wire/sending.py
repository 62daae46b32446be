"""An answer on its way out, with whatever is to go wrong with it, and the one who sends it so.

Most answers go straight through `Writer.write`; what faults have touched goes this way.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from mockleo.runtime.connection import connection_of
from mockleo.wire.http import JSON, hung_up

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.types import Message, Receive, Scope, Send

    from mockleo.runtime.activity import Activity
    from mockleo.runtime.outage import Outage
    from mockleo.wire.http import Writer

# What became of an answer: sent whole, cut off by us, or nobody was there any more to have it.
Outcome = Literal["answered", "cut", "gone"]


class Sending(msgspec.Struct, kw_only=True):
    """One answer. Times are milliseconds of the service's clock, sizes bytes.

    headers         sent as they are, after those that every answer has
    wait_ms         held back so long before its first byte
    cut_after       so many bytes of the body are sent, then the connection ends; None for all.
                    Below zero not even the head is sent
    reset           the connection ends by RST rather than FIN, where it is cut
    piece_bytes     sent in pieces of so many bytes, `piece_wait_ms` apart; 0 for all at once
    outage_ms       where it is cut, nobody listens any more for so long
    faults          the ids of the faults that have touched it
    """

    status: int
    body: bytes
    content_type: bytes = JSON
    why: str = ""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    wait_ms: int = 0
    cut_after: int | None = None
    reset: bool = False
    piece_bytes: int = 0
    piece_wait_ms: int = 0
    outage_ms: int = 0
    faults: tuple[str, ...] = ()

    @property
    def is_silent(self) -> bool:
        """Whether the client gets no byte of it."""
        return self.cut_after is not None and self.cut_after < 0


class CutOff(ConnectionResetError):
    """What a client in this process sees of an answer that was cut: there is no connection to end."""


class Transmitter:
    """Sends answers as their `Sending` says.

    `now_ms` is the clock's. `outage` is begun where a `Sending` wants one.
    """

    def __init__(
        self, *, activity: Activity, now_ms: Callable[[], int], outage: Outage | None = None
    ) -> None:
        self._activity = activity
        self._now_ms = now_ms
        self._outage = outage
        # In the order in which they began: so they are dropped, and noted, each time.
        self._waits: dict[_Wait, None] = {}

    async def transmit(
        self, sending: Sending, *, writer: Writer, scope: Scope, receive: Receive, send: Send
    ) -> Outcome:
        """Send one answer, and tell what became of it.

        Raises `CutOff` instead of returning "cut" where the client is in this process.
        """
        async with self._waiting(receive) as wait:
            outcome = await self._write(sending, writer, send, wait)
        if outcome == "cut":
            if wait.is_dropped:
                sending = msgspec.structs.replace(sending, outage_ms=0)
            await self._cut(sending, scope, receive)
        return outcome

    async def hold(self, at_ms: int, *, scope: Scope, receive: Receive) -> bool:
        """Hold back until then what somebody else is about to send. False where it is not to be
        sent any more: the client has hung up, or it was dropped, and the connection is ended.
        """
        async with self._waiting(receive) as wait:
            ended = await self._hold(wait, at_ms)
        if ended == "cut":
            await self._cut(Sending(status=0, body=b""), scope, receive)
        return ended is None

    def drop_held(self) -> None:
        """Cut every answer that waits for the clock: the clock may never come there."""
        for wait in self._waits:
            wait.drop()

    @asynccontextmanager
    async def _waiting(self, receive: Receive) -> AsyncIterator[_Wait]:
        """What an answer waits with, known to `drop_held`."""
        wait = _Wait(self._activity, receive)
        self._waits[wait] = None
        try:
            yield wait
        finally:
            self._waits.pop(wait, None)
            await wait.over()

    async def _write(self, sending: Sending, writer: Writer, send: Send, wait: _Wait) -> Outcome:
        """Send what is to be sent of it."""
        at_ms = self._now_ms() + sending.wait_ms
        if ended := await self._hold(wait, at_ms):
            return ended
        if sending.is_silent:
            return "cut"
        is_cut = sending.cut_after is not None
        await send(await self._head(sending, writer))
        pieces = _pieces(sending)
        for nth, piece in enumerate(pieces):
            if nth > 0 and (ended := await self._hold(wait, at_ms + nth * sending.piece_wait_ms)):
                return ended
            more = is_cut or nth + 1 < len(pieces)
            await send({"type": "http.response.body", "body": piece, "more_body": more})
        return "cut" if is_cut else "answered"

    async def _hold(self, wait: _Wait, at_ms: int) -> Outcome | None:
        return await wait.until(at_ms) if at_ms > self._now_ms() else None

    async def _head(self, sending: Sending, writer: Writer) -> Message:
        """The head that the writer sends with this body, whole as it would be."""
        messages: list[Message] = []

        async def take(message: Message) -> None:
            messages.append(message)

        extra = list(sending.headers)
        if sending.why:
            extra.append((b"x-mockleo-why", sending.why.encode("latin-1", "replace")))
        await writer.write(
            take,
            status=sending.status,
            body=sending.body,
            now_ms=self._now_ms(),
            content_type=sending.content_type,
            extra=extra,
        )
        return messages[0]

    async def _cut(self, sending: Sending, scope: Scope, receive: Receive) -> None:
        """End the connection; a client that tries again at once already meets the outage."""
        if sending.outage_ms and self._outage is not None:
            self._outage.begin(sending.outage_ms)
        connection = connection_of(scope)
        if connection is None:
            raise CutOff(sending.why or "the answer was cut off")
        if sending.reset:
            await connection.reset(receive)
        else:
            connection.close(receive)


def _pieces(sending: Sending) -> list[bytes]:
    """What is sent of the body, in the pieces in which it is sent; one at least."""
    body = sending.body if sending.cut_after is None else sending.body[: sending.cut_after]
    size = sending.piece_bytes or len(body) or 1
    return [body[start : start + size] for start in range(0, len(body), size)] or [b""]


class _Wait:
    """Waits for the clock, unless the client hangs up first or the answer is dropped."""

    def __init__(self, activity: Activity, receive: Receive) -> None:
        self._activity = activity
        self._receive = receive
        self._dropped: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # One for all waits of an answer: nobody may ask for two messages at once.
        self._gone: asyncio.Task[None] | None = None

    async def until(self, at_ms: int) -> Outcome | None:
        """None once it is `at_ms`, else how the answer has ended before."""
        if self._gone is None:
            self._gone = asyncio.create_task(hung_up(self._receive))
        clock = asyncio.create_task(self._activity.wait_until(at_ms))
        try:
            await asyncio.wait({clock, self._gone, self._dropped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _ended(clock)
        if self._gone.done():
            return "gone"
        return "cut" if self.is_dropped else None

    @property
    def is_dropped(self) -> bool:
        return self._dropped.done()

    def drop(self) -> None:
        if not self.is_dropped:
            self._dropped.set_result(None)

    async def over(self) -> None:
        """Ask for no more messages."""
        if self._gone is not None:
            await _ended(self._gone)


async def _ended(task: asyncio.Task[Any]) -> None:
    """Stop `task` and wait until it has tidied up after itself."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
