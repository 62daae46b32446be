"""One armed timer for whatever falls due next, on a loop that only pretends."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from mockleo.runtime.activity import Activity
from mockleo.runtime.agenda import Agenda
from mockleo.runtime.clock import Clock, Mode
from mockleo.runtime.scheduler import Scheduler

START_MS = 1_000


@dataclass
class FakeTimer:
    at_s: float
    call: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


@dataclass
class FakeLoop:
    """A loop whose time is a number. It runs what was put off, in the order of its time."""

    now_s: float = 0.0
    timers: list[FakeTimer] = field(default_factory=list)

    def call_later(self, delay_s: float, call: Callable[[], None]) -> FakeTimer:
        timer = FakeTimer(self.now_s + delay_s, call)
        self.timers.append(timer)
        return timer

    @property
    def armed(self) -> list[FakeTimer]:
        return [timer for timer in self.timers if not timer.cancelled]

    def run_until(self, until_s: float) -> None:
        while due := sorted(
            (each for each in self.armed if each.at_s <= until_s), key=lambda each: each.at_s
        ):
            timer = due[0]
            self.timers.remove(timer)
            self.now_s = timer.at_s
            timer.call()
        self.now_s = until_s


class LoopClock:
    """A clock that goes with the loop."""

    mode = Mode.REAL

    def __init__(self, loop: FakeLoop) -> None:
        self._loop = loop

    def now_ms(self) -> int:
        return START_MS + int(self._loop.now_s * 1_000)

    def wait_s(self, due_ms: int) -> float | None:
        return max(0, due_ms - self.now_ms()) / 1_000


class Rig:
    """A scheduler over a list of instants, and when it was woken for each."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *due_ms: int, manual: bool = False) -> None:
        self.loop = FakeLoop()
        self.due_ms = list(due_ms)
        self.woken_ms: list[int] = []
        self.clock = cast("Clock", Clock(Mode.MANUAL, start_ms=START_MS) if manual else LoopClock(self.loop))
        self.scheduler = Scheduler(
            clock=self.clock, due_ms=lambda: min(self.due_ms, default=None), catch_up=self.catch_up
        )
        monkeypatch.setattr(asyncio, "get_running_loop", lambda: self.loop)

    def catch_up(self) -> None:
        now_ms = self.clock.now_ms()
        self.woken_ms.append(now_ms)
        self.due_ms = [each for each in self.due_ms if each > now_ms]


def test_it_wakes_for_each_instant_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(monkeypatch, 1_500, 3_000, 3_000)
    rig.scheduler.start()
    rig.loop.run_until(10)
    first_ms, second_ms = rig.woken_ms
    assert 1_500 <= first_ms <= 1_501
    assert 3_000 <= second_ms <= 3_001
    assert rig.loop.armed == []


