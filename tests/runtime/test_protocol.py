"""Offers of another protocol are not heard: the request is answered as any other, body and all.
And each request has a handle on its connection.
"""

import json
import socket
from collections.abc import Iterator

import pytest

from mockleo import Emulator
from mockleo.wire.sending import Sending
from tests.wire.tiny import REQUEST, Served, Tiny, read_all, use_h11

ORDER = b'{"prompt":"a cat"}'
OFFERS = {
    "Java": b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAA\r\n",
    "a browser": b"Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n",
    "in capitals": b"CONNECTION: UPGRADE\r\nUPGRADE: TLS/1.0\r\n",
    "none": b"",
}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(seed=1, time="instant") as running:
        yield running


def request(offer: bytes, body: bytes) -> bytes:
    return (
        b"POST /api/rest/v1/generations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\n"
        b"%sContent-Length: %d\r\n\r\n%s" % (offer, len(body), body)
    )


def answers(emulator: Emulator, *pieces: bytes, count: int) -> list[bytes]:
    """What comes back for `pieces`, sent one after the other; each answer's body."""
    found: list[bytes] = []
    with socket.create_connection(("127.0.0.1", emulator.settings.port), timeout=10) as connection:
        stream = connection.makefile("rb")
        for piece in pieces:
            connection.sendall(piece)
        for _ in range(count):
            assert stream.readline().startswith(b"HTTP/1.1 200 ")
            length = 0
            while (line := stream.readline()) != b"\r\n":
                name, _, value = line.partition(b":")
                if name == b"content-length":
                    length = int(value)
            found.append(stream.read(length))
    return found


@pytest.mark.parametrize("offer", OFFERS.values(), ids=OFFERS)
def test_a_body_beside_an_offer_is_read(emulator: Emulator, offer: bytes) -> None:
    [body] = answers(emulator, request(offer, ORDER), count=1)
    assert "generationId" in json.loads(body)["sdGenerationJob"]


def test_the_connection_goes_on(emulator: Emulator) -> None:
    first, second = answers(emulator, request(OFFERS["Java"], ORDER), request(OFFERS["none"], ORDER), count=2)
    assert first != second


def test_the_same_words_in_a_body_stay(emulator: Emulator) -> None:
    """A body that comes in a piece of its own may look like a head; no byte of it is lost."""
    body = b'{"prompt":"x"}\r\nUpgrade: all of it\r\n\r\n'
    head = request(b"Expect: 100-continue\r\n", body)[: -len(body)]
    with socket.create_connection(("127.0.0.1", emulator.settings.port), timeout=5) as connection:
        connection.sendall(head)
        assert connection.recv(65_536).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body)
        # Were a byte gone, the server would wait for it.
        answer = connection.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"invalid JSON" in answer


@pytest.mark.parametrize("h11", [False, True])
def test_each_of_many_requests_on_one_connection_can_end_it(
    monkeypatch: pytest.MonkeyPatch, *, h11: bool
) -> None:
    """The first two are answered whole, though the third is there already, and is cut."""
    if h11:
        use_h11(monkeypatch)
    whole, cut = Sending(status=200, body=ORDER), Sending(status=200, body=ORDER, cut_after=5)
    with Served(Tiny(whole, whole, cut)) as served, served.ask(REQUEST * 3) as connection:
        came, end = read_all(connection)
        assert [served.outcome() for _ in range(3)] == ["answered", "answered", "cut"]
    assert end == "closed"
    assert came.count(b"HTTP/1.1 200 OK") == 3
    assert came.count(ORDER) == 2
    assert came.endswith(ORDER[:5])
    assert served.noise == []
