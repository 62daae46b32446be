"""Many jobs: what finished ones weigh, and how `advance` grows with pending ones.

In process, without a server: what is asked about is the core. Orders are decoded from bytes
one by one, so that they share no more than a client's would.
"""

from __future__ import annotations

import gc
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

import msgspec
import psutil

from bench.report import Result, compared
from bench.setting import Meaningless
from bench.throughput import ORDER
from mockleo.app import App
from mockleo.changes import changed
from mockleo.core.account import Plan
from mockleo.core.generations import order_generation
from mockleo.core.lifecycle import State
from mockleo.core.orders import GenerationOrder
from mockleo.core.world import World
from mockleo.runtime.clock import Clock, Mode
from mockleo.runtime.server import tune_collector
from mockleo.settings import Settings
from mockleo.wire.contract import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.setting import Setting
    from mockleo.core.account import Account
    from mockleo.wire.contract import Contract

JOB_BYTES_MOST = 4_096
GROWTH_AT_MOST = 2.0

MANY = 100_000
FEW = 1_000
# One world of a few jobs is emptied in milliseconds: so many make one sample.
_WORLDS_OF_FEW = 10
_SLOTS = 10
_BATCH = 1_000
_LONG_MS = 10**10

_BODY = msgspec.json.encode(ORDER)
_decode = msgspec.json.Decoder(GenerationOrder).decode


def weight(setting: Setting) -> Iterator[Result]:
    """Resident memory for each finished job of four images, journal and all."""
    samples = [
        setting.in_a_process_of_its_own(bytes_per_finished_job, MANY)
        for _ in range(max(1, setting.effort.repeats // 2))
    ]
    yield compared(
        f"memory for each of {MANY:,} finished jobs",
        over=f"{JOB_BYTES_MOST:,} bytes",
        ours=samples,
        theirs=[JOB_BYTES_MOST] * len(samples),
        at_most=1.0,
        unit="bytes",
    )


def growth(setting: Setting) -> Iterator[Result]:
    """`advance` over many pending jobs, over the same with few, for each job that ends."""
    for slots, where in ((MANY, "all running at once"), (_SLOTS, f"queued behind {_SLOTS}")):
        few, many = setting.in_a_process_of_its_own(advance_us, slots, setting.effort.repeats)
        yield compared(
            f"advance for each of {MANY:,} pending jobs, {where}",
            over=f"each of {FEW:,}",
            ours=many,
            theirs=few,
            at_most=GROWTH_AT_MOST,
            unit="us",
        )


def bytes_per_finished_job(jobs: int) -> float:
    """What the process has grown by, for each of so many jobs."""
    clock = Clock(Mode.MANUAL)
    contract = changed(load(), rules={"plans.credits.pending.image": jobs}, refusals={})
    app = App(settings=Settings(seed=1, time="manual"), contract=contract, clock=clock)
    account = app.site.world.open_account("bench")
    tune_collector()
    before = _rss()
    for _ in range(jobs // _BATCH):
        _order(app.site.world, account, _BATCH)
        clock.jump(clock.now_ms() + _LONG_MS // jobs * _BATCH)
        app.catch_up()
    gc.collect()
    grown = _rss() - before
    if sum(job.state is State.COMPLETE for job in account.generations.values()) != jobs:
        raise Meaningless("not all jobs are finished")
    return grown / jobs


def advance_us(slots: int, repeats: int) -> tuple[list[float], list[float]]:
    """Microseconds for each job that ends: when few were pending, and when many were; by turns."""
    contract = load()
    tune_collector()
    few, many = [], []
    for _ in range(repeats):
        few.append(median(_advanced_us(contract, slots, FEW) for _ in range(_WORLDS_OF_FEW)))
        many.append(_advanced_us(contract, slots, MANY))
    return few, many


def _advanced_us(contract: Contract, slots: int, jobs: int) -> float:
    plan = Plan(name="bench", unit="CREDITS", credits=2**31 - 1, slots={"image": slots})
    world = World(rules=contract.rules, catalogue=contract.catalogue, plan=plan, seed=1, now_ms=0)
    account = world.open_account("bench")
    _order(world, account, jobs)
    since_s = perf_counter()
    world.advance(_LONG_MS)
    took_s = perf_counter() - since_s
    if world.due_ms() is not None:
        raise Meaningless("not all jobs have ended")
    return took_s * 1_000_000 / jobs


def _order(world: World, account: Account, jobs: int) -> None:
    for _ in range(jobs):
        order_generation(world, account, _decode(_BODY))


def _rss() -> int:
    resident: int = psutil.Process().memory_info().rss
    return resident
