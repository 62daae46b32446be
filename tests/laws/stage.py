"""A whole emulator in this process, on a wall clock that we hold, and everything that passes by it.

    stage = Stage()
    stage.ask("alice", "GET", "/me")
    stage.control("POST", "clock/advance", by_ms=4_000)
    stage.rest()
    stage.stop()
    stage.close()

Clients, receivers and the operator are all here. No time passes by itself and no thread runs, so
the same commands in the same order are the same run, whichever way the emulator's clock goes.
"""

import asyncio
import json
import logging
import math
import selectors
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest import mock
from urllib.parse import urlsplit

from starlette.types import Message, Scope

from mockleo.app import App
from mockleo.changes import changed
from mockleo.record import Decision, Delivery, Exchange, Record
from mockleo.runtime import clock as clock_module
from mockleo.runtime.clock import Clock, Mode
from mockleo.runtime.delivery import Outcome
from mockleo.settings import Settings
from mockleo.wire import assets as assets_module
from mockleo.wire.contract import Contract, load
from mockleo.wire.links import API_PATH
from mockleo.wire.sending import CutOff

if TYPE_CHECKING:
    from mockleo.core.world import Booked, Moved

Json = Any

HOST = "leo.test"
OPERATOR = "127.0.0.1:5360"
CANARY = "canary-0123456789-abcdefghijklmnopqrstuv"
BEARER = "webhook-secret-of-a-receiver"
assert len(CANARY) == 40

# Who calls: the first two are keys of one account and are told of their jobs, the third is not.
KEYS = {"alice": CANARY, "alice too": "another-key-of-alice", "bob": "a-key-of-bobs"}

# Small, so that they are met: places for jobs, calls a minute, exchanges that are kept.
SLOTS = 2
PENDING = 3
CALLS_MOST = 25
ORDERS_MOST = 8
JOURNAL = 30
RULES = {
    "plans.credits.slots.image": SLOTS,
    "plans.credits.slots.upscale": 1,
    "plans.credits.pending.image": PENDING,
    "plans.credits.per_minute.all": CALLS_MOST,
    "plans.credits.per_minute.createGeneration": ORDERS_MOST,
    "webhooks.retries": "steps",
}
CREDITS = 2_000

# More turns of the loop than anything takes that comes to an end.
TURNS_MOST = 50_000


class Stuck(AssertionError):
    """Somebody waits for what nobody will ever do."""


@cache
def the_contract() -> Contract:
    return load()


# --- time and bytes -------------------------------------------------------------------------------


class Wall:
    """A monotonic clock that only goes on while a loop has nothing to do but wait."""

    def __init__(self) -> None:
        self.ns = 0


class _Impatient(selectors.SelectSelector):
    """Passes the time instead of waiting."""

    def __init__(self, wall: Wall) -> None:
        super().__init__()
        self._wall = wall

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise Stuck("nobody has anything to do any more, and somebody waits")
        if not ready and timeout:
            self._wall.ns += math.ceil(timeout * 1e9)
        return ready


class Loop(asyncio.SelectorEventLoop):
    def __init__(self, wall: Wall) -> None:
        super().__init__(_Impatient(wall))
        self._wall = wall

    def time(self) -> float:
        return self._wall.ns / 1e9


async def at_once(draw: Callable[[], bytes]) -> bytes:
    """In place of a thread."""
    return draw()


@dataclass
class Asked:
    """A request, and what has come of it so far."""

    n: int
    client: str
    method: str
    url: str
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    status: int = 0
    answered: dict[str, str] = field(default_factory=dict)
    content: bytes = b""
    is_cut: bool = False
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    @property
    def done(self) -> bool:
        return self.task is not None and self.task.done()

    @property
    def why(self) -> str:
        return self.answered.get("x-mockleo-why", "")

    @property
    def is_plain(self) -> bool:
        """Whether it was answered, and no fault had anything to do with it."""
        return self.done and self.status > 0 and not self.is_cut and "fault=" not in self.why

    @property
    def has_failed(self) -> bool:
        """Whether a client would send it again."""
        return self.status == 0 or self.is_cut or self.status >= 500 or self.status in {408, 429}

    def json(self) -> Json:
        return json.loads(self.content)


async def converse(app: App, asked: Asked) -> None:
    """Send a request to the application itself, and read what it sends."""
    parts = urlsplit(asked.url)
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": asked.method,
        "scheme": "http",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": list(asked.headers),
        "client": ("127.0.0.1", 10_000 + asked.n),
        "server": (parts.hostname, 80),
    }
    unread = [{"type": "http.request", "body": asked.body, "more_body": False}]

    async def receive() -> Message:
        if unread:
            return unread.pop()
        await asked.gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            asked.status = message["status"]
            asked.answered = {name.decode(): value.decode("latin-1") for name, value in message["headers"]}
        else:
            asked.content += message.get("body", b"")

    try:
        await app(scope, receive, send)
    except CutOff:
        asked.is_cut = True


