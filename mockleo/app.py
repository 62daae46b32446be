"""The composition root: the wiring, and where each call goes.

/api/rest/v1/...   the emulated API: the steps of `pipeline.py`
/s3/...            uploads, and the objects they leave
/cdn/...           assets; both in `beside.py`, with what is nowhere
/_mockleo/...      the operator's own API
"""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.applications import Starlette
from starlette.routing import Mount

from mockleo.beside import Beside
from mockleo.changes import changed, faults_of, instant, plan_of, webhook_of
from mockleo.control import control
from mockleo.core.chance import Chance
from mockleo.core.errors import NotTheApi
from mockleo.core.keys import PAYLOADS
from mockleo.core.world import Booked, Ended, World
from mockleo.faults import flow
from mockleo.faults.menu import BY_NAME
from mockleo.faults.plan import BadFault
from mockleo.faults.plan import Plan as FaultPlan
from mockleo.pipeline import answer_call
from mockleo.record import Record
from mockleo.redact import Redactor, guard_logs
from mockleo.reporting import Reporter
from mockleo.runtime.activity import Activity
from mockleo.runtime.agenda import Agenda
from mockleo.runtime.clock import MANUAL_START_MS, Clock, Mode
from mockleo.runtime.outage import Outage
from mockleo.runtime.scheduler import Scheduler
from mockleo.settings import BadSetting
from mockleo.wire.auth import Doorkeeper, Keys
from mockleo.wire.call import Bodies, Profile
from mockleo.wire.contract import load
from mockleo.wire.dispatch import Dispatch
from mockleo.wire.endpoints import HANDLERS, Handler
from mockleo.wire.http import Writer
from mockleo.wire.links import API_PATH, REAL_CDN_HOST, Places
from mockleo.wire.sending import Transmitter
from mockleo.wire.site import BODIES_MOST, Site, open_storage
from mockleo.wire.visit import Heads, Visit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    from starlette.types import Receive, Scope, Send

    from mockleo.runtime.webhooks import Sender
    from mockleo.settings import Settings
    from mockleo.wire.contract import Contract, Operation
    from mockleo.wire.sending import Outcome, Sending

API_ROOT = "/api/rest/"
_DOUBLED = re.compile("//+")


