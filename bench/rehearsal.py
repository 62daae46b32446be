"""Rehearsals in process: a whole day on a clock that is moved, and a journal that has long been full.

The day is told in seconds and the journal in megabytes, not in ratios: they are what somebody
waits and what his machine must have. Nothing that was lost or came twice counts as measured.
"""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from time import perf_counter
from typing import TYPE_CHECKING, Any

import msgspec
import psutil

from bench.report import Result
from bench.setting import Meaningless
from mockleo.app import App
from mockleo.runtime.delivery import Outcome
from mockleo.runtime.server import tune_collector
from mockleo.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.setting import Setting

DAY_S_MOST = 5.0
GROWN_MB_MOST = 10.0

JOBS = 1_000
POLLS_EACH = 7
_DAY_MS = 24 * 3_600_000
_POLL_MS = 1_000

REQUESTS = 200_000
_WARM = 50_000
_MB = 1 << 20

_PATH = "/api/rest/v1/generations"
_LAVISH = {
    "plans.credits.per_minute.all": 10**9,
    "plans.credits.per_minute.createGeneration": 10**9,
    "plans.credits.pending.image": 10**9,
}


class Stage:
    """An emulator in this process, a client without any HTTP between them, and a receiver."""

    def __init__(self, **settings: Any) -> None:
        self.app = App.of(Settings(seed=1, rules=_LAVISH, **settings))
        self.received: Counter[str] = Counter()
        self._answer = b""

    async def call(self, method: str, path: str, body: bytes = b"") -> Any:
        headers = [
            (b"host", b"127.0.0.1:5360"),
            (b"authorization", b"Bearer 7d1d4e3c-8f0a-4a55-9d3c-0f3d2f3f9d11"),
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
        ]
        scope = {
            "type": "http", "method": method, "path": path, "query_string": b"", "headers": headers,
            "client": ("127.0.0.1", 1), "root_path": "", "scheme": "http",
        }  # fmt: skip

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                if message["status"] != 200:
                    raise Meaningless(f"{method} {path} was answered {message['status']}")
            else:
                self._answer = message["body"]

        await self.app(scope, receive, send)
        return msgspec.json.decode(self._answer)

    async def order(self) -> str:
        made = await self.call("POST", _PATH, b'{"prompt":"a cat in the snow","num_images":1}')
        return str(made["sdGenerationJob"]["generationId"])

    async def take(self, _: str, *, body: bytes, **__: Any) -> Outcome:
        """What a receiver does, a turn of the loop later."""
        await asyncio.sleep(0)
        self.received[msgspec.json.decode(body)["data"]["object"]["id"]] += 1
        return Outcome(status=200)


def day(setting: Setting) -> Iterator[Result]:
    """24 hours with 1,000 jobs, 7,000 polls and 1,000 webhooks."""
    seconds = [asyncio.run(_day_s()) for _ in range(setting.effort.repeats)]
    yield Result(
        name=f"24 hours: {JOBS:,} jobs and webhooks, {JOBS * POLLS_EACH:,} polls, seconds",
        over="nothing",
        ratio=sorted(seconds)[len(seconds) // 2],
        spread=(min(seconds), max(seconds)),
        at_most=DAY_S_MOST,
        beside="in process, on a clock moved by hand",
    )


async def _day_s() -> float:
    stage = Stage(time="manual", webhook="http://127.0.0.1:9/hook")
    clock, scheduler = stage.app.clock, stage.app.scheduler
    stage.app.sender.deliver = stage.take
    async with stage.app.running():
        began_s, began_ms = perf_counter(), clock.now_ms()
        ordered = []
        for nth in range(JOBS):
            await scheduler.move_to(began_ms + nth * _DAY_MS // JOBS)
            ordered.append(await stage.order())
            for _ in range(POLLS_EACH):
                await scheduler.move_to(clock.now_ms() + _POLL_MS)
                await stage.call("GET", f"{_PATH}/{ordered[-1]}")
        await scheduler.settle()
        took_s = perf_counter() - began_s
    if stage.received != Counter(ordered):
        raise Meaningless("a webhook was lost, or came twice")
    return took_s


def journal(setting: Setting) -> Iterator[Result]:
    """What 200,000 requests add to the memory, once the first 50,000 have filled the journal."""
    grown = setting.in_a_process_of_its_own(_grown_mb)
    yield Result(
        name=f"memory grown by {REQUESTS:,} requests, journal full, MB",
        over="the first 50,000",
        ratio=grown,
        spread=(grown, grown),
        at_most=GROWN_MB_MOST,
    )


def _grown_mb() -> float:
    return asyncio.run(_poll_for_ever())


async def _poll_for_ever() -> float:
    stage = Stage(time="instant")
    ordered = [await stage.order() for _ in range(100)]
    tune_collector()
    before = 0
    for nth in range(REQUESTS):
        if nth == _WARM:
            gc.collect()
            before = _rss()
        await stage.call("GET", f"{_PATH}/{ordered[nth % len(ordered)]}")
    gc.collect()
    return max(0.0, (_rss() - before) / _MB)


def _rss() -> int:
    resident: int = psutil.Process().memory_info().rss
    return resident
