"""Processes that are started, found ready, and stopped whatever happens."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep
from typing import IO, TYPE_CHECKING

from bench.setting import Meaningless, pin

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.setting import Setting

PATIENCE_S = 30.0
_LOOK_AGAIN_S = 0.001
_ROOT = Path(__file__).resolve().parents[1]

MOCKLEO = str(Path(sys.executable).with_name("mockleo"))
BARE = (sys.executable, "-m", "bench.bare")
BARE_STARLETTE = (sys.executable, str(Path(__file__).with_name("bare_starlette.py")))


class NotStarted(Meaningless):
    """A server that did not become ready."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    port: int
    pid: int


def environment() -> dict[str, str]:
    """Ours, without settings of the emulator's, and with this package in reach."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MOCKLEO_")}
    return {**kept, "PYTHONPATH": str(_ROOT)}


@contextmanager
def started(command: Sequence[str], setting: Setting) -> Iterator[subprocess.Popen[bytes]]:
    """A process on the servers' core. It begins in an empty folder: no settings lie there."""
    process = subprocess.Popen(  # noqa: S603  our own servers
        command, stdout=subprocess.PIPE, cwd=setting.folder, env=environment()
    )
    try:
        pin(process.pid, setting.cores.server)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


@contextmanager
def serving(command: Sequence[str], setting: Setting) -> Iterator[Running]:
    """A server that prints a line of JSON when it is ready."""
    with started(command, setting) as process:
        line = _first_line(process.stdout)
        if not line:
            raise NotStarted(" ".join(command))
        url = json.loads(line)["url"]
        yield Running(port=int(url.rpartition(":")[2]), pid=process.pid)


def _first_line(output: IO[bytes] | None) -> bytes:
    """What the process says first; nothing if it ends, or takes too long."""
    if output is None or not select.select([output], [], [], PATIENCE_S)[0]:
        return b""
    return output.readline()


# The limits are counted, and so high that a load of thousands a second does not meet them.
UNMET = (
    "--rule", "plans.credits.per_minute.all=1000000000",
    "--rule", "plans.credits.per_minute.createGeneration=1000000000",
    "--rule", "plans.credits.pending.image=1000000000",
)  # fmt: skip


def mockleo(*flags: str) -> tuple[str, ...]:
    """The emulator, with the same seed always."""
    return (MOCKLEO, "serve", "--json", "--seed", "1", *UNMET, *flags)


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def first_200_s(port: int, path: str, *, since_s: float) -> float:
    """Seconds from `since_s` (of `perf_counter`) until `path` answers with 200."""
    request = f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n".encode()
    while perf_counter() - since_s < PATIENCE_S:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as connection:
                connection.sendall(request)
                if connection.recv(64).startswith(b"HTTP/1.1 200"):
                    return perf_counter() - since_s
        except OSError:
            sleep(_LOOK_AGAIN_S)
    raise NotStarted(f"nothing answers on port {port}")
