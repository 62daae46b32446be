"""One attempt, against receivers on real sockets: good ones, dead ones, hostile ones."""

import asyncio
import gc
import gzip
import socket
import ssl
import threading
from collections.abc import Callable, Coroutine
from itertools import pairwise
from pathlib import Path
from typing import Any

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockleo.runtime.addresses import Reach
from mockleo.runtime.delivery import (
    ANSWER_BYTES_MOST,
    Answer,
    NotHttp,
    Outcome,
    _Conversation,
    deliver,
    target_of,
)

from .receivers import (
    OK,
    PATIENCE_S,
    Behaviour,
    a_dead_url,
    answering,
    answering_for_ever,
    in_a_loop,
    keeping_open,
    receiving,
    resetting_after,
    silent,
    until,
)

BODY = b'{"type":"image_generation.complete"}'
HEADERS = (("host", "hooks.test"), ("content-length", str(len(BODY))), ("connection", "close"))
LONG_S = 30.0
SHORT_S = 0.05


async def sent(url: str, *, timeout_s: float = LONG_S, **given: Any) -> Outcome:
    return await deliver(
        url, headers=HEADERS, body=BODY, timeout_s=timeout_s, **{"reach": Reach.LOCAL, **given}
    )


def outcome_of(behaviour: Behaviour, **given: Any) -> Outcome:
    """What comes of an attempt at a receiver that behaves so."""
    found = []

    async def walk() -> None:
        async with receiving(behaviour) as receiver:
            found.append(await sent(receiver.url, **given))

    in_a_loop(walk())
    return found[0]


def test_a_receiver_gets_what_was_sent_byte_for_byte() -> None:
    async def walk() -> None:
        async with receiving() as receiver:
            outcome = await sent(receiver.url)
            assert outcome == Outcome(address="127.0.0.1", status=200, answer=b"ok")
            [came] = receiver.came
            assert came.line == "POST /hook?a=1 HTTP/1.1"
            assert tuple(came.headers.items()) == HEADERS
            assert came.body == BODY

    in_a_loop(walk())


REDIRECT = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n3\r\ncde\r\n0\r\nt: 1\r\n\r\n"


@pytest.mark.parametrize(
    ("raw", "status", "answer"),
    [
        (OK, 200, b"ok"),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", 200, b"until the end"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 201\r\nContent-Length: 0\r\n\r\n", 201, b""),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok and more", 200, b"ok"),
        (b"HTTP/1.1 500 Oh\r\ncontent-length: 3\r\n\r\nbad", 500, b"bad"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\na: b\r\n\r\n" + OK, 200, b"ok"),
        (b"HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n\0\0\0", 101, b""),
        (REDIRECT, 302, b""),
        (CHUNKED, 200, b"abcde"),
    ],
)
def test_any_answer_has_a_status(raw: bytes, status: int, answer: bytes) -> None:
    outcome = outcome_of(answering(raw))
    assert (outcome.status, outcome.answer, outcome.error) == (status, answer, "")


@pytest.mark.parametrize("raw", [OK, CHUNKED, REDIRECT, b"HTTP/1.1 204 No Content\r\n\r\n"])
def test_a_complete_answer_is_the_end_whatever_the_receiver_does_then(raw: bytes) -> None:
    assert outcome_of(keeping_open(raw)).error == ""


@pytest.mark.parametrize(
    "raw",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x15\x03\x01\x00\x02\x02\x50",
        b"220 smtp ready\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1  200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: two\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nabXX",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + b"0" * 400,
        b"HTTP/1.1 200 OK\r\na: " + b"b" * 70_000,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 4_000,
    ],
)
def test_what_is_no_http_is_said_to_be_none(raw: bytes) -> None:
    outcome = outcome_of(keeping_open(raw))
    assert (outcome.status, outcome.error) == (None, "not http")


@pytest.mark.parametrize(
    "raw",
    [b"", b"HTTP/1.1 200 O", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok", CHUNKED[:-12]],
)
def test_an_answer_that_is_cut_short_is_no_delivery(raw: bytes) -> None:
    assert outcome_of(answering(raw)) == Outcome(address="127.0.0.1", error="hung up")
    assert outcome_of(resetting_after(raw)) == Outcome(address="127.0.0.1", error="reset")
    assert outcome_of(keeping_open(raw), timeout_s=SHORT_S) == Outcome(address="127.0.0.1", error="timeout")


def test_a_receiver_that_never_answers_is_left_after_the_timeout() -> None:
    assert outcome_of(silent, timeout_s=SHORT_S).error == "timeout"


def test_what_goes_wrong_after_everybody_has_left_is_nobodys_error() -> None:
    """The connection breaks in the very turn of the loop in which the attempt is given up."""

    async def walk() -> None:
        over: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        conversation = _Conversation(b"", over)
        conversation.connection_lost(ConnectionResetError())
        conversation.hang_up()
        del conversation, over
        gc.collect()

    in_a_loop(walk())


def test_a_lookup_that_takes_for_ever_counts_too() -> None:
    async def lookup(*_: Any) -> tuple[str, ...]:
        return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]

    async def walk() -> None:
        outcome = await sent("http://slow.test/", timeout_s=SHORT_S, resolve=lookup)
        assert outcome == Outcome(error="timeout")

    in_a_loop(walk())


