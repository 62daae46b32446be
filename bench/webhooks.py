"""Webhooks: how many are dispatched for each that a bare aiohttp client loop posts.

Ours are written, sent, logged and cleaned of secrets, each on a connection of its own, as the
service does. The bare loop posts bytes that are ready, on connections that aiohttp keeps. Both send the
same bytes, 64 at once, to the same receiver, whose process has a core to itself.

python -m bench.webhooks    the receiver; prints a ready line like `mockleo serve --json`
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from time import perf_counter
from typing import TYPE_CHECKING, Any

import uvloop

from bench.report import Result, compared
from bench.servers import serving
from bench.setting import Meaningless
from mockleo.core.account import Plan
from mockleo.core.chance import Chance
from mockleo.core.generations import order_generation
from mockleo.core.keys import webhook
from mockleo.core.orders import GenerationOrder
from mockleo.core.world import Ended, World
from mockleo.record import Record
from mockleo.redact import Redactor
from mockleo.runtime.activity import Activity
from mockleo.runtime.addresses import Reach
from mockleo.runtime.agenda import Agenda
from mockleo.runtime.clock import Clock
from mockleo.runtime.retries import Retries
from mockleo.runtime.webhooks import AT_ONCE, HARMLESS, Letter, Sender
from mockleo.wire.contract import load
from mockleo.wire.links import Links
from mockleo.wire.webhooks import Author, event_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.setting import Setting

AT_LEAST = 0.50
_BY_SECOND = 4_000

RECEIVER = (sys.executable, "-m", "bench.webhooks")
_KEY = "6f1c2b7e-4a53-4d0e-9b38-0c7a5e2d9f41"
_BEARER = "a-webhook-key-of-some-length"
_BASE = "http://127.0.0.1:5360"
_ORDER = GenerationOrder(
    prompt="a lighthouse on a cliff in the evening sun, oil on canvas, thick paint",
    num_images=1,
    width=1024,
    height=768,
)


def dispatch(setting: Setting) -> Iterator[Result]:
    """Webhooks of finished generations with one image, to a receiver that answers at once."""
    count = int(_BY_SECOND * setting.effort.round_s)
    ours: list[float] = []
    theirs: list[float] = []
    with serving(RECEIVER, setting) as receiver:
        for _ in range(setting.effort.rounds):
            for send, rates in ((ours_by_second, ours), (theirs_by_second, theirs)):
                rates.append(setting.on_the_load_core(send, port=receiver.port, count=count))
    yield compared(
        f"webhooks, {AT_ONCE} at once",
        over="a bare aiohttp client loop",
        ours=ours,
        theirs=theirs,
        at_least=AT_LEAST,
        unit="a second",
        beside="one connection each, against connections that are kept",
    )


def ours_by_second(*, port: int, count: int) -> float:
    """Deliveries per second of the emulator's own sender."""
    return uvloop.run(_dispatch(_ended(port, count)))


def theirs_by_second(*, port: int, count: int) -> float:
    """Posts per second of the bare loop."""
    return uvloop.run(_post(port, _bodies(_ended(port, count))))


async def _dispatch(ends: list[Ended]) -> float:
    agenda, rest = Agenda(), asyncio.Event()
    record, redactor = Record(), Redactor()
    redactor.learn(_KEY, _BEARER)
    rules = load().rules
    sender = Sender(
        record=record,
        redactor=redactor,
        clock=Clock(),
        agenda=agenda,
        activity=Activity(agenda=agenda, quiet=rest.set),
        chance=Chance(b"bench"),
        write=_author(ends[0].account.plan).write,
        retries=Retries(),
        timeout_ms=rules.integer("webhooks.timeout"),
        reach=Reach.LOCAL,
    )
    sender.start()
    started_s = perf_counter()
    for ended in ends:
        sender.send(ended, event_of(ended.job, rules) or "")
    await rest.wait()
    took_s = perf_counter() - started_s
    await sender.stop()
    if any(delivery.state != "delivered" for delivery in record.deliveries):
        raise Meaningless("a webhook has not been delivered")
    return len(ends) / took_s


async def _post(port: int, bodies: list[bytes]) -> float:
    # Takes a quarter of a second to import, and only this needs it.
    import aiohttp

    headers = {
        "accept": "application/json, text/plain, */*",
        "content-type": "application/json",
        "authorization": f"Bearer {_BEARER}",
        "user-agent": "axios/1.4.0",
        "accept-encoding": "gzip, compress, deflate, br",
    }
    left = iter(bodies)
    async with aiohttp.ClientSession(headers=headers) as session:

        async def work() -> None:
            for body in left:
                async with session.post(f"http://127.0.0.1:{port}/hook", data=body) as answer:
                    await answer.read()
                    if answer.status != 200:
                        raise Meaningless("a post has not been taken")

        started_s = perf_counter()
        await asyncio.gather(*(work() for _ in range(AT_ONCE)))
        return len(bodies) / (perf_counter() - started_s)


def _ended(port: int, count: int) -> list[Ended]:
    """The ends of so many jobs of one key that has a webhook."""
    contract = load()
    plan = Plan(name="bench", unit="CREDITS", credits=10**9, slots={"image": count})
    world = World(rules=contract.rules, catalogue=contract.catalogue, plan=plan, seed=1, now_ms=10**12)
    hook = webhook(f"http://127.0.0.1:{port}/hook", _BEARER, None, http_hosts=())
    account = world.make_account(_KEY)
    account.calling = world.make_key(_KEY, account=account, webhook=hook).id
    for _ in range(count):
        order_generation(world, account, _ORDER)
    world.advance(10**12 + 3_600_000)
    return [effect for effect in world.take_effects() if isinstance(effect, Ended)]


def _author(plan: Plan) -> Author:
    contract = load()
    world = World(rules=contract.rules, catalogue=contract.catalogue, plan=plan, seed=1, now_ms=0)
    links = Links(base=_BASE, cdn=f"{_BASE}/cdn", segments=False)
    return Author(world=lambda: world, links=lambda: links, true_to_the_wire=False)


def _bodies(ends: list[Ended]) -> list[bytes]:
    """What ours sends, written beforehand."""
    author = _author(ends[0].account.plan)
    bodies = []
    for ended in ends:
        hook = ended.key.webhook
        if hook is not None:
            letter = Letter(ended=ended, webhook=hook, type="image_generation.complete", mischief=HARMLESS)
            bodies.append(author.write(letter)[1])
    return bodies


class _Receiver(asyncio.Protocol):
    """Answers each request with 200, and closes the connection or keeps it, as it is asked."""

    _answer = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok"
    _last = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok"

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._pending = b""

    def data_received(self, data: bytes) -> None:
        self._pending += data
        head, found, body = self._pending.partition(b"\r\n\r\n")
        if not found:
            return
        told = head.lower()
        if len(body) < int(told.partition(b"content-length: ")[2].partition(b"\r")[0]):
            return
        self._pending = b""
        if b"connection: close" in told:
            self._transport.write(self._last)
            self._transport.close()
        else:
            self._transport.write(self._answer)


async def _receive() -> None:
    server = await asyncio.get_running_loop().create_server(_Receiver, "127.0.0.1", 0, backlog=1_024)
    port = server.sockets[0].getsockname()[1]
    sys.stdout.write(json.dumps({"url": f"http://127.0.0.1:{port}", "pid": os.getpid()}) + "\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_receive())
