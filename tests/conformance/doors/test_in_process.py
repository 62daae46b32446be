"""A door to an application in this process: what a client would see of a server, without a socket."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import msgspec
import pytest

from mockleo.conformance.door import ABILITIES, Answer, MayNot, NoAnswer, Request
from mockleo.conformance.doors.in_process import InProcess

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    Told = tuple[Message, ...]

BASE = "http://there.example:81/api/rest/v1"
ME = Request(method="GET", url=f"{BASE}/me")
START: Message = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"X-Who", b"caf\xe9"), (b"a", b"1")],
}


class Stage:
    """An application and all that was done to it."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []
        self.bodies: list[bytes] = []
        self.threads: set[int] = set()
        self.moved_ms = 0
        self.lives: list[str] = []
        self.held = asyncio.Event()
        self.doors: list[InProcess] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self.lives.append("began")
        try:
            yield
        finally:
            self.lives.append("ended")

    async def move(self, ms: int) -> None:
        self.moved_ms += ms
        self.held.set()

    def answering(self, *messages: Message) -> ASGIApp:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            self.scopes.append(scope)
            self.threads.add(threading.get_ident())
            self.bodies.append((await receive())["body"])
            for message in messages:
                await send(message)

        return app

    def holding(self) -> ASGIApp:
        """Answers once somebody lets time pass."""

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            self.lives.append("asked")
            await self.held.wait()
            await send(START)
            await send({"type": "http.response.body", "body": b"at last"})

        return app

    def door(self, app: ASGIApp) -> InProcess:
        door = InProcess(app, base_url=BASE, api_key="k", move=self.move, running=self.running)
        self.doors.append(door)
        return door


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    for door in made.doors:
        door.close()
    assert not [each for each in threading.enumerate() if each.name == "in process"]


def body(text: bytes = b"", *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": text, "more_body": more}


def test_the_answer_is_what_the_application_has_sent(stage: Stage) -> None:
    door = stage.door(stage.answering(START, body(b"one ", more=True), body(b"two")))
    answer = door.send(ME)
    assert (answer.status, answer.headers, answer.body) == (200, (("x-who", "café"), ("a", "1")), b"one two")
    assert answer.elapsed_ms > 0
    assert (door.base_url, door.api_key, door.abilities) == (BASE, "k", ABILITIES)


def test_an_answer_may_have_no_body(stage: Stage) -> None:
    assert stage.door(stage.answering(START, {"type": "http.response.body"})).send(ME).body == b""


def test_the_application_sees_the_call_as_a_server_shows_it(stage: Stage) -> None:
    door = stage.door(stage.answering(START, body()))
    door.send(
        Request(
            method="POST",
            url=f"{BASE}/a%20b%2Fc?x=%20y&x=2#part",
            headers=(("Content-Type", "application/json"), ("X-Twice", "1"), ("X-Twice", "2")),
            body=b"{}",
        )
    )
    (scope,) = stage.scopes
    assert scope["method"] == "POST"
    assert (scope["scheme"], scope["server"]) == ("http", ("there.example", 81))
    assert scope["path"] == "/api/rest/v1/a b/c"
    assert scope["raw_path"] == b"/api/rest/v1/a%20b%2Fc"
    assert scope["query_string"] == b"x=%20y&x=2"
    assert scope["headers"] == [
        (b"host", b"there.example:81"),
        (b"content-type", b"application/json"),
        (b"x-twice", b"1"),
        (b"x-twice", b"2"),
        (b"content-length", b"2"),
    ]
    assert stage.bodies == [b"{}"]


def test_headers_of_the_callers_own_are_left_alone(stage: Stage) -> None:
    door = stage.door(stage.answering(START, body()))
    door.send(
        Request(method="POST", url=BASE, headers=(("Host", "other"), ("Content-Length", "7")), body=b"{}")
    )
    assert stage.scopes[0]["headers"] == [(b"host", b"other"), (b"content-length", b"7")]


def test_a_call_without_a_body_has_no_length_and_no_path_is_the_root(stage: Stage) -> None:
    stage.door(stage.answering(START, body())).send(Request(method="GET", url="http://there.example"))
    (scope,) = stage.scopes
    assert (scope["path"], scope["raw_path"]) == ("/", b"/")
    assert scope["server"] == ("there.example", 80)
    assert [name for name, _ in scope["headers"]] == [b"host"]


@pytest.mark.parametrize(
    "messages",
    [(), (START,), (START, body(b"half", more=True))],
    ids=["nothing", "head alone", "half a body"],
)
def test_an_answer_that_is_cut_off_is_none(stage: Stage, messages: Told) -> None:
    with pytest.raises(NoAnswer, match="cut off"):
        stage.door(stage.answering(*messages)).send(ME)


def breaking(error: Exception, *messages: Message) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)
        raise error

    return app


