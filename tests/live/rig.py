"""An emulator behind a real socket, and whoever it meets there: clients, an operator, receivers."""

import asyncio
import json
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from mockleo.emulator import Emulator
from tests.runtime.receivers import OK, PATIENCE_S, Behaviour, Peer, Receiver, answering

Json = Any

# Longer than any job but a training takes, whatever the spread.
LONG_MS = 300_000

SMALL = {"prompt": "a lighthouse", "num_images": 1, "width": 64, "height": 64}

KEY = "the-key-of-the-client"


def bearer_of(key: str) -> str:
    """What `make_key` lets the webhooks of a key come with."""
    return f"bearer-of-{key}"


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

    def form(self) -> Json:
        """A presigned form for an init image."""
        answer = self.ask("POST", "/init-image", json={"extension": "png"})
        assert answer.status_code == 200, answer.text
        return answer.json()["uploadInitImage"]

    def upload(
        self, form: Json, *, content: bytes = b"picture", timeout: float = PATIENCE_S
    ) -> httpx.Response:
        """Send a file through a form as the service's guide says: without a key, the file last."""
        with httpx.Client(trust_env=False, timeout=timeout) as web:
            return web.post(form["url"], data=json.loads(form["fields"]), files={"file": ("file", content)})

    def fetch(self, url: str) -> httpx.Response:
        """Get an asset or an object as a browser does: without a key."""
        with httpx.Client(trust_env=False) as web:
            return web.get(url)

    def image_url(self, generation_id: str) -> str:
        """Where the first image of a finished generation is."""
        answer = self.ask("GET", f"/generations/{generation_id}")
        return str(answer.json()["generations_by_pk"]["generated_images"][0]["url"])

    @property
    def credits(self) -> int:
        """API credits left."""
        return int(self.ask("GET", "/me").json()["user_details"][0]["apiPaidTokens"])

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
    hook = {} if url is None else {"webhook_url": url, "webhook_key": bearer_of(key)}
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


class Housed(Receiver):
    """A receiver at a port that is known."""

    port = 0


class Street:
    """Receivers of webhooks, who live in a thread of their own."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._servers: dict[Housed, asyncio.Server] = {}

    def receiver(self, *behaviours: Behaviour, port: int = 0) -> Housed:
        """One that answers each request with the next behaviour, the last one for ever; by default 200."""
        made = Housed(*(behaviours or (answering(OK),)))

        async def move_in() -> None:
            server = await asyncio.start_server(made.serve, "127.0.0.1", port)
            made.port = server.sockets[0].getsockname()[1]
            made.url = f"http://127.0.0.1:{made.port}/hook?a=1"
            self._servers[made] = server

        self._do(move_in())
        return made

    def kill(self, receiver: Housed) -> None:
        """Nobody listens there any more."""

        async def move_out() -> None:
            self._servers.pop(receiver).close()
            await receiver.stop()

        self._do(move_out())

    def dead(self) -> str:
        """A URL where nobody listens any more."""
        receiver = self.receiver()
        self.kill(receiver)
        return receiver.url

    def clear(self) -> None:
        for receiver in list(self._servers):
            self.kill(receiver)

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)


@contextmanager
def a_street() -> Iterator[Street]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="street")
    thread.start()
    street = Street(loop)
    try:
        yield street
    finally:
        street.clear()
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
