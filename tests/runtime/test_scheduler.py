"""One armed timer for whatever falls due next, on a loop that only pretends."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from mockleo.runtime.clock import ManualClock
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
        self.clock = ManualClock(start_ms=START_MS) if manual else LoopClock(self.loop)
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
