"""An answer goes out as its `Sending` says: late, in pieces, cut off, or not at all."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from mockleo.runtime.clock import Mode
from mockleo.wire.sending import CutOff, Sending

from .tiny import START_MS, Served, Tiny, read_all, read_answer, use_h11

if TYPE_CHECKING:
    from collections.abc import Callable

BODY = b'{"sdGenerationJob":{"generationId":"a","apiCreditCost":7}}'
HEADERS = {"date", "content-type", "content-length", "x-request-id", "x-content-type-options"}


def sending(**given: Any) -> Sending:
    return Sending(**{"status": 200, "body": BODY, **given})


async def ask(tiny: Tiny) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(tiny), base_url="http://leo.test") as client:
        return await client.post("/", content=b"{}")


async def until_held(tiny: Tiny) -> None:
    while tiny.agenda.due_ms() is None:  # noqa: ASYNC110  turn by turn, not second by second
        await asyncio.sleep(0)


# --- in process ----------------------------------------------------------------------------------


async def _at_once() -> None:
    tiny = Tiny(sending(headers=((b"retry-after", b"3"),), why="fault=a; latency"))
    answer = await ask(tiny)
    assert (answer.status_code, answer.content) == (200, BODY)
    assert set(answer.headers) == {*HEADERS, "retry-after", "x-mockleo-why"}
    assert answer.headers["x-mockleo-why"] == "fault=a; latency"
    assert tiny.outcomes.get_nowait() == "answered"
    assert tiny.activity.is_quiet()


def test_without_a_wish_it_is_sent_as_any_other() -> None:
    asyncio.run(_at_once())


async def _late() -> None:
    tiny = Tiny(sending(wait_ms=5_000))
    answer = asyncio.create_task(ask(tiny))
    await until_held(tiny)
    assert tiny.activity.is_quiet()
    assert tiny.agenda.due_ms() == START_MS + 5_000
    await tiny.scheduler.move_to(START_MS + 4_999)
    assert not answer.done()
    await tiny.scheduler.move_to(START_MS + 5_000)
    got = await answer
    assert got.content == BODY
    # The date is that of its going out.
    assert got.headers["date"] == "Thu, 01 Jan 2026 00:00:05 GMT"
    assert tiny.activity.is_quiet()


def test_a_late_one_waits_for_the_clock() -> None:
    asyncio.run(_late())


async def _jumped() -> None:
    tiny = Tiny(sending(wait_ms=3_600_000, piece_bytes=10, piece_wait_ms=60_000), mode=Mode.AUTO)
    tiny.scheduler.start()
    assert (await ask(tiny)).content == BODY
    assert tiny.clock.now_ms() >= START_MS + 3_600_000 + 5 * 60_000
    tiny.scheduler.stop()


def test_a_clock_that_jumps_is_not_held_up() -> None:
    asyncio.run(_jumped())


SILENT, MIDDLE = {"cut_after": -1}, {"cut_after": 20}


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("cut", [SILENT, {"cut_after": 0}, MIDDLE, {"cut_after": 10_000}])
def test_a_cut_is_an_error_to_a_client_in_process(cut: dict[str, int], *, reset: bool) -> None:
    tiny = Tiny(sending(reset=reset, why="fault=a; connection-close", **cut))
    with pytest.raises(CutOff, match="fault=a; connection-close"):
        asyncio.run(ask(tiny))
    assert tiny.outcomes.get_nowait() == "cut"
    assert issubclass(CutOff, ConnectionResetError)


@pytest.mark.parametrize(("cut", "silent"), [(None, False), (-1, True), (0, False), (7, False)])
def test_who_sends_no_byte_is_silent(cut: int | None, *, silent: bool) -> None:
    assert sending(cut_after=cut).is_silent is silent


class Raw:
    """A client that is nothing but two functions, and hangs up when it is told to."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.hung_up = asyncio.Event()
        self.listening = 0
        self._asked = False

    async def receive(self) -> Any:
        self.listening += 1
        assert self.listening == 1, "one message at a time"
        try:
            if not self._asked:
                self._asked = True
                return {"type": "http.request", "body": b"", "more_body": False}
            await self.hung_up.wait()
            return {"type": "http.disconnect"}
        finally:
            self.listening -= 1

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    async def call(self, tiny: Tiny) -> None:
        await tiny({"type": "http", "headers": []}, self.receive, self.send)