def form_of(fields: Mapping[str, str], content: bytes) -> tuple[str, bytes]:
    """Content type and body of a multipart form whose last part is a file."""
    parts = [
        f'--law\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    head = '--law\r\ncontent-disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    return "multipart/form-data; boundary=law", "".join(
        [*parts, head]
    ).encode() + content + b"\r\n--law--\r\n"


# --- what is seen of it ---------------------------------------------------------------------------


class Watched(Record):
    """A record that also keeps, for us alone, all that it was ever told."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.all_exchanges: list[Exchange] = []
        self.all_effects: list[Booked | Moved] = []
        self.all_deliveries: list[Delivery] = []
        self.all_decisions: list[Decision] = []

    def exchange(self, exchange: Exchange) -> None:
        self.all_exchanges.append(exchange)
        super().exchange(exchange)

    def moved(self, happened: Iterable[Any]) -> None:
        happened = list(happened)
        self.all_effects.extend(happened)
        super().moved(happened)

    def delivery(self, delivery: Delivery) -> None:
        self.all_deliveries.append(delivery)
        super().delivery(delivery)

    def decided(self, decision: Decision) -> None:
        self.all_decisions.append(decision)
        super().decided(decision)


class _Errors(logging.Handler):
    """Keeps whatever is logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


class Stage:
    """One emulator, its clients, its receivers and its operator."""

    def __init__(self, seed: int = 7) -> None:
        self._life = ExitStack()
        self.wall = wall = Wall()
        fake = SimpleNamespace(monotonic_ns=lambda: wall.ns, time_ns=lambda: wall.ns // 1_000_000)
        self._life.enter_context(mock.patch.object(clock_module, "time", fake))
        self._life.enter_context(mock.patch.object(assets_module, "run_in_threadpool", at_once))
        self._life.enter_context(mock.patch("mockleo.app.Record", Watched))
        self.logged = _Errors()
        logging.getLogger().addHandler(self.logged)
        self._life.callback(logging.getLogger().removeHandler, self.logged)
        self.complaints: list[str] = []
        self.loop = Loop(wall)
        self.loop.set_exception_handler(lambda _, told: self.complaints.append(str(told)))
        settings = Settings(time="manual", seed=seed, journal=JOURNAL, credits=CREDITS, rules=RULES)
        contract = changed(the_contract(), rules=settings.rules, refusals=settings.refusals)
        self.app = App(settings=settings, contract=contract, clock=Clock(Mode.MANUAL))
        assert isinstance(self.app.record, Watched)
        self.seen = self.app.record
        self.asked: list[Asked] = []
        self.held: list[Asked] = []
        self.received: Counter[str] = Counter()
        self.receiver = "good"
        self.operations = {operation.id for operation in contract.operations}
        refusals = contract.refusals
        self.listed_5xx = {name for name in refusals if refusals[name].status >= 500}
        # By who calls: his key, its id, and whose it is.
        self.keys: dict[str, str] = {}
        self.key_ids: dict[str, str] = {}
        self.user_ids: dict[str, str] = {}
        self._running = self.app.running()
        self.app.sender.deliver = self._receive
        self._run(self._running.__aenter__())
        self.make_keys()

    def make_keys(self) -> None:
        """Let the operator make the keys of everybody, in a world that has none."""
        for who, key in KEYS.items():
            self.make_key(who, key, account=self.user_ids["alice"] if who == "alice too" else None)

    def make_key(self, who: str, key: str, *, account: str | None) -> None:
        hook = {} if who == "bob" else {"webhook_url": "http://127.0.0.1:9/hook", "webhook_key": BEARER}
        payload = {"payload": "legacy2023"} if who == "alice too" else {}
        made = self.control("POST", "keys", key=key, account=account, **hook, **payload)
        self.keys[who], self.key_ids[who], self.user_ids[who] = key, made["id"], made["account"]

    def stop(self) -> None:
        """Stop the emulator; whatever hangs about then is a leak."""
        self._run(self._running.__aexit__(None, None, None))
        self._run(asyncio.sleep(0))
        left = asyncio.all_tasks(self.loop)
        assert not left, f"tasks are left: {left}"

    def close(self) -> None:
        """Give everything back, however the play has ended."""
        self._run(self._break_off())
        self.app.site.close()
        self.loop.close()
        self._life.close()

    async def _break_off(self) -> None:
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _run(self, doing: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(doing)

    # --- clients ------------------------------------------------------------------------------

    def ask(
        self,
        client: str,
        method: str,
        path: str,
        body: Json = None,
        *,
        content: bytes = b"",
        content_type: str = "application/json",
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> Asked:
        """Send one request, to the API or to an absolute URL; held, it waits for the clock."""
        told = [(b"host", HOST.encode()), *headers]
        url = path
        if not path.startswith("http"):
            url = f"http://{HOST}{API_PATH}{path}"
            if client in self.keys:
                told.append((b"authorization", f"Bearer {self.keys[client]}".encode()))
        if body is not None:
            content = json.dumps(body).encode()
        if content:
            told.append((b"content-type", content_type.encode()))
            told.append((b"content-length", str(len(content)).encode()))
        return self._send(client, method, url, content, tuple(told))

    def again(self, asked: Asked) -> Asked:
        """The same to the byte once more."""
        return self._send(asked.client, asked.method, asked.url, asked.body, asked.headers)

    def _send(
        self, client: str, method: str, url: str, body: bytes, headers: tuple[tuple[bytes, bytes], ...]
    ) -> Asked:
        asked = Asked(len(self.asked) + 1, client, method, url, body, headers)
        self.asked.append(asked)
        self.held.append(asked)
        self._run(self._until_answered(asked))
        return asked

    async def _until_answered(self, asked: Asked) -> None:
        """Come back once it is answered, or held by a clock that does not come there by itself."""
        asked.task = asyncio.ensure_future(converse(self.app, asked))
        for _ in range(TURNS_MOST):
            resting = asyncio.ensure_future(self.app.scheduler.settle())
            await asyncio.wait({asked.task, resting}, return_when=asyncio.FIRST_COMPLETED)
            resting.cancel()
            await asyncio.gather(resting, return_exceptions=True)
            if asked.task.done() or not self.goes_on():
                return
            await asyncio.sleep(0)
        raise Stuck("an answer is held for ever by a clock that jumps")

    def goes_on(self) -> bool:
        """Whether something goes on, or the clock is about to jump."""
        app = self.app
        may_jump = app.clock.mode is Mode.AUTO and app.activity.is_still() and app.due_ms() is not None
        return app.activity.busy > 0 or may_jump

    def hang_up(self, asked: Asked) -> None:
        asked.gone.set()
        self.rest()

    # --- time ---------------------------------------------------------------------------------

    def rest(self) -> None:
        """Let everything come to rest that does not wait for the clock."""
        self._run(self._rest())

    async def _rest(self) -> None:
        for _ in range(TURNS_MOST):
            await self.app.scheduler.settle()
            for _ in range(3):
                await asyncio.sleep(0)
            if not self.goes_on():
                return
        raise Stuck("it does not come to rest")

    def pass_time(self, ms: int) -> None:
        """Let real time pass."""
        self._run(asyncio.sleep(ms / 1_000))
        self.rest()

    # --- the operator -------------------------------------------------------------------------

    def control(self, method: str, path: str, /, **fields: Any) -> Json:
        """What the operator's API says; a refusal fails."""
        asked = self.operate(method, path, fields or None)
        assert 200 <= asked.status < 300, f"{method} {path}: {asked.status} {asked.content!r}"
        return asked.json()

    def operate(self, method: str, path: str, body: Json = None) -> Asked:
        """One request to the operator's API, whatever it answers."""
        content = b"" if body is None else json.dumps(body).encode()
        headers = [(b"host", OPERATOR.encode())]
        if content:
            headers.append((b"content-type", b"application/json"))
        asked = Asked(0, "", method, f"http://{OPERATOR}/_mockleo/{path}", content, tuple(headers))
        asked.task = self.loop.create_task(converse(self.app, asked))
        self._run(asyncio.wait_for(asked.task, None))
        return asked

    # --- receivers ----------------------------------------------------------------------------

    async def _receive(self, _: str, *, body: bytes, **__: Any) -> Outcome:
        told = json.loads(body)["data"]["object"]
        # A fault may have it that there is nothing to tell of the job.
        self.received["" if told is None else told["id"]] += 1
        if self.receiver == "slow":
            await asyncio.sleep(3)
        elif self.receiver == "quick":
            return Outcome(status=200)
        await asyncio.sleep(0)
        return Outcome(
            status=503 if self.receiver == "failing" else 200, address="127.0.0.1", answer=CANARY.encode()
        )

    # --- all that leaves ----------------------------------------------------------------------

    def told(self) -> Iterator[tuple[str, bytes]]:
        """Everything the operator can look at, but for the secrets that he asks for."""
        for path in (
            "record", "requests?limit=1000", "state", "webhooks?limit=1000", "health", "faults", "keys",
            "accounts", "jobs?limit=1000", "clock",
        ):  # fmt: skip
            yield path, self.operate("GET", path).content
