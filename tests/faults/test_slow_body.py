"""A body that comes in small pieces, slowly."""

import pytest

from tests.wire.tiny import Served

from .rig import ANSWER, Service, applied, refused


def test_it_comes_in_pieces() -> None:
    sending = applied({"fault": "slow-body", "piece_bytes": 9, "piece_ms": 70})
    assert (sending.piece_bytes, sending.piece_wait_ms, sending.body) == (9, 70, ANSWER)


def test_it_is_slow_without_being_told_how() -> None:
    sending = applied({"fault": "slow-body"})
    assert sending.piece_bytes > 0
    assert sending.piece_wait_ms > 0


def test_on_a_socket_a_piece_comes_at_a_time() -> None:
    service = Service({"fault": "slow-body", "piece_bytes": 20, "piece_ms": 1_000})
    with Served(service) as served, served.ask() as connection:
        served.held()
        came = connection.recv(65_536).partition(b"\r\n\r\n")[2] or connection.recv(65_536)
        for _ in range(2):
            assert len(came) % 20 == 0
            served.move(1_000)
            came += connection.recv(65_536)
        assert came == ANSWER
        assert served.outcome() == "answered"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"piece_bytes": 0}, "^piece_bytes: 0 is less than 1"),
        ({"piece_ms": -1}, "^piece_ms: -1 is below zero"),
        ({"commit": False}, "^commit: slow-body needs an answer"),
    ],
)
def test_what_cannot_be_is_told(given: dict[str, object], message: str) -> None:
    refused({"fault": "slow-body", **given}, message)
