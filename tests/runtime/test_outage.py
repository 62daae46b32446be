"""Nobody listens for as long as the clock says, and only on a clock that passes by itself."""

from dataclasses import dataclass, field

import pytest

from mockleo.runtime.activity import Activity
from mockleo.runtime.agenda import Agenda
from mockleo.runtime.clock import Clock, Mode
from mockleo.runtime.outage import Outage

START_MS = 1_000


@dataclass
class Door:
    """What was done to it, in words."""

    able: bool = True
    done: list[str] = field(default_factory=list)

    def stop_listening(self) -> bool:
        self.done.append("stop")
        return self.able

    def listen_again(self) -> None:
        self.done.append("listen")


class Rig:
    """An outage on a clock that is set by hand, whatever it says of itself."""

    def __init__(self, mode: Mode = Mode.REAL, *, able: bool = True) -> None:
        self.clock = Clock(mode, start_ms=START_MS, pace=1e-9)
        self.agenda = Agenda()
        self.activity = Activity(agenda=self.agenda)
        self.door = Door(able=able)
        self.outage = Outage(clock=self.clock, agenda=self.agenda, activity=self.activity)
        self.outage.door = self.door

    def at(self, now_ms: int) -> None:
        self.clock.jump(START_MS + now_ms)
        self.agenda.run(self.clock.now_ms())


@pytest.mark.parametrize("mode", [Mode.REAL, Mode.AUTO])
def test_it_ends_when_its_time_is_over(mode: Mode) -> None:
    rig = Rig(mode)
    assert rig.outage.begin(500)
    assert (rig.outage.is_down, rig.door.done) == (True, ["stop"])
    rig.at(499)
    assert rig.outage.is_down
    rig.at(500)
    assert (rig.outage.is_down, rig.door.done) == (False, ["stop", "listen"])
    assert rig.activity.is_quiet()


def test_a_clock_that_jumps_does_not_jump_over_it() -> None:
    """While it lasts something is going on, so that there is time to meet it."""
    rig = Rig(Mode.AUTO)
    rig.outage.begin(500)
    assert not rig.activity.is_quiet()
    rig.outage.end()
    assert rig.activity.is_quiet()


def test_where_the_clock_does_not_jump_nothing_waits_for_its_end() -> None:
    rig = Rig(Mode.REAL)
    rig.outage.begin(500)
    assert rig.activity.is_quiet()


@pytest.mark.parametrize(("second_ms", "end_ms"), [(300, 500), (400, 500), (900, 1_000)])
def test_a_second_one_only_makes_it_longer(second_ms: int, end_ms: int) -> None:
    rig = Rig()
    rig.outage.begin(500)
    rig.at(100)
    assert rig.outage.begin(second_ms)
    rig.at(end_ms - 1)
    assert rig.outage.is_down
    rig.at(end_ms)
    assert (rig.outage.is_down, rig.door.done) == (False, ["stop", "listen"])


def test_it_can_be_ended_before_its_time() -> None:
    rig = Rig()
    rig.outage.begin(500)
    rig.outage.end()
    rig.outage.end()
    rig.at(1_000)
    assert rig.door.done == ["stop", "listen"]
    assert rig.outage.begin(500)
    assert rig.door.done == ["stop", "listen", "stop"]


def test_none_begins_on_a_clock_that_is_moved_by_hand() -> None:
    rig = Rig(Mode.MANUAL)
    assert not rig.outage.begin(500)
    assert (rig.outage.is_down, rig.door.done, rig.agenda.due_ms()) == (False, [], None)


def test_none_begins_without_a_server() -> None:
    rig = Rig()
    rig.outage.door = None
    assert not rig.outage.begin(500)
    assert (rig.outage.is_down, rig.agenda.due_ms()) == (False, None)


def test_none_begins_where_the_server_cannot_stop() -> None:
    rig = Rig(Mode.AUTO, able=False)
    assert not rig.outage.begin(500)
    assert (rig.outage.is_down, rig.agenda.due_ms(), rig.activity.busy) == (False, None, 0)
