"""Lookups that take for ever: whom they hold up, and whom not."""

import asyncio
import gc
import threading
from collections import defaultdict
from collections.abc import Coroutine
from typing import Any

import pytest

from mockleo.runtime.lookups import THREADS_MOST, Lookups

from .receivers import PATIENCE_S, in_a_loop, until

FOUND = ("127.0.0.1",)


class Names:
    """A system that answers for a name once that is let go, and counts how often it was asked."""

    def __init__(self, *, dead: tuple[str, ...] = ()) -> None:
        self.asked: list[str] = []
        self.gates: dict[str, threading.Event] = defaultdict(threading.Event)
        self._dead = dead

    def ask(self, host: str) -> tuple[str, ...]:
        self.asked.append(host)
        assert self.gates[host].wait(PATIENCE_S)
        if host in self._dead:
            raise OSError(f"{host} means nothing")
        return FOUND

    def let_go(self, *hosts: str) -> None:
        for host in hosts or list(self.gates):
            self.gates[host].set()


def finding(names: Names, test: Any, *, threads_most: int = THREADS_MOST) -> None:
    """Run `test(lookups)`; no thread may be left behind."""
    lookups = Lookups(names.ask, threads_most=threads_most)

    async def walk() -> None:
        try:
            await test(lookups)
        finally:
            names.let_go()
        await until(lambda: lookups._threads == 0)
        assert not lookups._waiting
        assert not lookups._queue

    in_a_loop(walk())


def begun(*work: Coroutine[Any, Any, tuple[str, ...]]) -> list[asyncio.Task[tuple[str, ...]]]:
    return [asyncio.ensure_future(each) for each in work]


async def leave(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(end, asyncio.CancelledError) for end in ends)


def test_a_name_is_looked_up_once_for_all_who_want_to_know() -> None:
    names = Names()

    async def walk(lookups: Lookups) -> None:
        tasks = begun(*(lookups.find("slow.test") for _ in range(5)))
        await until(lambda: names.asked == ["slow.test"])
        names.let_go("slow.test")
        assert await asyncio.gather(*tasks) == [FOUND] * 5
        assert names.asked == ["slow.test"]

    finding(names, walk)


def test_nothing_is_kept_from_one_lookup_to_the_next() -> None:
    names = Names()
    names.let_go("a.test")

    async def walk(lookups: Lookups) -> None:
        assert [await lookups.find("a.test") for _ in range(3)] == [FOUND] * 3
        assert names.asked == ["a.test"] * 3

    finding(names, walk)


def test_who_leaves_disturbs_nobody() -> None:
    names = Names()

    async def walk(lookups: Lookups) -> None:
        first, second = begun(lookups.find("slow.test"), lookups.find("slow.test"))
        await until(lambda: names.asked == ["slow.test"])
        await leave(first)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await lookups.find("slow.test")
        assert not second.done()
        names.let_go("slow.test")
        assert await second == FOUND
        assert names.asked == ["slow.test"]

    finding(names, walk)


def test_a_lookup_that_everybody_has_left_is_joined_and_not_begun_again() -> None:
    """Else each attempt at a dead name would leave a thread behind."""
    names = Names()

    async def walk(lookups: Lookups) -> None:
        for _ in range(5):
            [task] = begun(lookups.find("slow.test"))
            await until(lambda: names.asked == ["slow.test"])
            await asyncio.sleep(0)
            await leave(task)
        assert lookups._threads == 1
        [last] = begun(lookups.find("slow.test"))
        await asyncio.sleep(0)
        names.let_go("slow.test")
        assert await last == FOUND
        assert names.asked == ["slow.test"]

    finding(names, walk)


@pytest.mark.parametrize("dead", [1, THREADS_MOST - 1])
def test_dead_names_hold_up_nobody_else(dead: int) -> None:
    names = Names()
    names.let_go("live.test")

    async def walk(lookups: Lookups) -> None:
        tasks = begun(*(lookups.find(f"dead-{nth % dead}.test") for nth in range(200)))
        await until(lambda: len(names.asked) == dead)
        assert await lookups.find("live.test") == FOUND
        assert sorted(names.asked) == sorted({*(f"dead-{nth}.test" for nth in range(dead)), "live.test"})
        await leave(*tasks)

    finding(names, walk)


