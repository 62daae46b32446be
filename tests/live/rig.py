"""An emulator behind a real socket, and whoever it meets there: clients, an operator, receivers."""

import asyncio
import struct
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from socket import SO_LINGER, SOL_SOCKET, socket
from typing import Any, TypeVar

import httpx

from mockleo.emulator import Emulator
from tests.runtime.receivers import PATIENCE_S, Behaviour, Peer, Receiver, receiving

Json = Any
Result = TypeVar("Result")

# Longer than any job but a training takes, whatever the spread.
LONG_MS = 300_000

SMALL = {"prompt": "a lighthouse", "num_images": 1, "width": 64, "height": 64}

# A key's webhooks are answered in the order in which they come.
KEY = "the-key-of-the-client"
BEARER = "the-bearer-of-the-receiver"


class Client:
    """One account of an emulator, reached by HTTP as any client reaches it."""

    def __init__(self, emulator: Emulator, key: str, **given: Any) -> None:
        self.key = key
        headers = {"authorization": f"Bearer {key}"}
        self.web = httpx.Client(base_url=emulator.base_url, headers=headers, trust_env=False, **given)

    def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        return self.web.request(method, path, **given)

    def order(self, **variables: Any) -> str:
        """Order one small image and return the generation's id."""
        answer = self.ask("POST", "/generations", json={**SMALL, **variables})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["sdGenerationJob"]["generationId"])

    def status(self, generation_id: str) -> str:
        answer = self.ask("GET", f"/generations/{generation_id}")
        return str(answer.json()["generations_by_pk"]["status"])

    @property
    def user_id(self) -> str:
        return str(self.ask("GET", "/me").json()["user_details"][0]["user"]["id"])


@contextmanager
def clients(emulator: Emulator, *keys: str, **given: Any) -> Iterator[tuple[Client, ...]]:
    made = tuple(Client(emulator, key, **given) for key in keys)
    try:
        yield made
    finally:
        for client in made:
            client.web.close()


def make_key(emulator: Emulator, key: str, url: str | None = None, **given: Any) -> Json:
    """A key as the operator makes it, with a webhook if there is a `url`."""
    hook = {} if url is None else {"webhook_url": url, "webhook_key": f"bearer-of-{key}"}
    return emulator.control("POST", "keys", {"key": key, **hook, **given})


def deliveries(emulator: Emulator, **filters: str) -> list[Json]:
    """The log of webhooks, oldest first."""
    query = "".join(f"&{name}={value}" for name, value in filters.items())
    found: list[Json] = emulator.control("GET", f"webhooks?order=oldest{query}")["webhooks"]
    return found


def booked(emulator: Emulator) -> list[Json]:
    """All jobs that there are, whoever knows of them."""
    found: list[Json] = emulator.control("GET", "jobs")["jobs"]
    return found


# --- receivers ------------------------------------------------------------------------------------


class Street:
    """Receivers of webhooks, who live in a thread of their own."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._open: list[Any] = []

    def receiver(self, *behaviours: Behaviour) -> Receiver:
        """One that answers each request with the next behaviour, the last one for ever; by default 200."""
        context = receiving(*behaviours)
        made = self.on_loop(context.__aenter__)
        self._open.append(context)
        return made

    def dead(self) -> str:
        """A URL where nobody listens any more."""
        receiver = self.receiver()
        self.close(1)
        return receiver.url

    def on_loop(self, work: Callable[[], Any]) -> Any:
        async def done() -> Any:
            return await work()

        return asyncio.run_coroutine_threadsafe(done(), self._loop).result(PATIENCE_S)

    def close(self, how_many: int | None = None) -> None:
        """Let the last so many go, or all."""
        for _ in range(len(self._open) if how_many is None else how_many):
            context = self._open.pop()
            self.on_loop(lambda context=context: context.__aexit__(None, None, None))


@contextmanager
def a_street() -> Iterator[Street]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="street")
    thread.start()
    street = Street(loop)
    try:
        yield street
    finally:
        street.close()
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE_S)
        loop.close()


class Gate:
    """Holds answers back until it is opened, and knows when somebody stands before it."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self._open = threading.Event()

    def open(self) -> None:
        self._open.set()

    def holding(self, then: Behaviour) -> Behaviour:
        async def behave(peer: Peer) -> None:
            self.reached.set()
            await asyncio.to_thread(self._open.wait, PATIENCE_S)
            await then(peer)

        return behave

    def wait(self) -> None:
        assert self.reached.wait(PATIENCE_S), "nobody came"
