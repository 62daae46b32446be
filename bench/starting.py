"""Beginnings: from the command to the first answer, memory while idle, and `mockleo --help`."""

from __future__ import annotations

import subprocess
import sys
from time import perf_counter
from typing import TYPE_CHECKING

import psutil

from bench.report import Result, compared
from bench.servers import BARE_STARLETTE, MOCKLEO, environment, first_200_s, free_port, mockleo, started

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.setting import Setting

START_AT_MOST = 1.6
IDLE_AT_MOST = 2.0
HELP_AT_MOST = 2.0

_MEGABYTE = 1_000_000


def start(setting: Setting) -> Iterator[Result]:
    """`mockleo serve` and a bare Starlette application: seconds to the first 200, bytes after it."""
    seconds: tuple[list[float], list[float]] = ([], [])
    bytes_idle: tuple[list[float], list[float]] = ([], [])
    for turn in range(setting.effort.starts + 1):
        for which, (path, command) in enumerate(_commands()):
            port = free_port()
            since_s = perf_counter()
            with started((*command, str(port)), setting) as process:
                took_s = first_200_s(port, path, since_s=since_s)
                rss = psutil.Process(process.pid).memory_info().rss
            # The first turn of each finds cold files.
            if turn:
                seconds[which].append(took_s)
                bytes_idle[which].append(rss)
    yield compared(
        "start to first 200",
        over="a bare Starlette application",
        ours=seconds[0],
        theirs=seconds[1],
        at_most=START_AT_MOST,
        unit="s",
    )
    yield compared(
        "memory after the first 200",
        over="a bare Starlette application",
        ours=[each / _MEGABYTE for each in bytes_idle[0]],
        theirs=[each / _MEGABYTE for each in bytes_idle[1]],
        at_most=IDLE_AT_MOST,
        unit="MB",
    )


def _commands() -> tuple[tuple[str, Sequence[str]], ...]:
    """What is asked for, and what is run; the port follows."""
    return ("/_mockleo/ready", mockleo("--port")), ("/ready", BARE_STARLETTE)


def help_text(setting: Setting) -> Iterator[Result]:
    """`mockleo --help`, over importing the library that prints it."""
    ours: list[float] = []
    theirs: list[float] = []
    for turn in range(setting.effort.starts + 1):
        for command, taken_s in (
            ((MOCKLEO, "--help"), ours),
            ((sys.executable, "-c", "import click"), theirs),
        ):
            since_s = perf_counter()
            subprocess.run(  # noqa: S603  our own commands
                command, check=True, stdout=subprocess.DEVNULL, cwd=setting.folder, env=environment()
            )
            if turn:
                taken_s.append(perf_counter() - since_s)
    yield compared(
        "mockleo --help",
        over="python -c 'import click'",
        ours=ours,
        theirs=theirs,
        at_most=HELP_AT_MOST,
        unit="s",
    )