def test_no_more_are_looked_up_at_once_than_there_are_threads_for() -> None:
    names = Names()

    async def walk(lookups: Lookups) -> None:
        tasks = begun(*(lookups.find(f"{nth}.test") for nth in range(4)))
        await until(lambda: len(names.asked) == 2)
        # Whom nobody waits for any more is not looked up at all.
        await leave(tasks.pop(2))
        names.let_go("0.test")
        assert await tasks[0] == FOUND
        await until(lambda: len(names.asked) == 3)
        assert lookups._threads == 2
        assert names.asked[2] == "3.test"
        names.let_go()
        assert await asyncio.gather(*tasks) == [FOUND] * 3

    finding(names, walk, threads_most=2)


def test_a_name_that_means_nothing_is_told_to_all_who_are_left() -> None:
    names = Names(dead=("dead.test",))

    async def walk(lookups: Lookups) -> None:
        tasks = begun(*(lookups.find("dead.test") for _ in range(3)))
        await until(lambda: names.asked == ["dead.test"])
        await leave(tasks.pop())
        names.let_go("dead.test")
        for task in tasks:
            with pytest.raises(OSError, match=r"dead\.test means nothing"):
                await task
        with pytest.raises(OSError, match=r"dead\.test means nothing"):
            await lookups.find("dead.test")
        assert names.asked == ["dead.test"] * 2
        gc.collect()

    finding(names, walk)


@pytest.mark.parametrize("turns", range(4))
def test_who_is_called_away_when_the_answer_comes_is_not_complained_of(turns: int) -> None:
    names = Names(dead=("dead.test",))

    async def walk(lookups: Lookups) -> None:
        tasks = begun(lookups.find("dead.test"), lookups.find("dead.test"))
        await until(lambda: names.asked == ["dead.test"])
        names.let_go("dead.test")
        while lookups._threads:
            # Holds the loop up until the answer is on its way to it.
            threading.Event().wait(0)
        for _ in range(turns):
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        for end in await asyncio.gather(*tasks, return_exceptions=True):
            assert isinstance(end, asyncio.CancelledError | OSError)
        del tasks, task, end
        gc.collect()

    finding(names, walk)


def test_a_machine_without_another_thread_is_an_answer_too(monkeypatch: pytest.MonkeyPatch) -> None:
    names = Names()
    names.let_go("a.test")

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async def walk(lookups: Lookups) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", refuse)
            with pytest.raises(OSError, match="can't start new thread"):
                await lookups.find("a.test")
        assert await lookups.find("a.test") == FOUND

    finding(names, walk)


def test_a_loop_that_has_been_closed_keeps_no_answer_from_another() -> None:
    names = Names()
    gone = asyncio.new_event_loop()

    async def walk(lookups: Lookups) -> None:
        [task] = begun(lookups.find("slow.test"))
        await asyncio.sleep(0)
        assert len(lookups._waiting["slow.test"]) == 2
        names.let_go("slow.test")
        assert await task == FOUND
        assert names.asked == ["slow.test"]

    lookups = Lookups(names.ask)
    left = gone.create_task(lookups.find("slow.test"))
    gone.run_until_complete(asyncio.sleep(0))
    gone.close()
    in_a_loop(walk(lookups))
    # It is left as it is on purpose.
    left._log_destroy_pending = False  # type: ignore[attr-defined]  # asyncio's own switch


def test_what_waits_for_ever_does_not_keep_the_process_from_ending() -> None:
    names = Names()

    async def walk(lookups: Lookups) -> None:
        tasks = begun(lookups.find("slow.test"))
        await until(lambda: names.asked == ["slow.test"])
        [thread] = [each for each in threading.enumerate() if each.name == "mockleo lookup"]
        assert thread.daemon
        await leave(*tasks)

    finding(names, walk)
