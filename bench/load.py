"""The load generator: connections that are kept, one request under way on each.

The request's bytes are made beforehand and an answer is read no further than its length needs,
so that the generator costs less than the server. The server's CPU time is read at both ends of
the very window in which its answers are counted.
"""

import selectors
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from time import perf_counter

import psutil

from bench.setting import Meaningless

CONNECTIONS = 32
WARM_UP_S = 0.3
# A round ends at this number of answers if not by time: what is ordered stays in memory.
ANSWERS_MOST = 100_000
SILENCE_S = 10.0

_OK = b"HTTP/1.1 200"
_LENGTH = b"content-length: "
_CHUNK = 1 << 16


class BadAnswer(Meaningless):
    """An answer that is none, or no 200."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What one round has seen. `cpu_s` is the server's, user and system."""

    answers: int
    wall_s: float
    cpu_s: float

    @property
    def by_cpu(self) -> float:
        """Requests per CPU second of the server."""
        return self.answers / self.cpu_s

    @property
    def by_wall(self) -> float:
        """Requests per second."""
        return self.answers / self.wall_s


def drive(*, port: int, pid: int, request: bytes, seconds: float) -> Pace:
    """Send `request` over and over for `seconds`; every answer must be a 200."""
    server = psutil.Process(pid)
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        for _ in range(CONNECTIONS):
            connection = _Connection(stack.enter_context(socket.create_connection(("127.0.0.1", port))))
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send(request)
        _pump(selector, request, seconds=WARM_UP_S)
        cpu_s, started_s = _cpu_s(server), perf_counter()
        answers = _pump(selector, request, seconds=seconds)
        return Pace(
            answers=answers, wall_s=perf_counter() - started_s, cpu_s=max(_cpu_s(server) - cpu_s, 1e-9)
        )


def ask(port: int, request: bytes) -> bytes:
    """The body of the answer to one request."""
    with socket.create_connection(("127.0.0.1", port), timeout=SILENCE_S) as plain:
        connection = _Connection(plain)
        connection.send(request)
        while not connection.complete():
            pass
        return connection.body


def _pump(selector: selectors.BaseSelector, request: bytes, *, seconds: float) -> int:
    """Answer each answer with the next request; return how many there were."""
    answers = 0
    deadline_s = perf_counter() + seconds
    while perf_counter() < deadline_s and answers < ANSWERS_MOST:
        for connection in _readable(selector):
            if connection.complete():
                answers += 1
                connection.send(request)
    return answers


def _readable(selector: selectors.BaseSelector) -> Iterator["_Connection"]:
    """Those that have something for us; we stay awake until one has.

    Waking a sleeper is paid for by whoever writes to it. A server that outruns us would never
    pay, a slower one at each answer, and that is no difference between the servers.
    """
    silent_until_s = perf_counter() + SILENCE_S
    while not (ready := selector.select(0)):
        if perf_counter() > silent_until_s:
            raise BadAnswer(f"the server has been silent for {SILENCE_S:.0f} s")
    for key, _ in ready:
        yield key.data


class _Connection:
    """One connection and what has come of the answer that it waits for."""

    __slots__ = ("_awaited", "_kept", "socket")

    def __init__(self, connected: socket.socket) -> None:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = connected
        self._kept = b""
        self._awaited = 0

    def send(self, request: bytes) -> None:
        self._kept, self._awaited = b"", 0
        self.socket.sendall(request)

    def complete(self) -> bool:
        """Read what is there; True once that was the last of the answer."""
        chunk = self.socket.recv(_CHUNK)
        if not chunk:
            raise BadAnswer("the server has hung up")
        self._kept = self._kept + chunk if self._kept else chunk
        if not self._awaited:
            self._awaited = _length(self._kept)
        return len(self._kept) == self._awaited

    @property
    def body(self) -> bytes:
        return self._kept.partition(b"\r\n\r\n")[2]


def _length(answer: bytes) -> int:
    """How long the answer will be, head and body; 0 while its head is not complete."""
    head = answer.find(b"\r\n\r\n")
    if head < 0:
        return 0
    if not answer.startswith(_OK):
        raise BadAnswer(answer[:300].decode("latin-1"))
    start = answer.index(_LENGTH) + len(_LENGTH)
    return head + 4 + int(answer[start : answer.index(b"\r", start)])


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
