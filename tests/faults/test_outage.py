"""Nobody listens for a while, begun by a call."""

import pytest

from mockleo.faults.outage import Outage
from mockleo.runtime.clock import Mode
from tests.wire.tiny import Served, read_all, read_answer

from .rig import ANSWER, Service, applied, refused


def test_the_call_is_cut_and_the_outage_wanted() -> None:
    sending = applied({"fault": "outage", "for_ms": 700})
    assert (sending.is_silent, sending.reset, sending.outage_ms) == (True, True, 700)
    assert applied({"fault": "outage", "for_ms": 700}, outage_ms=900).outage_ms == 900


def test_on_a_socket_who_calls_meanwhile_is_refused() -> None:
    service = Service({"fault": "outage", "for_ms": 600_000, "first": 1}, mode=Mode.REAL)
    with Served(service) as served:
        with served.ask() as connection:
            assert read_all(connection) == (b"", "reset")
        with pytest.raises(ConnectionRefusedError):
            served.ask()
        served.call(lambda: service.clock.jump(service.clock.now_ms() + 600_000))
        served.call(service.catch_up)
        with served.ask() as connection:
            assert read_answer(connection)[2] == ANSWER
    assert service.booked == 1
    assert served.noise == []


@pytest.mark.parametrize("mode", [Mode.REAL, Mode.AUTO])
def test_it_can_be_on_a_clock_that_passes_by_itself(mode: Mode) -> None:
    Outage().check(mode)


def test_it_cannot_be_on_one_that_is_moved_by_hand() -> None:
    with pytest.raises(
        ValueError, match=r"^fault: an outage would never end on a clock that is moved by hand"
    ):
        Outage().check(Mode.MANUAL)


@pytest.mark.parametrize("for_ms", [0, -1])
def test_it_has_a_length(for_ms: int) -> None:
    refused({"fault": "outage", "for_ms": for_ms}, f"^for_ms: {for_ms} is less than 1")