def test_where_nothing_listens_the_connection_is_refused() -> None:
    async def walk() -> None:
        outcome = await sent(await a_dead_url())
        assert outcome == Outcome(address="127.0.0.1", error="connection refused")

    in_a_loop(walk())


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n",
    ],
)
def test_an_endless_answer_is_read_to_its_limit_and_no_further(head: bytes) -> None:
    outcome = outcome_of(answering_for_ever(head, b"x" * 1_000))
    assert (outcome.status, outcome.error) == (200, "")
    assert outcome.answer == b"x" * ANSWER_BYTES_MOST


@pytest.mark.parametrize("piece", [b"3e8\r\n" + b"x" * 1_000 + b"\r\n", b"1\r\nx\r\n"])
def test_so_is_an_endless_one_in_chunks(piece: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    outcome = outcome_of(answering_for_ever(head, piece))
    assert (outcome.status, outcome.error) == (200, "")
    assert 0 < len(outcome.answer) <= ANSWER_BYTES_MOST


def test_an_answer_is_never_unpacked() -> None:
    bomb = gzip.compress(b"0" * 10_000_000)
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(bomb)
    assert outcome_of(answering(head + bomb)).answer == bomb


def test_a_redirect_is_not_followed() -> None:
    async def walk() -> None:
        async with receiving() as elsewhere:
            there = f"HTTP/1.1 307 No\r\nlocation: {elsewhere.url}\r\ncontent-length: 0\r\n\r\n".encode()
            async with receiving(answering(there)) as receiver:
                assert (await sent(receiver.url)).status == 307
            assert elsewhere.connections == 0

    in_a_loop(walk())


@pytest.mark.parametrize(
    ("url", "reach", "error"),
    [
        ("http://169.254.169.254/latest/", Reach.LOCAL, "refused: address 169.254.169.254 is not allowed"),
        ("http://[fe80::1]/", Reach.PUBLIC, "refused: address fe80::1 is not allowed"),
        ("http://8.8.8.8/", Reach.LOCAL, "refused: address 8.8.8.8 is not allowed"),
    ],
)
def test_what_is_not_allowed_is_not_connected_to(url: str, reach: Reach, error: str) -> None:
    async def walk() -> None:
        assert await sent(url, reach=reach) == Outcome(error=error)

    in_a_loop(walk())


def leading(*addresses: str) -> Callable[..., Coroutine[Any, Any, tuple[str, ...]]]:
    async def resolve(*_: Any) -> tuple[str, ...]:
        return addresses

    return resolve


def test_only_what_was_judged_is_connected_to() -> None:
    """The name itself leads nowhere: a second lookup would be seen."""

    async def walk() -> None:
        async with receiving(name="nowhere.invalid") as receiver:
            outcome = await sent(receiver.url, resolve=leading("127.0.0.1"))
            assert (outcome.status, outcome.address) == (200, "127.0.0.1")

    in_a_loop(walk())


def test_the_next_address_is_tried_where_nothing_listens_on_the_first() -> None:
    async def walk() -> None:
        async with receiving(name="two.invalid") as receiver:
            outcome = await sent(receiver.url, resolve=leading("127.0.0.2", "127.0.0.1"))
            assert (outcome.status, outcome.address) == (200, "127.0.0.1")

    in_a_loop(walk())


def test_one_that_has_heard_us_is_the_last_that_is_tried() -> None:
    async def walk() -> None:
        async with receiving(resetting_after(b""), name="two.invalid") as receiver:
            outcome = await sent(receiver.url, resolve=leading("127.0.0.1", "127.0.0.1"))
            assert outcome.error == "reset"
            assert receiver.connections == 1

    in_a_loop(walk())


def test_a_name_that_means_nothing_is_told() -> None:
    async def walk() -> None:
        assert (await sent("http://nowhere.invalid/")).error.startswith("not reached: ")

    in_a_loop(walk())


@pytest.mark.parametrize("name", ["localhost", "hooks.localhost", "live.test", "127.0.0.1"])
def test_a_name_that_takes_for_ever_holds_up_nobody_else(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many wait for it: more than any pool has threads."""
    over, asked = threading.Event(), []

    def ask(host: str, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        if host == "dead.test":
            assert over.wait(PATIENCE_S)
            raise OSError("means nothing")
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", ask)

    async def walk() -> None:
        async with receiving(name=name) as receiver:
            dead = [asyncio.ensure_future(sent("http://dead.test/")) for _ in range(100)]
            await until(lambda: "dead.test" in asked)
            assert (await sent(receiver.url)).status == 200
            assert asked.count("dead.test") == 1
            over.set()
            assert {(await each).error for each in dead} == {"not reached: means nothing"}

    try:
        in_a_loop(walk())
    finally:
        over.set()


def test_a_dead_receiver_on_this_machine_is_told_by_its_last_address() -> None:
    async def walk() -> None:
        outcome = await sent((await a_dead_url()).replace("127.0.0.1", "localhost"))
        assert outcome == Outcome(address="127.0.0.1", error="connection refused")

    in_a_loop(walk())


CERTIFICATE = Path(__file__).with_name("receiver.pem")


def test_tls_is_verified_unless_told_otherwise() -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(CERTIFICATE)
    names: list[str | None] = []
    tls.sni_callback = lambda _, name, __: names.append(name)

    async def walk() -> None:
        async with receiving(tls=tls, name="hooks.invalid") as receiver:
            refused = await sent(receiver.url, resolve=leading("127.0.0.1"))
            assert refused == Outcome(address="127.0.0.1", error="tls: self-signed certificate")
            taken = await sent(receiver.url, resolve=leading("127.0.0.1"), verify_tls=False)
            assert (taken.status, taken.answer) == (200, b"ok")
            assert len(receiver.came) == 1

    quietly(walk())
    assert names == ["hooks.invalid", "hooks.invalid"]


def test_plain_http_behind_https_is_told() -> None:
    async def walk() -> None:
        async with receiving(keeping_open(b"")) as receiver:
            outcome = await sent(receiver.url.replace("http:", "https:"), timeout_s=SHORT_S)
            assert outcome.error == "timeout"

    quietly(walk())


def quietly(test: Coroutine[Any, Any, None]) -> None:
    """As `in_a_loop`, but a server may complain of a client that turns away."""
    asyncio.run(test)


@pytest.mark.parametrize(
    ("url", "host", "port", "path", "authority"),
    [
        ("http://a.test", "a.test", 80, "/", "a.test"),
        ("https://a.test/x/y?z=1&w#f", "a.test", 443, "/x/y?z=1&w", "a.test"),
        ("http://a.test:80/", "a.test", 80, "/", "a.test"),
        ("http://a.test:8080?q", "a.test", 8080, "/?q", "a.test:8080"),
        ("https://a.test:80/", "a.test", 80, "/", "a.test:80"),
        ("http://[::1]:5360/x", "::1", 5360, "/x", "[::1]:5360"),
        ("http://[::1]/x", "::1", 80, "/x", "[::1]"),
    ],
)
def test_where_a_url_leads(url: str, host: str, port: int, path: str, authority: str) -> None:
    target = target_of(url)
    assert (target.host, target.port, target.path, target.authority) == (host, port, path, authority)


# --- the answer by itself --------------------------------------------------------------------------

bodies = st.binary(max_size=200)
statuses = st.integers(200, 599).filter(lambda status: status not in {204, 304})


@st.composite
def answers(draw: st.DrawFn) -> tuple[bytes, int, bytes]:
    """An answer as h11 writes it, its status and its body."""
    status, body = draw(statuses), draw(bodies)
    chunked = draw(st.booleans())
    framing = ("transfer-encoding", "chunked") if chunked else ("content-length", str(len(body)))
    writer = h11.Connection(h11.SERVER)
    writer.receive_data(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n")
    writer.next_event()
    writer.next_event()
    events: list[Any] = [h11.Response(status_code=status, headers=[("a", "b"), framing], reason=b"x")]
    step = draw(st.integers(1, 60))
    events += [h11.Data(data=body[at : at + step]) for at in range(0, len(body), step)]
    raw = b"".join(writer.send(event) or b"" for event in [*events, h11.EndOfMessage()])
    return raw, status, body


@given(answers(), st.lists(st.integers(0, 600), max_size=12))
def test_an_answer_is_the_same_in_whatever_pieces_it_comes(
    answer: tuple[bytes, int, bytes], cuts: list[int]
) -> None:
    raw, status, body = answer
    places = [0, *sorted(cut for cut in cuts if cut < len(raw)), len(raw)]
    pieces = [raw[start:end] for start, end in pairwise(places)]
    reading = Answer()
    complete = [reading.feed(piece) for piece in pieces if piece]
    assert complete == [False] * (len(complete) - 1) + [True]
    assert (reading.status, bytes(reading.body)) == (status, body)


@given(st.binary(max_size=400), st.integers(1, 50))
def test_no_bytes_break_the_reader(raw: bytes, step: int) -> None:
    for beginning in (b"", b"HTTP/1.1 200 OK\r\n", CHUNKED[:48]):
        reading = Answer()
        whole = beginning + raw
        try:
            for at in range(0, len(whole), step):
                if reading.feed(whole[at : at + step]):
                    break
        except NotHttp:
            pass
        assert len(reading.body) <= len(whole)
