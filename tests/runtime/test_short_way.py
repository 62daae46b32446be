"""An answer that is written at once is, byte for byte, the one that goes through the server."""

from __future__ import annotations

import re
import socket

import pytest

from mockleo import Emulator
from mockleo.runtime.connection import Connection
from tests.wire.tiny import use_h11

KEY = "6f1c2b7e-4a53-4d0e-9b38-0c7a5e2d9f41"
DATE = re.compile(rb"date: [^\r]*")

ME = ("GET", "/api/rest/v1/me", KEY, b"")
ORDER = ("POST", "/api/rest/v1/generations", KEY, b'{"prompt":"a cat"}')
CALLS = {
    "an answer": [ME],
    "an order": [ORDER],
    "a refusal with its reason": [("POST", "/api/rest/v1/generations", KEY, b'{"prompt":1}')],
    "no key": [("GET", "/api/rest/v1/me", "", b"")],
    "no such path": [("GET", "/api/rest/v1/nowhere", KEY, b"")],
    "no such method": [("PUT", "/api/rest/v1/me", KEY, b"")],
    "no body wanted": [("HEAD", "/api/rest/v1/me", KEY, b""), ME],
    "several on one connection": [ME, ORDER, ME],
}


def asked(method: str, path: str, key: str, body: bytes, *, more: bytes = b"", version: str = "1.1") -> bytes:
    head = f"{method} {path} HTTP/{version}\r\nhost: x\r\norigin: http://page\r\n"
    shown = f"authorization: Bearer {key}\r\n" if key else ""
    return (head + shown).encode() + b"%scontent-length: %d\r\n\r\n%s" % (more, len(body), body)


def told(*requests: bytes) -> bytes:
    """All that a fresh emulator says to `requests`, sent at once; the last one closes."""
    with (
        Emulator(seed=1, time="manual") as emulator,
        socket.create_connection(("127.0.0.1", emulator.settings.port), timeout=10) as connection,
    ):
        connection.sendall(b"".join(requests))
        found = b"".join(iter(lambda: connection.recv(65_536), b""))
    return DATE.sub(b"date: then", found)


@pytest.fixture
def whole(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What was written the short way."""
    from mockleo.runtime import protocol

    written: list[bytes] = []
    write = protocol.Direct.write_whole

    def note(self: protocol.Direct, receive: object, answer: bytes) -> None:
        written.append(answer)
        write(self, receive, answer)  # type: ignore[arg-type]

    monkeypatch.setattr(protocol.Direct, "write_whole", note)
    return written


@pytest.mark.parametrize("calls", CALLS.values(), ids=CALLS)
def test_it_is_the_same_either_way(
    calls: list[tuple[str, str, str, bytes]], whole: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    last = asked(*ME, more=b"connection: close\r\n")
    requests = [*(asked(*call) for call in calls), last]
    short = told(*requests)
    assert len(whole) == sum(1 for method, *_ in calls if method != "HEAD")

    from mockleo.runtime import protocol

    monkeypatch.setattr(protocol.Direct, "takes_whole", Connection.takes_whole)
    assert told(*requests) == short
    assert short.count(b"HTTP/1.1 ") == len(requests)


@pytest.mark.parametrize("more", [b"connection: close\r\n", b"expect: 100-continue\r\n"])
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_the_server_sees_to_the_rest(version: str, more: bytes, whole: list[bytes]) -> None:
    stays = version == "1.1" and more.startswith(b"expect")
    last = [asked(*ME, more=b"connection: close\r\n")] if stays else []
    answer = told(asked(*ORDER, more=more, version=version), *last)
    assert answer.count(b"HTTP/1.1 200 OK\r\n") == 1 + len(last)
    assert bool(whole) is stays
    assert answer.count(b"connection: close") == 1


def test_with_the_other_protocol_the_server_sees_to_all(
    whole: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    last = asked(*ME, more=b"connection: close\r\n")
    short = told(asked(*ORDER), last)
    assert whole
    whole.clear()
    use_h11(monkeypatch)
    # It has capitals and phrases of its own, and the same to say.
    other = told(asked(*ORDER), last)
    assert sorted(other.lower().replace(b" ok", b" ").splitlines()) == sorted(
        short.lower().replace(b" ok", b" ").splitlines()
    )
    assert not whole


def test_a_connection_knows_no_shorter_way_by_itself() -> None:
    connection = Connection.__new__(Connection)
    assert not connection.takes_whole(lambda: None)  # type: ignore[arg-type, return-value]
    with pytest.raises(NotImplementedError):
        connection.write_whole(lambda: None, b"")  # type: ignore[arg-type, return-value]