class App:
    """The emulator as an ASGI application."""

    def __init__(self, *, settings: Settings, contract: Contract, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.contract = contract
        self.record = Record(exchanges_most=settings.journal)
        self.redactor = Redactor(spared=(*BY_NAME, *PAYLOADS, *contract.rules))
        self.redactor.learn(settings.control_token, settings.webhook_key, *settings.api_keys)
        guard_logs(self.redactor)
        self._chance = Chance(settings.seed.to_bytes(16, "big", signed=True)).child("app")
        self.writer = Writer(chance=self._chance)
        self._api_keys = settings.api_keys or (self._chance.uuid4("api-key"),)
        self.doorkeeper = Doorkeeper(keys=Keys(settings.keys), redactor=self.redactor)
        self.plan = plan_of(contract.rules, settings)
        self.dispatch: Dispatch[tuple[Operation, Handler]] = Dispatch()
        for operation in contract.operations:
            target = operation, HANDLERS[operation.id]
            self.dispatch.add(operation.method, f"{API_PATH}{operation.path}", target)
        self.places = Places(
            public_url=settings.public_url,
            fallback=settings.url,
            real_cdn=settings.real_cdn,
            segments=settings.profile == Profile.WIRE_TRUE.value,
        )
        self.heads = Heads()
        self.body_bytes_max = contract.rules.integer("http.body_max")
        self._wire()

    @classmethod
    def of(cls, settings: Settings) -> App:
        """The emulator as `settings` want it."""
        contract = changed(load(), rules=settings.rules, refusals=settings.refusals)
        if settings.time == "instant":
            contract = msgspec.structs.replace(contract, rules=instant(contract.rules))
        return cls(settings=settings, contract=contract, clock=Clock(settings.mode, pace=settings.pace))

    @property
    def base_url(self) -> str:
        """What an SDK takes as its server."""
        return f"{self.settings.url}{API_PATH}"

    @property
    def api_key(self) -> str:
        """A key that works: the first declared one, else one for whoever asks."""
        return self._api_keys[0]

    def _wire(self) -> None:
        """Put together the parts that the pipeline and the rest work with."""
        self.agenda = Agenda(changed=lambda: self.scheduler.arm())
        self.activity = Activity(agenda=self.agenda)
        self.faults = self.new_plan()
        self._put_in_force()
        self.reporter = Reporter(rules=self.contract.rules, faults=self.faults, open_sender=self._open_sender)
        self.site = Site(
            world=self.new_world(),
            profile=Profile(self.settings.profile),
            bodies=Bodies(most=BODIES_MOST),
            open_storage=lambda: open_storage(
                chance=self._chance,
                now_ms=self.clock.now_ms,
                on_stored=lambda stored: self.beside.arrived(stored),
            ),
        )
        self.outage = Outage(clock=self.clock, agenda=self.agenda, activity=self.activity)
        self.transmitter = Transmitter(activity=self.activity, now_ms=self.clock.now_ms, outage=self.outage)
        self.scheduler = Scheduler(
            clock=self.clock,
            due_ms=self.due_ms,
            catch_up=self.catch_up,
            idle=self.activity.is_quiet,
            still=self.activity.is_still,
        )
        self.activity.quiet = self.scheduler.quiet
        self.beside = Beside(self)
        self.assets = self.beside.assets
        self._mounted = Starlette(
            routes=[
                Mount("/s3", app=self.beside.storage),
                Mount("/cdn", app=self.beside.cdn),
                Mount("/_mockleo", app=control(self)),
                Mount("/", app=self.beside.nowhere),
            ],
            lifespan=self._lifespan,
        )

    def _put_in_force(self) -> None:
        """Put the faults of the settings in force."""
        for fault in faults_of(self.settings):
            try:
                self.faults.add(fault, now_ms=self.clock.now_ms())
            except BadFault as error:
                raise BadSetting(f"fault {fault.kind}: {error}") from None

    def new_plan(self) -> FaultPlan:
        """A plan without a fault."""
        return FaultPlan(
            chance=self._chance.child("faults"),
            operations=flow.names_by_place(self.contract),
            note=self.record.decided,
        )

    def _open_sender(self) -> Sender:
        from mockleo.runtime.addresses import Reach
        from mockleo.runtime.retries import Retries
        from mockleo.runtime.webhooks import Sender
        from mockleo.wire.webhooks import Author

        rules = self.contract.rules
        author = Author(
            world=lambda: self.site.world,
            links=lambda: self.places.links(None, None),
            true_to_the_wire=self.site.profile is Profile.WIRE_TRUE,
        )
        return Sender(
            record=self.record,
            redactor=self.redactor,
            clock=self.clock,
            agenda=self.agenda,
            activity=self.activity,
            chance=self._chance.child("webhooks"),
            write=author.write,
            retries=Retries.of(rules),
            timeout_ms=rules.integer("webhooks.timeout"),
            reach=Reach(self.settings.webhook_reach),
            verify_tls=rules["webhooks.verify_tls"].value,
        )

    @property
    def sender(self) -> Sender:
        """Who sends webhooks."""
        return self.reporter.sender

    # --- where a request goes -----------------------------------------------------------------

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._mounted(scope, receive, send)
            return
        path: str = scope["path"]
        if path.startswith("/_mockleo"):
            # The operator looks on: what he does is not going on here.
            await self._mounted(scope, receive, send)
            return
        if "//" in path:
            path = _DOUBLED.sub("/", path)
        activity = self.activity
        activity.busy += 1
        try:
            if path.startswith(API_ROOT):
                visit = Visit(scope, path, self.heads)
                if visit.method == "OPTIONS" and self.settings.cors:
                    now_ms = self.clock.now_ms()
                    await self.writer.write_preflight(send, asked=visit.headers, now_ms=now_ms)
                else:
                    await answer_call(self, visit, scope, receive, send)
            elif path.startswith("/api/"):
                await self.beside.refuse(Visit(scope, path, self.heads), send, NotTheApi())
            elif path == "/s3":
                # As boto3 asks for the list of buckets; below a mount only what follows a slash is found.
                await self.beside.storage(scope, receive, send)
            elif _host_of(scope) == REAL_CDN_HOST:
                await self.beside.cdn(scope, receive, send)
            else:
                await self._mounted(scope, receive, send)
        finally:
            activity.end()

    def close(
        self,
        visit: Visit,
        status: int,
        why: str,
        body: bytes,
        *,
        outcome: str = "answered",
        faults: tuple[str, ...] = (),
        headers: Iterable[tuple[bytes, bytes]] = (),
    ) -> None:
        """Note the exchange and whatever it has set going. Of the answer's own `headers` is noted
        when to come again.
        """
        record = self.record
        exchange = visit.exchange(
            record.seen + 1,
            status=status,
            why=why,
            answer=body,
            booked=visit.booked or self.hand_out_effects(),
        )
        if outcome != "answered" or faults:
            exchange.outcome, exchange.faults = outcome, faults
            exchange.answered_ms = self.clock.now_ms()
        if headers:
            exchange.retry_after = dict(headers).get(b"retry-after", b"").decode("latin-1")
        record.exchange(exchange)

    # --- what happens beside requests ---------------------------------------------------------

    def due_ms(self) -> int | None:
        """When something falls due next, in the world or on the agenda."""
        ends_ms, waits_ms = self.site.world.due_ms(), self.agenda.due_ms()
        if ends_ms is None or waits_ms is None:
            return waits_ms if ends_ms is None else ends_ms
        return min(ends_ms, waits_ms)

    def catch_up(self) -> None:
        """Let everything happen that was due by the clock's time, and hand out what came of it."""
        now_ms = self.clock.now_ms()
        world = self.site.world
        while (due_ms := self.due_ms()) is not None and due_ms <= now_ms:
            world.advance(max(due_ms, world.now_ms))
            self.hand_out_effects()
            self.agenda.run(due_ms)
        world.advance(now_ms)
        self.hand_out_effects()

    def hand_out_effects(self) -> tuple[str, ...]:
        """Give what has happened to whom it concerns. The ids of the jobs that were booked."""
        world = self.site.world
        has_ends = world.has_ends
        effects = world.take_effects()
        if not effects:
            return ()
        if has_ends:
            for effect in effects:
                if type(effect) is Ended:
                    self.reporter.tell(effect)
            effects = [effect for effect in effects if type(effect) is not Ended]
        self.record.moved(effects)  # type: ignore[arg-type]  # no Ended is left among them
        self.scheduler.arm()
        return tuple([effect.job_id for effect in effects if type(effect) is Booked])

    def let_go(self) -> None:
        """Answer whoever waits, because the server is about to stop."""
        self.transmitter.drop_held()
        self.record.close()

    def reset(self) -> None:
        """Begin again as at the start: no accounts, jobs, objects, record; the faults of the settings."""
        self.clock.switch(self.settings.mode, pace=self.settings.pace)
        if self.settings.mode is Mode.MANUAL:
            self.clock.restart(MANUAL_START_MS)
        self.go_on_with(self.new_world())
        self.faults.clear()
        self._put_in_force()
        self.record.clear()
        self.writer = Writer(chance=self._chance)

    def go_on_with(self, world: World, objects: Iterable[Mapping[str, Any]] = ()) -> None:
        """Go on with another world; nothing that was on its way arrives any more."""
        self.site.replace(world, objects=objects)
        self.outage.end()
        self.transmitter.drop_held()
        self.reporter.clear()
        self.doorkeeper.forget()
        self.assets.clear()
        self.scheduler.rearm()

    def new_world(self) -> World:
        """A world in which nothing has happened but that the declared keys were made."""
        settings = self.settings
        world = World(
            rules=self.contract.rules,
            catalogue=self.contract.catalogue,
            plan=self.plan,
            seed=settings.seed,
            now_ms=self.clock.now_ms(),
        )
        world.webhook = webhook_of(settings)
        if settings.keys == "strict":
            for key in self._api_keys:
                world.open_key(key.lower())
        return world

    async def transmit(self, sending: Sending, scope: Scope, receive: Receive, send: Send) -> Outcome:
        """Send what is not simply written: held, slowed, cut."""
        return await self.transmitter.transmit(
            sending, writer=self.writer, scope=scope, receive=receive, send=send
        )

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        async with self.running():
            yield

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """For as long as this lasts, time passes by itself and webhooks are sent."""
        self.scheduler.start()
        self.reporter.start()
        try:
            yield
        finally:
            await self.reporter.stop()
            self.scheduler.stop()
            self.site.close()


def _host_of(scope: Scope) -> str:
    """The host that was called, without its port."""
    host: bytes = dict(scope["headers"]).get(b"host", b"")
    return host.decode("latin-1").partition(":")[0].lower()
