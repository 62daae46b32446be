"""What names mean, asked of the system: it answers when it likes, and cannot be interrupted.

A name that nobody answers for takes seconds, again and again. So each is looked up once at a
time, however many want to know, in a thread of its own: a dead name holds up those who ask for
it, and nobody else. Nothing is kept: whoever asks after an answer has come has it looked up anew.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from threading import Lock, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Addresses = tuple[str, ...]
    # Raises an `OSError` where the name means nothing.
    Ask = Callable[[str], Addresses]
    Told = asyncio.Future[Addresses]

# Names that are looked up at once, in the whole process; the next ones wait for one of them.
THREADS_MOST = 64


def ask_the_system(host: str) -> Addresses:
    """The addresses of `host`, in the order in which to try them. Blocks, for seconds at worst."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


class Lookups:
    """Looks names up, for every loop of the process."""

    def __init__(self, ask: Ask = ask_the_system, *, threads_most: int = THREADS_MOST) -> None:
        self._ask = ask
        self._threads_most = threads_most
        self._lock = Lock()
        self._threads = 0
        # Who waits for each name that is being looked up or will be. Of the first nobody may be
        # left, and it still counts: the thread that is on it cannot be called back.
        self._waiting: dict[str, list[Told]] = {}
        self._queue: deque[str] = deque()

    async def find(self, host: str) -> Addresses:
        """The addresses of `host`. Who is cancelled meanwhile leaves, and disturbs nobody."""
        told: Told = asyncio.get_running_loop().create_future()
        with self._lock:
            if host not in self._waiting:
                self._waiting[host] = []
                self._queue.append(host)
            self._waiting[host].append(told)
        try:
            self._start()
            return await told
        finally:
            self._leave(host, told)

    def _start(self) -> None:
        """See to it that somebody looks up what is in the queue."""
        with self._lock:
            if not self._queue or self._threads >= self._threads_most:
                return
            self._threads += 1
        try:
            # A daemon: a dead name must not keep the process from ending.
            Thread(target=self._work, name="mockleo lookup", daemon=True).start()
        except RuntimeError as error:
            with self._lock:
                self._threads -= 1
            raise OSError(f"the name cannot be looked up: {error}") from error

    def _leave(self, host: str, told: Told) -> None:
        with self._lock:
            waiting = self._waiting.get(host, [])
            if told in waiting:
                waiting.remove(told)
                if not waiting and host in self._queue:
                    self._queue.remove(host)
                    del self._waiting[host]

    def _work(self) -> None:
        """Look names up until there are none in the queue. Runs in a thread."""
        while (host := self._next()) is not None:
            answer: Addresses | Exception
            try:
                answer = self._ask(host)
            except Exception as error:
                answer = error
            with self._lock:
                waiting = self._waiting.pop(host)
            for told in waiting:
                _tell(told, answer)

    def _next(self) -> str | None:
        with self._lock:
            if self._queue:
                return self._queue.popleft()
            self._threads -= 1
            return None


def _tell(told: Told, answer: Addresses | Exception) -> None:
    """Hand the answer over to the loop that waits for it."""

    def hear() -> None:
        if told.done():
            return
        if isinstance(answer, Exception):
            told.set_exception(answer)
        else:
            told.set_result(answer)

    try:
        told.get_loop().call_soon_threadsafe(hear)
    except RuntimeError:
        # The loop is closed, and nobody waits there any more.
        assert told.get_loop().is_closed()
