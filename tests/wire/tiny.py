"""A tiny application whose answers go out through a `Transmitter`, on a clock we hold.

    tiny = Tiny(Sending(status=200, body=b"{}", wait_ms=5_000))
    with Served(tiny) as served:
        with served.ask() as connection:
            served.held()
            served.move(5_000)
            assert connection.recv(1)

In process it is an ASGI application, and httpx's transport its client.
"""

import asyncio
import logging
import queue
import socket
import threading
from collections.abc import Awaitable, Callable, Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

import pytest
from starlette.types import Receive, Scope, Send

from mockleo.core.chance import Chance
from mockleo.runtime import server as server_module
from mockleo.runtime.activity import Activity
from mockleo.runtime.agenda import Agenda
from mockleo.runtime.clock import Clock, Mode
from mockleo.runtime.outage import Outage
from mockleo.runtime.scheduler import Scheduler
from mockleo.runtime.server import Server, listen
from mockleo.wire.http import Writer, read_body
from mockleo.wire.sending import Sending, Transmitter

T = TypeVar("T")

# For what comes at once: only a test that hangs waits so long.
PATIENCE_S = 20
REQUEST = b"GET / HTTP/1.1\r\nhost: leo.test\r\n\r\n"
START_MS = 1_767_225_600_000


class Tiny:
    """Answers every request with the next of `sendings`, the last one for ever."""

    def __init__(self, *sendings: Sending, mode: Mode = Mode.MANUAL) -> None:
        self.sendings = list(sendings)
        self.clock = Clock(mode, start_ms=START_MS)
        self.held = threading.Event()
        self.agenda = Agenda(changed=self._changed)
        self.activity = Activity(agenda=self.agenda, quiet=lambda: self.scheduler.quiet())
        self.scheduler = Scheduler(
            clock=self.clock,
            due_ms=self.agenda.due_ms,
            catch_up=self.catch_up,
            idle=self.activity.is_quiet,
        )
        self.outage = Outage(clock=self.clock, agenda=self.agenda, activity=self.activity)
        self.transmitter = Transmitter(activity=self.activity, now_ms=self.clock.now_ms, outage=self.outage)
        self.writer = Writer(chance=Chance(b"tiny"))
        self.outcomes: queue.Queue[str] = queue.Queue()
        # What the application waits for before it answers, if a test wants that.
        self.before: Callable[[], Awaitable[object]] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        self.activity.begin()
        outcome: str = "cut"
        try:
            await read_body(receive, bytes_max=1_000_000)
            if self.before is not None:
                await self.before()
            outcome = await self.transmitter.transmit(
                self.answer(), writer=self.writer, scope=scope, receive=receive, send=send
            )
        finally:
            self.outcomes.put(outcome)
            self.activity.end()

    def answer(self) -> Sending:
        return self.sendings.pop(0) if len(self.sendings) > 1 else self.sendings[0]

    def catch_up(self) -> None:
        self.agenda.run(self.clock.now_ms())

    def _changed(self) -> None:
        self.held.set()
        self.scheduler.arm()

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self.scheduler.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.scheduler.stop()
        await send({"type": "lifespan.shutdown.complete"})


class Served:
    """A `Tiny` on a real socket, in a thread of its own. `noise` is what uvicorn has to say."""

    def __init__(self, tiny: Tiny) -> None:
        self.tiny = tiny
        self.noise: list[str] = []
        self._ready = threading.Event()
        listener = listen("127.0.0.1", 0)
        self.port: int = listener.getsockname()[1]
        self.server = Server(tiny, on_ready=self._started, on_stop=tiny.transmitter.drop_held)
        tiny.outage.door = self.server
        self._thread = threading.Thread(target=self.server.run, kwargs={"sockets": [listener]})

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(PATIENCE_S), "the server has not started"
        self._ear = _Ear(self.noise)
        logging.getLogger("uvicorn.error").addHandler(self._ear)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.should_exit = True
        self._thread.join(PATIENCE_S)
        logging.getLogger("uvicorn.error").removeHandler(self._ear)
        assert not self._thread.is_alive(), "the server has not stopped"

    def ask(self, request: bytes = REQUEST) -> socket.socket:
        """A connection on which a request has been sent."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)
        connection.sendall(request)
        return connection

    def held(self) -> None:
        """Come back once something waits for the clock."""
        assert self.tiny.held.wait(PATIENCE_S), "nothing waits for the clock"
        self.tiny.held.clear()
        # Whoever has asked for the clock has also begun to listen for the client, one turn later.
        self.do(_nothing())

    def move(self, by_ms: int) -> None:
        """Move the clock on."""
        self.do(self.tiny.scheduler.move_to(self.tiny.clock.now_ms() + by_ms))

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it where the requests are answered."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)

    def call(self, work: Callable[[], T]) -> T:
        async def do() -> T:
            return work()

        return self.do(do())

    def outcome(self) -> str:
        return self.tiny.outcomes.get(timeout=PATIENCE_S)

    def refuses(self) -> bool:
        """Whether nobody listens there."""
        with socket.socket() as caller:
            return caller.connect_ex(("127.0.0.1", self.port)) != 0

    def _started(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._ready.set()


class _Ear(logging.Handler):
    def __init__(self, heard: list[str]) -> None:
        super().__init__()
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING:
            self._heard.append(record.getMessage())


async def _nothing() -> None:
    await asyncio.sleep(0)


def read_all(connection: socket.socket) -> tuple[bytes, str]:
    """All that comes, and how it ended: "closed" or "reset"."""
    came = b""
    try:
        while some := connection.recv(65_536):
            came += some
    except ConnectionResetError:
        return came, "reset"
    return came, "closed"


def read_answer(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """One whole answer: status, headers and body."""
    with connection.makefile("rb") as stream:
        status = int(stream.readline().split()[1])
        headers = {}
        while (line := stream.readline()) != b"\r\n":
            name, _, value = line.decode().partition(":")
            headers[name] = value.strip()
        return status, headers, stream.read(int(headers["content-length"]))


def use_h11(monkeypatch: pytest.MonkeyPatch) -> None:
    """Serve as where httptools cannot be had."""
    from mockleo.runtime.protocol_h11 import WithConnection

    monkeypatch.setattr(server_module, "_protocol", lambda: WithConnection)