def test_a_connection_that_breaks_gives_no_answer(stage: Stage) -> None:
    with pytest.raises(NoAnswer, match="reset by fault 3"):
        stage.door(breaking(ConnectionResetError("reset by fault 3"))).send(ME)


def test_an_application_that_breaks_is_a_500_as_with_any_server(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    answer = stage.door(breaking(ZeroDivisionError("by nothing"))).send(ME)
    assert (answer.status, answer.body) == (500, b"Internal Server Error")
    assert "by nothing" in caplog.text


def test_one_that_breaks_in_the_middle_of_its_answer_gives_none(stage: Stage) -> None:
    with pytest.raises(NoAnswer, match="cut off"):
        stage.door(breaking(ZeroDivisionError(), START, body(b"half", more=True))).send(ME)


def test_after_an_error_the_door_is_as_good_as_before(stage: Stage) -> None:
    errors = iter([ConnectionResetError(), ZeroDivisionError()])

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if (error := next(errors, None)) is not None:
            raise error
        await stage.answering(START, body(b"well"))(scope, receive, send)

    door = stage.door(app)
    with pytest.raises(NoAnswer):
        door.send(ME)
    assert door.send(ME).status == 500
    assert door.send(ME).body == b"well"


def test_the_client_stays_on_the_line_until_it_has_its_answer(stage: Stage) -> None:
    """What waits for a client that hangs up is not told that it has."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["type"] == "http.request"
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(receive(), timeout=0.001)
        await send(START)
        await send(body(b"still there"))

    assert stage.door(app).send(ME).body == b"still there"


def test_many_threads_may_use_it_and_the_application_knows_one(stage: Stage) -> None:
    async def echo(scope: Scope, receive: Receive, send: Send) -> None:
        stage.threads.add(threading.get_ident())
        said = (await receive())["body"]
        await asyncio.sleep(0)
        await send(START)
        await send(body(said))

    door = stage.door(echo)

    def ask(nth: int) -> Answer:
        return door.send(msgspec.structs.replace(ME, method="POST", body=b"%d" % nth))

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(200)))
    assert [answer.body for answer in answers] == [b"%d" % nth for nth in range(200)]
    assert len(stage.threads) == 1
    assert threading.get_ident() not in stage.threads


def test_waiting_moves_time_and_what_was_held_comes(stage: Stage) -> None:
    door = stage.door(stage.holding())
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(door.send, ME)
        while "asked" not in stage.lives:
            pass
        door.wait(250)
        assert asked.result(timeout=10).body == b"at last"
    assert stage.moved_ms == 250


def test_what_goes_wrong_while_time_passes_is_told(stage: Stage) -> None:
    async def broken(ms: int) -> None:
        raise AssertionError("time went backwards")

    stage.move = broken  # type: ignore[method-assign]
    with pytest.raises(AssertionError, match="time went backwards"):
        stage.door(stage.holding()).wait(1)


def test_the_application_lives_as_long_as_the_door(stage: Stage) -> None:
    door = stage.door(stage.answering(START, body()))
    assert stage.lives == ["began"]
    door.close()
    assert stage.lives == ["began", "ended"]
    door.close()
    assert stage.lives == ["began", "ended"]


@pytest.mark.parametrize("use", [lambda door: door.send(ME), lambda door: door.wait(1)], ids=["send", "wait"])
def test_a_closed_door_lets_nothing_through(stage: Stage, use: Callable[[InProcess], object]) -> None:
    door = stage.door(stage.answering(START, body()))
    door.close()
    with pytest.raises(MayNot, match="closed"):
        use(door)
    assert stage.scopes == []
    assert stage.moved_ms == 0


def test_who_waits_for_an_answer_when_it_is_closed_gets_none(stage: Stage) -> None:
    door = stage.door(stage.holding())
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(door.send, ME)
        while "asked" not in stage.lives:
            pass
        door.close()
        with pytest.raises(NoAnswer, match="closed before"):
            asked.result(timeout=10)


def test_an_application_that_cannot_begin_leaves_nothing_behind(stage: Stage) -> None:
    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        if stage.doors == []:
            raise OSError("no room for its files")
        yield

    stage.running = running  # type: ignore[method-assign]
    with pytest.raises(OSError, match="no room"):
        stage.door(stage.holding())
    assert not [each for each in threading.enumerate() if each.name == "in process"]


def test_one_that_cannot_end_well_is_told_and_closed_all_the_same(stage: Stage) -> None:
    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        yield
        raise OSError("its files are gone")

    stage.running = running  # type: ignore[method-assign]
    door = stage.door(stage.holding())
    with pytest.raises(OSError, match="files are gone"):
        door.close()
    with pytest.raises(MayNot):
        door.send(ME)
