"""The emulator inside a Python process: the same server, on a free port, in a thread."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, Self

from mockleo.app import App
from mockleo.probing import ask
from mockleo.runtime.clock import Mode
from mockleo.runtime.server import Server, listen
from mockleo.settings import BadSetting, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import TracebackType

_PATIENCE_S = 30


class Emulator:
    """A server for as long as the `with` block lasts.

    Takes the settings of `mockleo serve` by name (`time="instant"`, `keys="strict"`, ...), and a
    free port unless one is named.

        with Emulator(seed=7, time="instant") as emulator:
            httpx.get(f"{emulator.base_url}/me", headers={"authorization": f"Bearer {emulator.api_key}"})
    """

    def __init__(self, *, port: int = 0, **settings: Any) -> None:
        try:
            self.settings = Settings(port=port, **settings)
        except TypeError as error:
            raise BadSetting(str(error)) from None
        self._server: Server | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        self._failure: BaseException | None = None

    def start(self) -> Self:
        """Start the server and return once it answers."""
        assert self._thread is None, "an emulator starts once"
        listener = listen(self.settings.host, self.settings.port)
        self.settings = self.settings.listening_on(listener.getsockname()[1])
        try:
            self.app = App.of(self.settings)
        except BaseException:
            listener.close()
            raise
        self._server = server = Server(self.app, on_ready=self._started, on_stop=self.app.let_go)
        self.app.outage.door = server

        def serve() -> None:
            try:
                server.run(sockets=[listener])
            except BaseException as error:
                self._failure = error
            finally:
                listener.close()
                self._ready.set()

        self._thread = threading.Thread(target=serve, name="mockleo", daemon=True)
        self._thread.start()
        self._ready.wait(_PATIENCE_S)
        if self._loop is None:
            raise RuntimeError("the emulator did not start") from self._failure
        return self

    def stop(self) -> None:
        """Stop the server and wait for it; a second time does nothing."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(_PATIENCE_S)
            assert not self._thread.is_alive(), "the server has not stopped"
            self._server = self._loop = None

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return self.settings.url

    @property
    def base_url(self) -> str:
        """What an SDK takes as its server."""
        return self.app.base_url

    @property
    def api_key(self) -> str:
        """A key that works."""
        return self.app.api_key

    def advance(self, by_ms: int) -> None:
        """Move the clock on, with `time="manual"`; everything due on the way has happened then.

        That includes what follows from it: a webhook is answered before the next thing happens.
        """
        clock = self.app.clock
        if clock.mode is not Mode.MANUAL:
            raise BadSetting(f"time: {clock.mode.value} passes by itself; advance needs manual")
        if by_ms < 0:
            raise ValueError(f"time does not go backwards: {by_ms} ms")

        async def move() -> None:
            await self.app.scheduler.move_to(clock.now_ms() + by_ms)

        self.on_loop(move)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the operator's API, `control("POST", "faults", {...})`; its answer, decoded.

        Raises `ControlRefused` with the field and the reason where it says no.
        """
        return ask(method, f"{self.url}/_mockleo/{path.lstrip('/')}", body, token=self.settings.control_token)

    def reset(self) -> None:
        """Begin again: no accounts, no jobs, no objects, no record."""

        async def begin_again() -> None:
            self.app.reset()

        self.on_loop(begin_again)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _started(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._ready.set()

    def on_loop(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do `work` where the requests are answered, and wait for it: nothing else happens there
        until it awaits something.
        """
        assert self._loop is not None, "the emulator is not running"
        asyncio.run_coroutine_threadsafe(work(), self._loop).result()