async def _gone(given: dict[str, int], sent: int) -> None:
    tiny, client = Tiny(sending(**given)), Raw()
    call = asyncio.create_task(client.call(tiny))
    await until_held(tiny)
    client.hung_up.set()
    await call
    assert tiny.outcomes.get_nowait() == "gone"
    assert len(client.sent) == sent
    assert (tiny.agenda.due_ms(), tiny.activity.busy, client.listening) == (None, 0, 0)


@pytest.mark.parametrize(
    ("given", "sent"),
    [({"wait_ms": 5_000}, 0), ({"piece_bytes": 8, "piece_wait_ms": 100}, 2), ({"wait_ms": 9, **MIDDLE}, 0)],
)
def test_who_hangs_up_meanwhile_gets_nothing_more(given: dict[str, int], sent: int) -> None:
    asyncio.run(_gone(given, sent))


class NoDoor:
    """A server that is not to stop listening."""

    def stop_listening(self) -> bool:
        raise AssertionError("a dropped answer begins no outage")

    def listen_again(self) -> None: ...


async def _dropped(given: dict[str, int], sent: int) -> None:
    tiny, client = Tiny(sending(outage_ms=1_000, **given), mode=Mode.REAL), Raw()
    tiny.outage.door = NoDoor()
    call = asyncio.create_task(client.call(tiny))
    await until_held(tiny)
    tiny.transmitter.drop_held()
    tiny.transmitter.drop_held()
    with pytest.raises(CutOff):
        await call
    assert tiny.outcomes.get_nowait() == "cut"
    assert len(client.sent) == sent
    assert (tiny.agenda.due_ms(), tiny.activity.busy, client.listening) == (None, 0, 0)


@pytest.mark.parametrize(
    ("given", "sent"), [({"wait_ms": 600_000}, 0), ({"piece_bytes": 8, "piece_wait_ms": 600_000}, 2)]
)
def test_what_is_held_can_be_dropped(given: dict[str, int], sent: int) -> None:
    asyncio.run(_dropped(given, sent))


async def _cancelled() -> None:
    tiny, client = Tiny(sending(wait_ms=5_000)), Raw()
    call = asyncio.create_task(client.call(tiny))
    await until_held(tiny)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert (tiny.agenda.due_ms(), tiny.activity.busy, client.listening) == (None, 0, 0)


def test_one_that_is_cancelled_leaves_nothing_behind() -> None:
    asyncio.run(_cancelled())


async def _pieces(given: dict[str, Any]) -> list[bytes]:
    tiny, client = Tiny(sending(**given)), Raw()
    try:
        await client.call(tiny)
    except CutOff:
        assert client.sent[-1]["more_body"]
    else:
        assert [each["more_body"] for each in client.sent[1:]][-1] is False
    assert all(each["more_body"] for each in client.sent[1:-1])
    length = dict(client.sent[0]["headers"])[b"content-length"]
    assert int(length) == len(given.get("body", BODY))
    return [each["body"] for each in client.sent[1:]]


@pytest.mark.parametrize(
    ("given", "pieces"),
    [
        ({"body": b"abcdefg"}, [b"abcdefg"]),
        ({"body": b"abcdefg", "piece_bytes": 3}, [b"abc", b"def", b"g"]),
        ({"body": b"abcdef", "piece_bytes": 3}, [b"abc", b"def"]),
        ({"body": b"abc", "piece_bytes": 99}, [b"abc"]),
        ({"body": b"", "piece_bytes": 3}, [b""]),
        ({"body": b"abcdefg", "piece_bytes": 3, "cut_after": 4}, [b"abc", b"d"]),
        ({"body": b"abcdefg", "cut_after": 0}, [b""]),
        ({"body": b"abcdefg", "cut_after": 99}, [b"abcdefg"]),
    ],
)
def test_the_pieces_are_the_body_and_its_length_the_whole_ones(
    given: dict[str, Any], pieces: list[bytes]
) -> None:
    assert asyncio.run(_pieces(given)) == pieces


# --- on a real socket ----------------------------------------------------------------------------


def as_usual(_: pytest.MonkeyPatch) -> None:
    """With httptools, as nearly everywhere."""


