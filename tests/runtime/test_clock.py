"""The one door through which time comes in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockleo.runtime.clock import MANUAL_START_MS, Clock, Mode


class FakeTime:
    """The system's two clocks, held by a test. Both in nanoseconds."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall_ns = 1_800_000_000_000_000_000
        self.monotonic_ns = 5_000_000_000
        monkeypatch.setattr("time.time_ns", lambda: self.wall_ns)
        monkeypatch.setattr("time.monotonic_ns", lambda: self.monotonic_ns)

    def passes(self, ms: int) -> None:
        self.wall_ns += ms * 1_000_000
        self.monotonic_ns += ms * 1_000_000


def test_a_manual_clock_stands_still() -> None:
    clock = Clock(Mode.MANUAL)
    assert clock.now_ms() == clock.now_ms() == MANUAL_START_MS
    assert clock.wait_s(MANUAL_START_MS) is None


@given(st.lists(st.integers(0, 10**9)))
def test_a_clock_goes_where_it_is_moved_and_never_back(to_ms: list[int]) -> None:
    clock = Clock(Mode.MANUAL, start_ms=5)
    for each_ms in to_ms:
        clock.jump(each_ms)
    assert clock.now_ms() == max([5, *to_ms])


@pytest.mark.parametrize("mode", [Mode.REAL, Mode.AUTO])
def test_after_a_jump_time_goes_on_from_there(monkeypatch: pytest.MonkeyPatch, mode: Mode) -> None:
    time = FakeTime(monkeypatch)
    clock = Clock(mode, start_ms=0)
    time.passes(100)
    clock.jump(10_000)
    time.passes(7)
    clock.jump(500)
    assert clock.now_ms() == 10_007


@given(st.lists(st.tuples(st.sampled_from(list(Mode)), st.floats(0.5, 100), st.integers(0, 10_000))))
def test_switching_loses_and_wins_no_time(switches: list[tuple[Mode, float, int]]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        time = FakeTime(patched)
        clock = Clock(Mode.REAL, start_ms=0)
        for mode, pace, passes_ms in switches:
            before_ms = clock.now_ms()
            clock.switch(mode, pace=pace)
            assert clock.now_ms() == before_ms
            time.passes(passes_ms)
            expected_ms = 0 if mode is Mode.MANUAL else int(passes_ms * pace)
            assert abs(clock.now_ms() - before_ms - expected_ms) <= 1


def test_a_world_that_begins_again_may_begin_earlier(monkeypatch: pytest.MonkeyPatch) -> None:
    time = FakeTime(monkeypatch)
    clock = Clock(Mode.REAL)
    clock.restart(1_000)
    time.passes(5)
    assert clock.now_ms() == 1_005


@pytest.mark.parametrize(("pace", "passed_ms"), [(1.0, 1_000), (60.0, 60_000), (0.5, 500), (1e6, 10**9)])
def test_a_system_clock_goes_at_its_pace(
    monkeypatch: pytest.MonkeyPatch, pace: float, passed_ms: int
) -> None:
    time = FakeTime(monkeypatch)
    clock = Clock(pace=pace)
    started_ms = clock.now_ms()
    time.passes(1_000)
    assert (started_ms, clock.now_ms() - started_ms) == (1_800_000_000_000, passed_ms)


def test_setting_the_wall_clock_does_not_move_it(monkeypatch: pytest.MonkeyPatch) -> None:
    time = FakeTime(monkeypatch)
    clock = Clock()
    started_ms = clock.now_ms()
    time.wall_ns -= 10**18
    time.monotonic_ns += 7_000_000
    assert clock.now_ms() == started_ms + 7


@pytest.mark.parametrize(
    ("pace", "due_in_ms", "wait_s"), [(1.0, 500, 0.5), (10.0, 500, 0.05), (1.0, 0, 0.0), (1.0, -500, 0.0)]
)
def test_a_wait_is_real_time(
    monkeypatch: pytest.MonkeyPatch, pace: float, due_in_ms: int, wait_s: float
) -> None:
    FakeTime(monkeypatch)
    clock = Clock(pace=pace)
    assert clock.wait_s(clock.now_ms() + due_in_ms) == wait_s


@given(pace=st.floats(0.001, 1e6), due_in_ms=st.integers(0, 10**7))
def test_who_waits_that_long_is_not_too_early(pace: float, due_in_ms: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        time = FakeTime(patched)
        clock = Clock(pace=pace)
        due_ms = clock.now_ms() + due_in_ms
        wait_s = clock.wait_s(due_ms)
        assert wait_s is not None
        # What the scheduler adds makes up for the nanosecond that is lost in rounding.
        time.monotonic_ns += round((wait_s + 0.000_5) * 1_000_000_000)
        assert clock.now_ms() >= due_ms


@pytest.mark.parametrize("pace", [0.0, -1.0])
def test_time_does_not_stand_still_or_run_backwards(pace: float) -> None:
    with pytest.raises(AssertionError, match="time does not stand still"):
        Clock(pace=pace)
