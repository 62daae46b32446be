"""How much is measured, and where."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Returned = TypeVar("Returned")


class Meaningless(Exception):
    """Something did not happen as it must for the numbers to mean anything."""


# Longer than any single piece of work takes, even on a busy machine.
PATIENCE_S = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How often, and for how long.

    `rounds` and `round_s` are the throughput's: so many turns of each server, of so many seconds.
    `starts` is the number of processes that are started of each kind, `repeats` the number of
    worlds that are filled and emptied.
    """

    rounds: int
    round_s: float
    starts: int
    repeats: int


FULL = Effort(rounds=15, round_s=1.0, starts=15, repeats=5)
QUICK = Effort(rounds=7, round_s=0.5, starts=7, repeats=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cores:
    """Who runs where; None leaves it to the system."""

    server: int | None
    load: int | None

    @classmethod
    def found(cls) -> "Cores":
        """Two cores of those that we may use, if there are two and the system lets us choose."""
        usable = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        if len(usable) < 2:
            return cls(server=None, load=None)
        return cls(server=usable[0], load=usable[1])


def pin(pid: int, core: int | None) -> None:
    """Keep a process (0: this one) on one core."""
    if core is not None:
        os.sched_setaffinity(pid, {core})


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What every measurement is given. `folder` is empty at first and goes away afterwards."""

    effort: Effort
    cores: Cores
    folder: Path
    _load: ProcessPoolExecutor

    def on_the_load_core(
        self, work: Callable[Given, Returned], *args: Given.args, **named: Given.kwargs
    ) -> Returned:
        """Have `work` done in the load generator's process."""
        return self._load.submit(work, *args, **named).result(PATIENCE_S)

    def in_a_process_of_its_own(
        self, work: Callable[Given, Returned], *args: Given.args, **named: Given.kwargs
    ) -> Returned:
        """Have `work` done where nothing has happened before."""
        with _one_process(self.cores.server) as process:
            return process.submit(work, *args, **named).result(PATIENCE_S)


@contextmanager
def prepared(effort: Effort) -> Iterator[Setting]:
    """A setting for as long as the block lasts."""
    cores = Cores.found()
    with TemporaryDirectory(prefix="mockleo-bench-") as folder, _one_process(cores.load) as load:
        yield Setting(effort=effort, cores=cores, folder=Path(folder), _load=load)


def _one_process(core: int | None) -> ProcessPoolExecutor:
    # Spawned, not forked: nothing of ours is in its memory.
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=pin, initargs=(0, core))
