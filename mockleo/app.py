"""The composition root: the pipeline that every call goes through, and the wiring.

/api/rest/v1/...   the emulated API: the steps below
/s3/...            uploads, and the objects they leave
/cdn/...           assets
/_mockleo/...      the operator's own API
"""

from __future__ import annotations

import logging
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.applications import Starlette
from starlette.routing import Mount

from mockleo.changes import changed, faults_of, instant, plan_of, webhook_of
from mockleo.control import control
from mockleo.core.chance import Chance
from mockleo.core.errors import (
    BadVariables,
    LeoError,
    NotTheApi,
    NowhereAtAll,
    Throttled,
    TooManyOfThisKind,
    TooManyRequests,
)
from mockleo.core.keys import PAYLOADS
from mockleo.core.limits import retry_after
from mockleo.core.uploads import arrive
from mockleo.core.world import Booked, Ended, World
from mockleo.faults import flow
from mockleo.faults.at_the_bucket import AtTheBucket
from mockleo.faults.at_the_cdn import AtTheCdn
from mockleo.faults.menu import BY_NAME
from mockleo.faults.plan import BadFault
from mockleo.faults.plan import Plan as FaultPlan
from mockleo.faults.webhook_first import WebhookFirst
from mockleo.record import Record
from mockleo.redact import Redactor, guard_logs
from mockleo.reporting import Reporter
from mockleo.runtime.activity import Activity
from mockleo.runtime.agenda import Agenda
from mockleo.runtime.clock import MANUAL_START_MS, Clock, Mode
from mockleo.runtime.connection import connection_of
from mockleo.runtime.outage import Outage
from mockleo.runtime.scheduler import Scheduler
from mockleo.settings import BadSetting
from mockleo.wire.assets import Assets
from mockleo.wire.auth import Doorkeeper, Keys
from mockleo.wire.call import Bodies, Call, Profile
from mockleo.wire.contract import load
from mockleo.wire.dispatch import Dispatch
from mockleo.wire.endpoints import HANDLERS, Handler
from mockleo.wire.endpoints.blueprints import in_its_words
from mockleo.wire.http import ANY_ORIGIN, HTML, JSON, ClientGone, Writer, read_body, variables_in
from mockleo.wire.links import API_PATH, REAL_CDN_HOST, Places
from mockleo.wire.sending import CutOff, Outcome, Sending, Transmitter
from mockleo.wire.site import BODIES_MOST, Site, open_storage
from mockleo.wire.visit import Heads, Sight, Visit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

    from mockleo.bucket.store import StoredObject
    from mockleo.faults.fault import Fault
    from mockleo.runtime.webhooks import Sender
    from mockleo.settings import Settings
    from mockleo.wire.contract import Contract, Operation

API_ROOT = "/api/rest/"
_DOUBLED = re.compile("//+")
_BUG = b'{"error":"mockleo: a bug of the emulator, see its log","path":"$","code":"unexpected"}'