def test_it_is_never_early(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(monkeypatch, 1_500)
    rig.scheduler.start()
    rig.loop.run_until(0.5)
    assert rig.woken_ms == []
    rig.loop.run_until(0.501)
    assert rig.woken_ms == [1_500]


def test_there_is_one_timer_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(monkeypatch, 5_000)
    rig.scheduler.start()
    for due_ms in (4_000, 3_000, 6_000, 2_000):
        rig.due_ms.append(due_ms)
        rig.scheduler.arm()
        assert len(rig.loop.armed) == 1
    assert rig.loop.armed[0].at_s == pytest.approx(1.0, abs=0.001)


def test_looking_again_is_cheap_when_nothing_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(monkeypatch, 5_000)
    rig.scheduler.start()
    before = list(rig.loop.timers)
    for _ in range(10):
        rig.scheduler.arm()
    assert rig.loop.timers == before


def test_what_is_due_already_is_done_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(monkeypatch, 500)
    rig.scheduler.start()
    rig.loop.run_until(0.001)
    assert rig.woken_ms == [1_000]


def test_nothing_due_is_no_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(monkeypatch, 5_000)
    rig.scheduler.start()
    rig.due_ms.clear()
    rig.scheduler.arm()
    assert rig.loop.armed == []
    rig.due_ms.append(2_000)
    rig.scheduler.arm()
    assert len(rig.loop.armed) == 1


def test_without_a_start_it_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(monkeypatch, 1_500)
    rig.scheduler.arm()
    assert rig.loop.timers == []


def test_after_the_stop_it_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(monkeypatch, 1_500)
    rig.scheduler.start()
    rig.scheduler.stop()
    rig.scheduler.arm()
    rig.loop.run_until(10)
    assert (rig.loop.armed, rig.woken_ms) == ([], [])


def test_it_starts_again(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(monkeypatch, 1_500)
    rig.scheduler.start()
    rig.scheduler.stop()
    rig.scheduler.start()
    rig.loop.run_until(10)
    assert rig.woken_ms == [1_500]


def test_a_clock_that_is_moved_by_hand_needs_no_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(monkeypatch, 1_500, manual=True)
    rig.scheduler.start()
    rig.scheduler.arm()
    assert rig.loop.timers == []


class Stage:
    """Scheduler, agenda and activity on a clock that we hold, as the emulator has them."""

    def __init__(self, mode: Mode = Mode.MANUAL) -> None:
        self.clock = Clock(mode, start_ms=START_MS)
        self.agenda = Agenda(changed=lambda: self.scheduler.arm())
        self.activity = Activity(agenda=self.agenda, quiet=lambda: self.scheduler.quiet())
        self.log: list[tuple[str, int]] = []
        self.scheduler = Scheduler(
            clock=self.clock,
            due_ms=self.agenda.due_ms,
            catch_up=self.catch_up,
            idle=self.activity.is_quiet,
            still=self.activity.is_still,
        )

    def catch_up(self) -> None:
        self.agenda.run(self.clock.now_ms())

    def note(self, word: str) -> None:
        self.log.append((word, self.clock.now_ms() - START_MS))

    def at(self, in_ms: int, word: str) -> None:
        self.agenda.at(START_MS + in_ms, lambda: self.note(word))

    def sends_at(self, in_ms: int, word: str) -> None:
        """Something that takes several turns of the loop, and is followed by something a second later."""

        async def work() -> None:
            for _ in range(5):
                await asyncio.sleep(0)
            self.note(word)
            self.agenda.at(self.clock.now_ms() + 1_000, lambda: self.note(f"after {word}"))
            self.activity.end()

        def begin() -> None:
            self.activity.begin()
            self.task = asyncio.get_running_loop().create_task(work())

        self.agenda.at(START_MS + in_ms, begin)


def test_one_move_is_many_small_ones() -> None:
    """What follows from an event has happened before the next event does."""

    async def play(steps_ms: list[int]) -> list[tuple[str, int]]:
        stage = Stage()
        stage.scheduler.start()
        stage.sends_at(500, "webhook")
        stage.at(1_200, "job")
        stage.at(9_000, "late")
        for step_ms in steps_ms:
            await stage.scheduler.move_to(START_MS + step_ms)
        stage.scheduler.stop()
        return stage.log

    once = asyncio.run(play([5_000]))
    assert once == asyncio.run(play(list(range(0, 5_001, 100))))
    assert once == [("webhook", 500), ("job", 1_200), ("after webhook", 1_500)]


def test_a_clock_that_jumps_is_at_the_next_event_as_soon_as_nothing_is_going_on() -> None:
    async def play() -> tuple[Stage, list[tuple[str, int]]]:
        stage = Stage(Mode.AUTO)
        stage.scheduler.start()
        stage.activity.begin()
        stage.at(3_600_000, "job")
        for _ in range(5):
            await asyncio.sleep(0)
        while_busy = list(stage.log)
        stage.activity.end()
        for _ in range(5):
            await asyncio.sleep(0)
        stage.scheduler.stop()
        return stage, while_busy

    stage, while_busy = asyncio.run(play())
    assert while_busy == []
    [(word, at_ms)] = stage.log
    assert word == "job"
    assert 3_600_000 <= at_ms < 3_700_000


def test_a_clock_that_jumps_waits_for_what_an_event_sets_going() -> None:
    async def play() -> list[str]:
        stage = Stage(Mode.AUTO)
        stage.scheduler.start()
        stage.sends_at(500, "webhook")
        stage.at(10_000, "later")
        for _ in range(50):
            await asyncio.sleep(0)
        stage.scheduler.stop()
        return [word for word, _ in stage.log]

    assert asyncio.run(play()) == ["webhook", "after webhook", "later"]


def test_what_is_held_does_not_hold_the_clock() -> None:
    async def play() -> list[tuple[str, int]]:
        stage = Stage()
        stage.scheduler.start()

        async def hold() -> None:
            stage.activity.begin()
            await stage.activity.wait_until(START_MS + 30_000)
            stage.note("answered")
            stage.activity.end()

        task = asyncio.get_running_loop().create_task(hold())
        await asyncio.sleep(0)
        assert stage.activity.is_quiet()
        await stage.scheduler.move_to(START_MS + 29_999)
        assert stage.log == []
        await stage.scheduler.move_to(START_MS + 40_000)
        await task
        assert stage.activity.is_quiet()
        return stage.log

    assert asyncio.run(play()) == [("answered", 30_000)]


def test_who_is_held_under_a_clock_that_jumps_does_wait() -> None:
    async def play() -> list[tuple[str, int]]:
        stage = Stage(Mode.AUTO)
        stage.scheduler.start()

        async def hold() -> None:
            stage.activity.begin()
            try:
                await stage.activity.wait_until(START_MS + 3_600_000)
            finally:
                stage.activity.end()

        task = asyncio.get_running_loop().create_task(hold())
        await asyncio.sleep(0)
        stage.at(5_000, "job")
        for _ in range(20):
            await asyncio.sleep(0)
        held = list(stage.log)
        task.cancel()
        for _ in range(20):
            await asyncio.sleep(0)
        assert held == []
        return stage.log

    assert [word for word, _ in asyncio.run(play())] == ["job"]


def test_a_client_that_does_not_send_stops_no_clock() -> None:
    async def play() -> None:
        stage = Stage()
        sent = asyncio.Event()

        async def receive() -> dict[str, Any]:
            await sent.wait()
            return {}

        stage.activity.begin()
        task = asyncio.ensure_future(stage.activity.aside(receive)())
        await asyncio.sleep(0)
        assert stage.activity.is_still()
        sent.set()
        await task
        assert stage.activity.busy == 1

    asyncio.run(play())


def test_no_clock_jumps_beyond_the_calendar() -> None:
    async def play() -> Stage:
        stage = Stage(Mode.AUTO)
        stage.scheduler.start()
        stage.agenda.at(10**15, lambda: stage.note("never"))
        for _ in range(20):
            await asyncio.sleep(0)
        stage.scheduler.stop()
        return stage

    assert asyncio.run(play()).log == []


def test_who_gives_up_waiting_is_going_on_again_and_leaves_nothing_behind() -> None:
    async def play() -> None:
        stage = Stage()
        stage.scheduler.start()

        async def hold() -> None:
            stage.activity.begin()
            try:
                await stage.activity.wait_until(START_MS + 30_000)
            finally:
                assert stage.activity.busy == 1
                stage.activity.end()

        task = asyncio.get_running_loop().create_task(hold())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert stage.activity.is_quiet()
        assert stage.agenda.due_ms() is None

    asyncio.run(play())


def test_what_has_not_begun_does_not_end() -> None:
    with pytest.raises(AssertionError, match="what has not begun"):
        Activity(agenda=Agenda()).end()
