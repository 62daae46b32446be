"""Whole days and whole crowds in a moment: nothing is lost and nothing comes twice, on any clock."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any

import httpx
import pytest

from mockleo.app import App
from mockleo.core.generations import order_generation
from mockleo.core.orders import GenerationOrder
from mockleo.core.world import Booked
from mockleo.runtime.clock import Mode
from mockleo.runtime.delivery import Outcome
from mockleo.settings import Settings

HOOK = "http://127.0.0.1:9/hook"
LAVISH = {
    "plans.credits.per_minute.all": 10**9,
    "plans.credits.per_minute.createGeneration": 10**9,
    "plans.credits.pending.image": 10**9,
}
DAY_MS = 24 * 3_600_000


class Stage:
    """An emulator in this process whose webhooks go to a function."""

    def __init__(self, **settings: Any) -> None:
        given = {"seed": 1, "webhook": HOOK, "rules": {**LAVISH, **settings.pop("rules", {})}, **settings}
        self.app = App.of(Settings(**given))
        self.received: Counter[str] = Counter()
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url="http://leo.test",
            headers={"authorization": "Bearer a-key-of-somebody"},
        )
        self.app.sender.deliver = self.receive

    async def receive(self, _: str, *, body: bytes, **__: Any) -> Outcome:
        # A receiver takes its time, and the clock waits for it.
        await asyncio.sleep(0)
        self.received[json.loads(body)["data"]["object"]["id"]] += 1
        return Outcome(status=200)

    async def order(self) -> str:
        answer = await self.http.post("/api/rest/v1/generations", json={"prompt": "a cat", "num_images": 1})
        return str(answer.json()["sdGenerationJob"]["generationId"])

    async def status(self, generation_id: str) -> str:
        answer = await self.http.get(f"/api/rest/v1/generations/{generation_id}")
        return str(answer.json()["generations_by_pk"]["status"])

    async def __aenter__(self) -> Stage:
        self.life = self.app.running()
        await self.life.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.life.__aexit__(None, None, None)
        await self.http.aclose()


@pytest.mark.parametrize("jobs", [20_000])
def test_a_crowd_that_ends_in_one_second_is_told_of_once_each(jobs: int) -> None:
    async def play() -> tuple[Stage, list[str]]:
        async with Stage(time="manual", slots={"image": jobs}, rules={"durations.spread": 10}) as stage:
            world = stage.app.site.world
            account = world.open_account("a-key-of-somebody")
            account.calling = next(iter(account.keys))
            order = GenerationOrder(prompt="a cat", num_images=1)
            ordered = [order_generation(world, account, order).id for _ in range(jobs)]
            moved: Counter[tuple[str, str]] = Counter()
            stage.app.record.moved = lambda happened: moved.update(  # type: ignore[method-assign]
                (type(each).__name__ if isinstance(each, Booked) else each.state.name, each.job_id)  # type: ignore[attr-defined]
                for each in happened
            )
            await stage.app.scheduler.move_to(stage.app.clock.now_ms() + 5_000)
            await stage.app.scheduler.settle()
            expected = {(word, job_id) for job_id in ordered for word in ("Booked", "RUNNING", "COMPLETE")}
            assert set(moved) == expected
            assert set(moved.values()) == {1}
            return stage, ordered

    stage, ordered = asyncio.run(play())
    assert stage.received == Counter(ordered)
    ends_ms = [each.at_ms for each in stage.app.record.deliveries]
    assert max(ends_ms) - min(ends_ms) < 1_000


@pytest.mark.parametrize("time", ["manual", "auto"])
def test_a_day_of_polls_and_webhooks_passes(time: str) -> None:
    """1,000 jobs over 24 hours, each polled seven times and reported once."""

    async def play() -> tuple[Stage, list[str], Counter[str]]:
        seen: Counter[str] = Counter()
        async with Stage(time=time) as stage:
            clock, move_to = stage.app.clock, stage.app.scheduler.move_to
            begin_ms = clock.now_ms()
            ordered = []
            for nth in range(1_000):
                await move_to(max(clock.now_ms(), begin_ms + nth * DAY_MS // 1_000))
                ordered.append(await stage.order())
                for _ in range(7):
                    if time == "manual":
                        await move_to(clock.now_ms() + 1_000)
                    else:
                        await asyncio.sleep(0)
                    seen[await stage.status(ordered[-1])] += 1
            await stage.app.scheduler.settle()
        return stage, ordered, seen

    stage, ordered, seen = asyncio.run(play())
    assert stage.received == Counter(ordered)
    assert seen.total() == 7_000
    assert seen["COMPLETE"] >= 1_000
    if time == "manual":
        # Images take 3.6 to 4.4 s: three polls in a row come too early.
        assert seen["PENDING"] >= 3_000


def test_a_client_that_polls_sees_its_job_done_at_its_next_poll() -> None:
    async def play() -> list[str]:
        async with Stage(time="auto") as stage:
            seen = []
            for _ in range(3):
                generation = await stage.order()
                await asyncio.sleep(0.01)
                seen.append(await stage.status(generation))
            return seen

    assert asyncio.run(play()) == ["COMPLETE"] * 3


def test_switching_how_time_passes_loses_nothing() -> None:
    async def play() -> tuple[Stage, list[str]]:
        async with Stage(time="manual") as stage:
            clock = stage.app.clock
            ordered = []
            for mode in (Mode.AUTO, Mode.MANUAL, Mode.REAL, Mode.AUTO, Mode.MANUAL):
                ordered.append(await stage.order())
                before_ms = clock.now_ms()
                clock.switch(mode)
                stage.app.scheduler.rearm()
                assert clock.now_ms() >= before_ms
                await asyncio.sleep(0)
                ordered.append(await stage.order())
            await stage.app.scheduler.move_to(clock.now_ms() + 60_000)
            ledger = next(iter(stage.app.site.world.accounts.values())).ledger
            assert ledger.opening - sum(entry.credits for entry in ledger.entries) == ledger.balance
            return stage, ordered

    stage, ordered = asyncio.run(play())
    assert stage.received == Counter(ordered)