log = logging.getLogger("mockleo")


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
        self._dispatch: Dispatch[tuple[Operation, Handler]] = Dispatch()
        for operation in contract.operations:
            target = operation, HANDLERS[operation.id]
            self._dispatch.add(operation.method, f"{API_PATH}{operation.path}", target)
        self.places = Places(
            public_url=settings.public_url,
            fallback=settings.url,
            real_cdn=settings.real_cdn,
            segments=settings.profile == Profile.WIRE_TRUE.value,
        )
        self._heads = Heads()
        self._body_bytes_max = contract.rules.integer("http.body_max")
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
        """Put the parts together that stand beside the API."""
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
                chance=self._chance, now_ms=self.clock.now_ms, on_stored=self._stored
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
        self._bucket = AtTheBucket(
            plan=self.faults,
            site=lambda: self.site,
            now_ms=self.clock.now_ms,
            hold=self.transmitter.hold,
            aside=self.activity.aside,
        )
        cdn = AtTheCdn(
            plan=self.faults,
            world=lambda: self.site.world,
            now_ms=self.clock.now_ms,
            transmit=self._transmit,
        )
        self.assets = Assets(self._site_now, meet=cdn.meet)
        self._beside = Starlette(
            routes=[
                Mount("/s3", app=self._storage),
                Mount("/cdn", app=self._cdn),
                Mount("/_mockleo", app=control(self)),
                Mount("/", app=self._nowhere),
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

    # --- the flow of one request --------------------------------------------------------------

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._beside(scope, receive, send)
            return
        path: str = scope["path"]
        if path.startswith("/_mockleo"):
            # The operator looks on: what he does is not going on here.
            await self._beside(scope, receive, send)
            return
        if "//" in path:
            path = _DOUBLED.sub("/", path)
        activity = self.activity
        activity.busy += 1
        try:
            if path.startswith(API_ROOT):
                visit = Visit(scope, path, self._heads)
                if visit.method == "OPTIONS" and self.settings.cors:
                    now_ms = self.clock.now_ms()
                    await self.writer.write_preflight(send, asked=visit.headers, now_ms=now_ms)
                else:
                    await self._api(visit, scope, receive, send)
            elif path.startswith("/api/"):
                await self._refuse_elsewhere(Visit(scope, path, self._heads), send, NotTheApi())
            elif path == "/s3":
                # As boto3 asks for the list of buckets; below a mount only what follows a slash is found.
                await self._storage(scope, receive, send)
            elif _host_of(scope) == REAL_CDN_HOST:
                await self._cdn(scope, receive, send)
            else:
                await self._beside(scope, receive, send)
        finally:
            activity.end()

    async def _api(self, visit: Visit, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call of the emulated API: the steps of `STEPS`, one after the other."""
        status, body, why, content_type = 200, b"", "", JSON
        extra: list[tuple[bytes, bytes]] = []
        try:
            if b"content-length" in visit.headers or b"transfer-encoding" in visit.headers:
                visit.body = await self._body_of(receive)
            for step in STEPS:
                step(self, visit)
            assert visit.reply is not None, "the last step leaves a reply"
            body = visit.reply.encoded()
        except flow.NotCarriedOut:
            pass
        except ClientGone:
            self._close(visit, 0, "", b"", outcome="gone")
            return
        except LeoError as error:
            answer = self.contract.refusals.write(error)
            status, body, why = answer.status, answer.body, answer.why
            content_type = HTML if answer.html else JSON
            if isinstance(error, Throttled):
                extra = self._come_again(error)
        except Exception:
            log.exception("%s %s broke a promise of ours", visit.method, visit.path)
            status, why, body = 500, "mockleo-bug", _BUG
        if b"origin" in visit.headers and self.settings.cors:
            extra.append(ANY_ORIGIN)
        if visit.call is not None:
            sending = Sending(
                status=status, body=body, content_type=content_type, why=why, headers=tuple(extra)
            )
            await self._send_touched(visit, sending, scope, receive, send)
            return
        self._close(visit, status, why, body)
        if why:
            extra.append((b"x-mockleo-why", why.encode("latin-1")))
        connection = connection_of(scope)
        if connection is not None and connection.takes_whole(receive):
            whole = self.writer.whole(status, body, self.site.world.now_ms, content_type, extra)
            connection.write_whole(receive, whole)
            return
        await self.writer.write(
            send,
            status=status,
            body=body,
            now_ms=self.site.world.now_ms,
            content_type=content_type,
            extra=extra,
        )

    async def _body_of(self, receive: Receive) -> bytes:
        """The body of a request; a client that is slow to send it stops no clock."""
        activity = self.activity
        activity.end()
        try:
            return await read_body(receive, bytes_max=self._body_bytes_max)
        finally:
            activity.begin()

    async def _send_touched(
        self, visit: Visit, sending: Sending, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Send an answer that faults may have touched, and note what came of it."""
        call = visit.call
        # What was in store for this call is in store for no other one.
        self.site.world.fate = None
        if visit.account is not None:
            visit.account.limit_percent, visit.account.retired = 100, ()
        if any(isinstance(fault, WebhookFirst) for fault in call.faults):
            await self.reporter.before_the_answer(lambda: self._let_end(visit))
        else:
            visit.booked = self.hand_out_effects()
        sending = flow.touch(self.faults, call, sending)
        # Until it is answered, the same again is another attempt at what is held here.
        outcome: Outcome = "cut"
        try:
            outcome = await self._transmit(sending, scope, receive, send)
        finally:
            self.faults.close(call, failed=flow.has_failed(call, sending, outcome))
            self._close(
                visit,
                0 if sending.is_silent or outcome == "gone" else sending.status,
                sending.why,
                sending.body,
                outcome=outcome,
                faults=tuple(fault.id for fault in call.faults),
            )

    def _let_end(self, visit: Visit) -> None:
        """Let end at once what takes no time, and note what was booked."""
        self.site.world.advance(self.site.world.now_ms)
        visit.booked = self.hand_out_effects()

    def _close(
        self,
        visit: Visit,
        status: int,
        why: str,
        body: bytes,
        *,
        outcome: str = "answered",
        faults: tuple[str, ...] = (),
    ) -> None:
        """Note the exchange and whatever it has set going."""
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
        record.exchange(exchange)

    def _come_again(self, error: Throttled) -> list[tuple[bytes, bytes]]:
        """When to, if the service says so at all; nobody has seen it. Source: assumed."""
        style: str = self.contract.rules["limits.retry_after"].value
        told = retry_after(style, error.wait_ms, self.site.world.now_ms)
        return [] if told is None else [(b"retry-after", told.encode())]

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

    def _site_now(self) -> Site:
        self.catch_up()
        return self.site

    async def _transmit(self, sending: Sending, scope: Scope, receive: Receive, send: Send) -> Outcome:
        return await self.transmitter.transmit(
            sending, writer=self.writer, scope=scope, receive=receive, send=send
        )

    def _stored(self, stored: StoredObject) -> None:
        self.catch_up()
        if self._bucket.lost(stored) or stored.bucket != self.site.storage.presigner.name:
            return
        from mockleo.media.kinds import HEAD_BYTES, is_of  # needed only where something is uploaded

        head = self.site.storage.store.read(stored, 0, HEAD_BYTES)
        arrive(self.site.world, stored.key, matches=is_of(stored.key.rpartition(".")[2], head))

    async def _storage(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = f"s3.{scope['method'].lower()}"
        await self._seen(self._bucket, name, scope, receive, send)

    async def _cdn(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._seen(self.assets, f"cdn.{scope['method'].lower()}", scope, receive, send)

    async def _seen(self, inner: ASGIApp, name: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Let `inner` answer, and note the exchange, but for the bodies."""
        visit = Visit(scope, scope["path"], self._heads)
        visit.name, visit.at_ms = name, self.clock.now_ms()
        owner = _OWNER.search(visit.path)
        visit.account = self.site.world.accounts.get(owner[1]) if owner is not None else None
        sight = Sight(send)
        outcome = "answered"
        try:
            await inner(scope, receive, sight.send)
        except CutOff:
            outcome = "cut"
            raise
        finally:
            if not sight.is_whole and outcome == "answered":
                outcome = "cut" if sight.why else "gone"
            met: Sequence[Fault] = scope.get(flow.MET, ())
            # An answer that was cut before its head has not said why.
            why = sight.why or flow.why_of(met)
            faults = tuple(fault.id for fault in met)
            self._close(visit, sight.status, why, b"", outcome=outcome, faults=faults)
            self.record.exchanges[-1].answer_bytes = sight.bytes_sent

    async def _nowhere(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._refuse_elsewhere(Visit(scope, scope["path"], self._heads), send, NowhereAtAll())

    async def _refuse_elsewhere(self, visit: Visit, send: Send, error: LeoError) -> None:
        visit.at_ms = self.clock.now_ms()
        answer = self.contract.refusals.write(error)
        self._close(visit, answer.status, answer.why, answer.body)
        await self.writer.write(
            send,
            status=answer.status,
            body=answer.body,
            now_ms=visit.at_ms,
            content_type=HTML,
            extra=[(b"x-mockleo-why", answer.why.encode("latin-1"))],
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


# Whose object or asset a path names.
_OWNER = re.compile(r"/users/([0-9a-f-]{36})/")


def _host_of(scope: Scope) -> str:
    """The host that was called, without its port."""
    host: bytes = dict(scope["headers"]).get(b"host", b"")
    return host.decode("latin-1").partition(":")[0].lower()


def catch_up(app: App, visit: Visit) -> None:
    """Before anything else: what was due by now has happened. `_close` hands out what came of it."""
    visit.at_ms = now_ms = app.clock.now_ms()
    waits_ms = app.agenda.due_ms()
    if waits_ms is not None and waits_ms <= now_ms:
        app.catch_up()
    else:
        app.site.world.advance(now_ms)


def authenticate(app: App, visit: Visit) -> None:
    shown = visit.headers.get(b"authorization")
    visit.key = key = app.doorkeeper.key(app.site.world, shown)
    visit.account = account = key.account
    account.calling = key.id


def find_operation(app: App, visit: Visit) -> None:
    (operation, visit.handler), visit.path_values = app._dispatch.find(visit.method, visit.path)
    visit.operation = operation
    visit.name = operation.id


def meet_faults(app: App, visit: Visit) -> None:
    if not app.faults.is_empty:
        flow.meet(app.faults, app.site, visit)


def keep_limits(app: App, visit: Visit) -> None:
    """Count the call against all calls of its account in this minute, and against its endpoint's."""
    account, operation = visit.account, visit.operation
    assert account is not None, "an earlier step finds the account"
    assert operation is not None, "an earlier step finds the operation"
    limit = account.per_minute
    refused = account.windows.admit(limit.get("all"), operation.id, limit.get(operation.id), visit.at_ms)
    if refused is not None:
        error = TooManyRequests if refused.name is None else TooManyOfThisKind
        rule = f"plans.{account.plan.name}.per_minute.{refused.name or 'all'}"
        raise error(rule=rule, wait_ms=refused.wait_ms)


def validate(app: App, visit: Visit) -> None:
    assert visit.operation is not None, "an earlier step finds the operation"
    try:
        body = variables_in(visit.body, visit.headers.get(b"content-type", b""))
        visit.args = visit.operation.variables.read(path=visit.path_values, query=visit.query, body=body)
    except BadVariables as error:
        if visit.operation.dialect == "blueprint":
            raise in_its_words(error, visit.operation) from None
        raise
    if visit.call is not None:
        flow.examine(visit)


def answer(app: App, visit: Visit) -> None:
    assert visit.account is not None, "an earlier step finds the account"
    assert visit.operation is not None, "an earlier step finds the operation"
    links = app.places.links(visit.headers.get(b"host"), visit.headers.get(b"x-forwarded-proto"))
    visit.reply = visit.handler(
        Call(site=app.site, account=visit.account, operation=visit.operation, args=visit.args, links=links)
    )


# The service authenticates before it looks at path or body. Source: src 69083706265; the order
# of the rest is inferred from the engine. Faults that come after the call act in `_send_touched`.
STEPS: tuple[Callable[[App, Visit], None], ...] = (
    catch_up,
    authenticate,
    find_operation,
    meet_faults,
    keep_limits,
    validate,
    answer,
)
