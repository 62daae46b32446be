"""A door to an ASGI application in this process: no socket, and a clock that costs no time."""

from __future__ import annotations

import asyncio
import logging
import threading
from concurrent.futures import CancelledError
from time import perf_counter
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from mockleo.conformance.door import ABILITIES, Answer, MayNot, NoAnswer, Request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from concurrent.futures import Future
    from contextlib import AbstractAsyncContextManager

    from starlette.types import ASGIApp, Message, Scope


_LOG = logging.getLogger(__name__)


class InProcess:
    """Calls `app` on an event loop of its own, in a thread of its own.

    `running` lasts as long as the door: what the application does beside requests. `move` lets so
    many milliseconds of its time pass.
    """

    abilities = ABILITIES

    def __init__(
        self,
        app: ASGIApp,
        *,
        base_url: str,
        api_key: str,
        move: Callable[[int], Awaitable[None]],
        running: Callable[[], AbstractAsyncContextManager[None]],
    ) -> None:
        self.base_url = base_url
        self.api_key = api_key
        self._app = app
        self._move = move
        self._running = running()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="in process", daemon=True)
        # Held while a call is handed over, so that none comes after the last.
        self._lock = threading.Lock()
        self._closed = False
        self._thread.start()
        try:
            self._on_loop(self._running.__aenter__())
        except BaseException:
            self._closed = True
            self._stop()
            raise

    def send(self, request: Request) -> Answer:
        answer: Answer = self._on_loop(self._ask(request))
        return answer

    def wait(self, ms: int) -> None:
        async def move() -> None:
            await self._move(ms)

        self._on_loop(move())

    def close(self) -> None:
        """Be done. Who still waits for an answer then gets none; a second time nothing happens."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            ending = self._begin(self._end())
        try:
            ending.result()
        finally:
            self._stop()

    async def _end(self) -> None:
        """Let the application end, and go of every call that is still under way."""
        try:
            await self._running.__aexit__(None, None, None)
        finally:
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _on_loop(self, work: Coroutine[Any, Any, Any]) -> Any:
        with self._lock:
            if self._closed:
                work.close()
                raise MayNot("the door is closed")
            done = self._begin(work)
        try:
            return done.result()
        except CancelledError:
            raise NoAnswer("the door was closed before the answer was there") from None

    def _begin(self, work: Coroutine[Any, Any, Any]) -> Future[Any]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def _ask(self, request: Request) -> Answer:
        told: list[Message] = []
        read = False

        async def receive() -> Message:
            nonlocal read
            if read:
                # The client stays on the line until it has its answer.
                await asyncio.Event().wait()
            read = True
            return {"type": "http.request", "body": request.body, "more_body": False}

        async def send(message: Message) -> None:
            told.append(message)

        began_s = perf_counter()
        try:
            await self._app(_scope(request), receive, send)
        except ConnectionError as error:
            raise NoAnswer(str(error)) from None
        except Exception:
            # What a server does whose application breaks.
            _LOG.exception("the application has broken")
            if not told:
                return _broken(began_s)
        if len(told) < 2 or told[-1].get("more_body", False):
            raise NoAnswer("the answer was cut off")
        return Answer(
            status=told[0]["status"],
            headers=tuple(
                (name.decode("latin-1").lower(), value.decode("latin-1"))
                for name, value in told[0]["headers"]
            ),
            body=b"".join(message.get("body", b"") for message in told[1:]),
            elapsed_ms=(perf_counter() - began_s) * 1000,
        )


def _broken(began_s: float) -> Answer:
    return Answer(
        status=500,
        headers=(("content-type", "text/plain; charset=utf-8"),),
        body=b"Internal Server Error",
        elapsed_ms=(perf_counter() - began_s) * 1000,
    )


def _scope(request: Request) -> Scope:
    url = urlsplit(request.url)
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in request.headers]
    names = {name for name, _ in headers}
    if b"host" not in names:
        headers.insert(0, (b"host", url.netloc.encode("latin-1")))
    if request.body and not names & {b"content-length", b"transfer-encoding"}:
        headers.append((b"content-length", b"%d" % len(request.body)))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": url.scheme,
        "path": unquote(url.path) or "/",
        "raw_path": url.path.encode("latin-1") or b"/",
        "query_string": url.query.encode("latin-1"),
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": (url.hostname, url.port or 80),
        "state": {},
    }
