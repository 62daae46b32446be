"""Receivers of webhooks on real sockets: they answer as they are told, and remember what came."""

import asyncio
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from socket import SO_LINGER, SOL_SOCKET
from typing import Any, NamedTuple

# The wall's patience with a test that hangs; nothing waits for it to pass.
PATIENCE_S = 30

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"

Peer = asyncio.StreamWriter
Behaviour = Callable[[Peer], Awaitable[None]]


class Came(NamedTuple):
    """One request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes


def in_a_loop(test: Coroutine[Any, Any, None]) -> None:
    """Run `test` to its end; nothing may be left behind, nor complain that nobody looked at it."""
    complaints: list[Any] = []

    async def guarded() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
        async with asyncio.timeout(PATIENCE_S):
            await test
        # What was cancelled last is gone after a turn or two of the loop.
        for _ in range(3):
            await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(guarded())
    assert complaints == []


async def until(true: Callable[[], bool]) -> None:
    """Let everybody go on until it is."""
    while not true():  # noqa: ASYNC110  what is waited for happens in many places
        await asyncio.sleep(0)


class Receiver:
    """Answers each request with the next behaviour, and with the last one for ever."""

    def __init__(self, *behaviours: Behaviour) -> None:
        self._behaviours = list(behaviours)
        self.came: list[Came] = []
        self.connections = 0
        self.open: set[asyncio.Task[None]] = set()
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.open.add(task)
        self.connections += 1
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                line, *rest = head.rstrip("\r\n").split("\r\n")
                headers = dict(each.split(": ", 1) for each in rest)
                body = await reader.readexactly(int(headers["content-length"]))
                self.came.append(Came(line, headers, body))
                nth = min(len(self.came), len(self._behaviours)) - 1
                await self._behaviours[nth](writer)
                await writer.drain()
        finally:
            writer.close()
            self.open.discard(task)

    async def stop(self) -> None:
        for task in list(self.open):
            task.cancel()
        await asyncio.gather(*self.open, return_exceptions=True)


@asynccontextmanager
async def receiving(
    *behaviours: Behaviour, tls: ssl.SSLContext | None = None, name: str = "127.0.0.1"
) -> AsyncIterator[Receiver]:
    receiver = Receiver(*(behaviours or (answering(OK),)))
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    receiver.url = f"{'https' if tls else 'http'}://{name}:{port}/hook?a=1"
    try:
        yield receiver
    finally:
        server.close()
        await receiver.stop()


def answering(raw: bytes) -> Behaviour:
    """Send these bytes and hang up."""

    async def behave(peer: Peer) -> None:
        peer.write(raw)

    return behave


def answering_for_ever(head: bytes, piece: bytes) -> Behaviour:
    async def behave(peer: Peer) -> None:
        peer.write(head)
        while True:
            peer.write(piece)
            await peer.drain()

    return behave


async def silent(_: Peer) -> None:
    """Never answer."""
    await asyncio.get_running_loop().create_future()


def keeping_open(raw: bytes) -> Behaviour:
    """Send these bytes and wait for more."""

    async def behave(peer: Peer) -> None:
        peer.write(raw)
        await silent(peer)

    return behave


def resetting_after(raw: bytes) -> Behaviour:
    """Send these bytes, then end the connection by RST."""

    async def behave(peer: Peer) -> None:
        peer.write(raw)
        await peer.drain()
        peer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        peer.transport.abort()

    return behave


async def a_dead_url() -> str:
    """Where nothing listens any more."""
    async with receiving() as receiver:
        return receiver.url