@pytest.fixture(params=[as_usual, use_h11], ids=["httptools", "h11"])
def protocol(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    choose: Callable[[pytest.MonkeyPatch], None] = request.param
    choose(monkeypatch)


CUTS = {
    "lost": ({"cut_after": -1}, None),
    "lost, reset": ({"cut_after": -1, "reset": True}, None),
    "head": ({"cut_after": 0}, b""),
    "head, reset": ({"cut_after": 0, "reset": True}, b""),
    "middle": ({"cut_after": 20}, BODY[:20]),
    "middle, reset": ({"cut_after": 20, "reset": True}, BODY[:20]),
    "end": ({"cut_after": 10_000}, BODY),
    "in pieces, reset": ({"cut_after": 20, "piece_bytes": 6, "reset": True}, BODY[:20]),
}


@pytest.mark.usefixtures("protocol")
def test_the_connection_ends_where_it_is_cut() -> None:
    with Served(Tiny(*[sending(**given) for given, _ in CUTS.values()])) as served:
        for name, (given, body) in CUTS.items():
            with served.ask() as connection:
                came, end = read_all(connection)
            assert end == ("reset" if given.get("reset") else "closed"), name
            assert served.outcome() == "cut"
            if body is None:
                assert came == b"", name
                continue
            head, _, rest = came.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 OK\r\n")
            assert f"content-length: {len(BODY)}".encode() in head.lower()
            assert rest == body, name
    assert served.noise == []


@pytest.mark.usefixtures("protocol")
def test_a_late_answer_comes_when_the_clock_says_so() -> None:
    with Served(Tiny(sending(wait_ms=5_000), sending())) as served, served.ask() as connection:
        served.held()
        served.move(4_999)
        assert served.tiny.outcomes.empty()
        served.move(1)
        assert read_answer(connection)[2] == BODY
        assert served.outcome() == "answered"
        # The connection goes on as if nothing had been.
        connection.sendall(b"GET / HTTP/1.1\r\nhost: leo.test\r\n\r\n")
        assert read_answer(connection)[2] == BODY
    assert served.noise == []


@pytest.mark.usefixtures("protocol")
def test_a_slow_body_comes_in_pieces() -> None:
    with Served(Tiny(sending(piece_bytes=20, piece_wait_ms=1_000))) as served, served.ask() as connection:
        served.held()
        came = connection.recv(65_536).partition(b"\r\n\r\n")[2] or connection.recv(65_536)
        assert came == BODY[:20]
        served.move(1_000)
        assert connection.recv(65_536) == BODY[20:40]
        served.move(1_000)
        assert connection.recv(65_536) == BODY[40:]
        assert served.outcome() == "answered"
    assert served.noise == []


@pytest.mark.usefixtures("protocol")
@pytest.mark.parametrize("given", [{"wait_ms": 5_000}, {"piece_bytes": 8, "piece_wait_ms": 1_000}])
def test_a_client_that_hangs_up_is_seen(given: dict[str, int]) -> None:
    with Served(Tiny(sending(**given))) as served:
        with served.ask():
            served.held()
        assert served.outcome() == "gone"
        assert served.call(lambda: (served.tiny.agenda.due_ms(), served.tiny.activity.busy)) == (None, 0)
    assert served.noise == []


@pytest.mark.usefixtures("protocol")
def test_a_server_that_stops_drops_what_is_held() -> None:
    """Uvicorn alone would wait for it, give up, and complain."""
    with Served(Tiny(sending(wait_ms=5_000))) as served:
        connection = served.ask()
        served.held()
    with connection:
        assert read_all(connection) == (b"", "closed")
    assert served.outcome() == "cut"
    assert served.noise == []


def test_of_two_calls_in_one_write_the_first_can_be_cut() -> None:
    request = b"GET / HTTP/1.1\r\nhost: leo.test\r\n\r\n"
    with Served(Tiny(sending(cut_after=20))) as served:
        with served.ask(request * 2) as connection:
            came, end = read_all(connection)
        assert served.outcome() == "cut"
        assert came.endswith(BODY[:20])
        # What the client has sent beside it is not read any more, and the system says so.
        assert end in {"closed", "reset"}
    assert served.noise == []
