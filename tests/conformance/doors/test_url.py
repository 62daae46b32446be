"""Doors to whoever listens nearby, on real sockets: the same contract as in process."""

import pickle
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import pytest

from mockleo.conformance.door import BadTarget, MayNot, NoAnswer, Request
from mockleo.conformance.doors.gate import Gate, Nearby
from mockleo.conformance.doors.line import Line
from mockleo.conformance.doors.url import ByUrl, Url
from mockleo.emulator import Emulator
from tests.conformance.doors.test_pace import Held


@contextmanager
def raw(*answers: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A server that takes one connection for each of `answers`, and says it; what it was sent."""
    listener = socket.create_server(("127.0.0.1", 0))
    heard: list[bytes] = []

    def serve() -> None:
        for said in answers:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            with line:
                heard.append(_all_of(line))
                line.sendall(said)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", heard
    finally:
        # A connection of ours lets a server go that still waits for one.
        with socket.socket() as last:
            last.connect_ex(listener.getsockname())
        listener.close()
        thread.join()


def _all_of(line: socket.socket) -> bytes:
    """The head and, where one is announced, the two bytes of our bodies."""
    said = b""
    while piece := line.recv(65_536):
        said += piece
        head, ended, body = said.partition(b"\r\n\r\n")
        if ended and (b"ength: 2" not in head or len(body) == 2):
            break
    return said


def opened(url: str) -> Url:
    return ByUrl(url=url).through(lambda host: ("127.0.0.1",))


def test_an_emulator_answers() -> None:
    with Emulator(seed=7, keys="strict") as emulator:
        door = ByUrl(url=emulator.url, api_key=emulator.api_key).open(seed=7)
        assert door.base_url == emulator.base_url
        headers = (("authorization", f"Bearer {door.api_key}"),)
        for _ in range(3):
            answer = door.send(Request(method="GET", url=f"{door.base_url}/me", headers=headers))
            assert (answer.status, answer.header("content-type")) == (200, "application/json; charset=utf-8")
            assert answer.body.startswith(b'{"user_details":[{')
        assert door.abilities == {"spend", "delete"}
        door.close()
        with pytest.raises(MayNot, match="closed"):
            door.send(Request(method="GET", url=f"{door.base_url}/me"))


def test_a_call_leaves_as_it_is_written() -> None:
    with raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: b\r\nConnection: close\r\n\r\nok") as (
        url,
        heard,
    ):
        door = opened(url)
        answer = door.send(
            Request(method="POST", url=f"{url}/a/../%2e//b?x=%00&&", headers=(("X-One", "1"),), body=b"{}")
        )
        door.close()
    assert (answer.status, answer.body, answer.header("x-a")) == (200, b"ok", "b")
    host = url.removeprefix("http://")
    head = f"POST /a/../%2e//b?x=%00&& HTTP/1.1\r\nhost: {host}\r\nX-One: 1\r\nContent-Length: 2\r\n\r\n"
    assert heard == [head.encode() + b"{}"]


@pytest.mark.parametrize(
    "said",
    [
        b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nab",
    ],
)  # fmt: skip
def test_what_is_lost_is_lost_and_sent_once(said: bytes) -> None:
    """With a second server behind the first that would take a call that comes again."""
    with raw(said, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as (url, heard):
        door = opened(url)
        with pytest.raises(NoAnswer):
            door.send(Request(method="POST", url=f"{url}/", body=b"{}"))
        assert len(heard) == 1
        door.close()


def test_nobody_there_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    door = opened(f"http://127.0.0.1:{port}")
    with pytest.raises(NoAnswer, match="nobody takes a call"):
        door.send(Request(method="GET", url=f"http://127.0.0.1:{port}/"))
    door.close()


def test_the_next_address_is_tried_where_nobody_takes_the_call() -> None:
    with raw(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n") as (url, heard):
        port = url.rpartition(":")[2]
        door = ByUrl(url=f"http://emulator:{port}").through(lambda host: ("127.9.9.9", "127.0.0.1"))
        assert door.send(Request(method="GET", url=f"{door.base_url}/me")).status == 200
        door.close()
    assert heard[0].startswith(f"GET /api/rest/v1/me HTTP/1.1\r\nhost: emulator:{port}\r\n".encode())


def test_a_call_that_was_heard_is_not_made_again_at_the_next_address() -> None:
    with raw(b"", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as (url, heard):
        line, way = Line(Held()), Gate(Nearby()).way(url)
        twice = msgspec.structs.replace(way, addresses=way.addresses * 2)
        with pytest.raises(NoAnswer):
            line.send(Request(method="POST", url=url, body=b"{}"), twice)
        assert len(heard) == 1
        line.close()


class Hurried(Held):
    """A clock on which a minute passes between two looks."""

    def now_s(self) -> float:
        self.s += 60
        return self.s


def test_an_answer_without_end_is_no_answer() -> None:
    with raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 999) as (url, _):
        line = Line(Hurried(), answer_s=30)
        with pytest.raises(NoAnswer, match="not at its end after 30 s"):
            line.send(Request(method="GET", url=url), Gate(Nearby()).way(url))
        line.close()


@pytest.mark.parametrize(
    "request_",
    [
        Request(method="GET /x HTTP/1.1\r\n", url="http://127.0.0.1:9/"),
        Request(method="", url="http://127.0.0.1:9/"),
        Request(method="GET", url="http://127.0.0.1:9/", headers=(("x", "€"),)),
    ],
)
def test_what_is_no_http_is_not_sent(request_: Request) -> None:
    door = opened("http://127.0.0.1:9")
    with pytest.raises(MayNot):
        door.send(request_)
    door.close()


@pytest.mark.parametrize("value", ["a\r\nx-b: c", "a\nb", "a\0b"])
def test_a_header_cannot_bring_another(value: str) -> None:
    with raw(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as (url, heard):
        door = opened(url)
        with pytest.raises(MayNot, match="no HTTP"):
            door.send(Request(method="GET", url=url, headers=(("x-a", value),)))
        door.close()
    assert heard in ([], [b""])


def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with raw(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n") as (url, heard):
        door = opened(url)
        assert door.send(Request(method="GET", url=url)).status == 204
        door.close()
    assert len(heard) == 1


@pytest.mark.parametrize(
    "url",
    ["https://cloud.leonardo.ai/api/rest/v1", "http://8.8.8.8", "http://169.254.169.254", "nonsense", ""],
)
def test_an_address_that_may_not_be_called_is_told_at_once(url: str) -> None:
    with pytest.raises(BadTarget):
        ByUrl(url=url).through(lambda host: ("93.184.216.34",))


def test_an_opener_can_be_sent_to_another_process_and_keeps_its_key_to_itself() -> None:
    opener = ByUrl(url="http://127.0.0.1:5360", api_key="secret")
    assert pickle.loads(pickle.dumps(opener)) == opener  # noqa: S301  our own
    assert "secret" not in repr(opener)
    assert (opener.name, opener.divisible) == ("http://127.0.0.1:5360", False)
    with pytest.raises(MayNot):
        opener.fresh(seed=7, settings={})


def test_waiting_takes_as_long_as_it_says() -> None:
    watch = Held()
    Url(base_url="", api_key="", gate=Gate(Nearby()), line=Line(watch), watch=watch).wait(1_500)
    assert watch.s == 101.5
