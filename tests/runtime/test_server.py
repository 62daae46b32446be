"""The server stops listening for a while and begins again, on the same port."""

import asyncio
import socket
import threading

import pytest

from mockleo.runtime.clock import Mode
from mockleo.runtime.server import PortTaken, Server, listen
from mockleo.wire.sending import Sending
from tests.wire.tiny import PATIENCE_S, REQUEST, Served, Tiny, read_all, read_answer, use_h11

BODY = b'{"a":1}'


def tiny(*sendings: Sending, mode: Mode = Mode.REAL) -> Tiny:
    return Tiny(*sendings, Sending(status=200, body=BODY), mode=mode)


def answers(served: Served) -> bool:
    with served.ask() as connection:
        return read_answer(connection)[2] == BODY


def test_who_calls_a_server_that_does_not_listen_is_refused() -> None:
    with Served(tiny()) as served:
        assert answers(served)
        for _ in range(3):
            assert served.call(served.server.stop_listening)
            with pytest.raises(ConnectionRefusedError):
                served.ask()
            served.call(served.server.listen_again)
            # Whoever calls from the first moment on is let in.
            assert answers(served)
    assert served.noise == []


def test_it_does_so_with_the_other_protocol_too(monkeypatch: pytest.MonkeyPatch) -> None:
    use_h11(monkeypatch)
    with Served(tiny()) as served:
        assert answers(served)
        served.call(served.server.stop_listening)
        assert served.refuses()
        served.call(served.server.listen_again)
        assert answers(served)
    assert served.noise == []


def test_it_stops_once() -> None:
    with Served(tiny()) as served:
        assert served.call(served.server.stop_listening)
        assert not served.call(served.server.stop_listening)
        served.call(served.server.listen_again)


def test_one_that_is_about_to_listen_does_not_stop() -> None:
    def at_once() -> bool:
        served.server.stop_listening()
        served.server.listen_again()
        return served.server.stop_listening()

    with Served(tiny()) as served:
        assert not served.call(at_once)
        assert answers(served)
        assert served.call(served.server.stop_listening)


def test_one_that_listens_does_not_begin_again() -> None:
    with Served(tiny()) as served, pytest.raises(AssertionError, match="it listens"):
        served.call(served.server.listen_again)


def test_connections_that_wait_are_closed() -> None:
    with Served(tiny()) as served:
        used, fresh = served.ask(), socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE_S)
        with used, fresh:
            assert read_answer(used)[2] == BODY
            assert served.outcome() == "answered"
            served.call(served.server.stop_listening)
            assert read_all(used) == (b"", "closed")
            assert read_all(fresh)[0] == b""


def test_an_answer_on_its_way_arrives() -> None:
    app = tiny()
    goes_on = asyncio.Event()
    begun = threading.Event()

    async def wait() -> None:
        begun.set()
        await goes_on.wait()

    app.before = wait
    with Served(app) as served, served.ask() as connection:
        assert begun.wait(PATIENCE_S)
        served.call(served.server.stop_listening)
        assert served.refuses()
        served.call(goes_on.set)
        came, end = read_all(connection)
    assert came.endswith(BODY)
    # And nothing after it: the client is to call again.
    assert end == "closed"


def test_the_port_is_kept() -> None:
    with Served(tiny()) as served:
        served.call(served.server.stop_listening)
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", served.port))
        served.call(served.server.listen_again)
        assert answers(served)


def test_who_takes_the_port_all_the_same_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    with Served(tiny()) as served:
        served.call(served.server.stop_listening)
        with listen("127.0.0.1", served.port) as thief:
            thief.listen()
            served.call(served.server.listen_again)
    assert "nobody is let in again: Address already in use" in caplog.text


def test_it_ends_while_it_does_not_listen_and_frees_the_port() -> None:
    before = threading.active_count()
    with Served(tiny()) as served:
        served.call(served.server.stop_listening)
    with socket.socket() as other:
        other.bind(("127.0.0.1", served.port))
    assert threading.active_count() == before
    assert served.noise == []


def test_it_ends_as_soon_as_it_listens_again() -> None:
    with Served(tiny()) as served:
        served.call(served.server.stop_listening)
        served.call(served.server.listen_again)
    assert served.refuses()
    assert served.noise == []


def test_a_port_that_is_taken_is_told() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=f"cannot listen on 127.0.0.1:{port}"):
            listen("127.0.0.1", port)


def test_it_says_when_it_is_ready_and_when_it_is_about_to_stop() -> None:
    said: list[str] = []
    server = Server(tiny(), on_ready=lambda _: said.append("ready"), on_stop=lambda: said.append("stop"))
    server.should_exit = True
    with listen("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        thread.join(PATIENCE_S)
    assert said == ["ready", "stop"]


# --- an outage, as a client meets it ---------------------------------------------------------------

OUTAGE = Sending(status=200, body=BODY, cut_after=-1, reset=True, outage_ms=600_000)


@pytest.mark.parametrize("mode", [Mode.REAL, Mode.AUTO])
def test_an_outage_refuses_until_its_time_is_over(mode: Mode) -> None:
    with Served(tiny(OUTAGE, mode=mode)) as served:
        other = served.ask(b"GET / HTTP/1.1\r\n")
        with other, served.ask() as connection:
            assert read_all(connection) == (b"", "reset")
            # The very next call is refused already.
            with pytest.raises(ConnectionRefusedError):
                served.ask()
            assert served.call(lambda: served.tiny.outage.is_down)
            assert served.outcome() == "cut"

        def later() -> None:
            served.tiny.clock.jump(served.tiny.clock.now_ms() + 600_000)
            served.tiny.catch_up()

        served.call(later)
        assert not served.call(lambda: served.tiny.outage.is_down)
        assert answers(served)
    assert served.noise == []


def test_on_a_clock_that_is_moved_by_hand_only_the_call_is_cut() -> None:
    with Served(tiny(OUTAGE, mode=Mode.MANUAL)) as served:
        with served.ask() as connection:
            assert read_all(connection) == (b"", "reset")
        assert answers(served)


def test_an_outage_that_is_ended_lets_in_at_once() -> None:
    with Served(tiny(OUTAGE)) as served:
        with served.ask(REQUEST) as connection:
            assert read_all(connection) == (b"", "reset")
        assert served.refuses()
        served.call(served.tiny.outage.end)
        assert answers(served)
