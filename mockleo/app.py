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

from mockleo.changes import changed, instant
from mockleo.control import routes as control_routes
from mockleo.core.account import Plan
from mockleo.core.chance import Chance
from mockleo.core.errors import BadVariables, LeoError, NotTheApi, NowhereAtAll
from mockleo.core.uploads import arrive
from mockleo.core.world import World
from mockleo.record import Exchange, Record
from mockleo.runtime.clock import ManualClock, SystemClock
from mockleo.runtime.scheduler import Scheduler
from mockleo.settings import BadSetting, nearest
from mockleo.wire.assets import Assets
from mockleo.wire.auth import Doorkeeper, Keys
from mockleo.wire.call import Bodies, Call, Profile, Reply
from mockleo.wire.contract import load
from mockleo.wire.dispatch import Dispatch
from mockleo.wire.endpoints import HANDLERS, Handler
from mockleo.wire.endpoints.blueprints import in_its_words
from mockleo.wire.http import ANY_ORIGIN, HTML, JSON, ClientGone, Writer, read_body, variables_in
from mockleo.wire.links import API_PATH, REAL_CDN, REAL_CDN_HOST, Links, base_of
from mockleo.wire.site import BODIES_MOST, Site, Storage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from starlette.types import Receive, Scope, Send

    from mockleo.bucket.store import StoredObject
    from mockleo.core.account import Account
    from mockleo.core.rules import Rules
    from mockleo.runtime.clock import Clock
    from mockleo.settings import Settings
    from mockleo.wire.contract import Contract, Operation

API_ROOT = "/api/rest/"
_DOUBLED = re.compile("//+")
# Never shown publicly; any name will do. Source: assumed.
BUCKET = "image-uploads-emulated"
REGION = "us-east-1"

log = logging.getLogger("mockleo")


class Visit:
    """One request on its way through the pipeline: each step finds what the ones before left."""

    __slots__ = (
        "account", "args", "body", "handler", "headers", "method", "operation", "path",
        "path_values", "query", "reply",
    )  # fmt: skip

    def __init__(self, scope: Scope, path: str) -> None:
        self.method: str = scope["method"]
        self.path = path
        self.query: str = scope["query_string"].decode("latin-1")
        self.headers: Mapping[bytes, bytes] = dict(scope["headers"])
        self.body = b""
        self.account: Account | None = None
        self.operation: Operation | None = None
        self.handler: Handler | None = None
        self.path_values: Mapping[str, str] = {}
        self.args: dict[str, Any] = {}
        self.reply: Reply | None = None


class App:
    """The emulator as an ASGI application."""

    def __init__(self, *, settings: Settings, contract: Contract, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.record = Record()
        self._contract = contract
        self._chance = Chance(settings.seed.to_bytes(16, "big", signed=True)).child("app")
        self._writer = Writer(chance=self._chance)
        self._api_keys = settings.api_keys or (self._chance.uuid4("api-key"),)
        self._doorkeeper = Doorkeeper(keys=Keys(settings.keys), declared=self._api_keys)
        self._plan = _plan(contract.rules, settings)
        self._dispatch: Dispatch[tuple[Operation, Handler]] = Dispatch()
        for operation in contract.operations:
            target = operation, HANDLERS[operation.id]
            self._dispatch.add(operation.method, f"{API_PATH}{operation.path}", target)
        self._links: dict[tuple[bytes | None, bytes | None], Links] = {}
        self._body_bytes_max = contract.rules.integer("http.body_max")
        self._wire()

    @classmethod
    def of(cls, settings: Settings) -> App:
        """The emulator as `settings` want it."""
        contract = changed(load(), rules=settings.rules, refusals=settings.refusals)
        if settings.time == "instant":
            contract = msgspec.structs.replace(contract, rules=instant(contract.rules))
        clock = ManualClock() if settings.time == "manual" else SystemClock(pace=settings.pace)
        return cls(settings=settings, contract=contract, clock=clock)

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
        self.site = Site(
            world=self._new_world(),
            profile=Profile(self.settings.profile),
            bodies=Bodies(most=BODIES_MOST),
            open_storage=self._open_storage,
        )
        self.scheduler = Scheduler(
            clock=self.clock, due_ms=lambda: self.site.world.due_ms(), catch_up=self.catch_up
        )
        self.assets = Assets(self._site_now)
        self._beside = Starlette(
            routes=[
                Mount("/s3", app=self._bucket),
                Mount("/cdn", app=self.assets),
                Mount("/_mockleo", routes=control_routes(self)),
                Mount("/", app=self._nowhere),
            ],
            lifespan=self._lifespan,
        )

    def _open_storage(self) -> Storage:
        """Make the bucket. Imported here because most runs begin without an upload."""
        from mockleo.bucket.presign import Presigner
        from mockleo.bucket.service import Bucket
        from mockleo.bucket.signature import Credentials
        from mockleo.bucket.store import Store

        credentials = Credentials(
            access_key_id=f"AKIA{self._chance.bytes16('access-key').hex()[:16].upper()}",
            secret_access_key=self._chance.bytes16("secret-key").hex(),
            session_token=self._chance.bytes16("session-token").hex(),
        )
        store = Store()
        bucket = Bucket(
            name=BUCKET,
            region=REGION,
            credentials=credentials,
            store=store,
            now_ms=self.clock.now_ms,
            on_stored=self._stored,
            seed=str(self.settings.seed),
        )
        presigner = Presigner(name=BUCKET, region=REGION, credentials=credentials)
        return Storage(bucket=bucket, presigner=presigner, store=store)

    # --- the flow of one request --------------------------------------------------------------

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._beside(scope, receive, send)
            return
        path: str = scope["path"]
        if "//" in path:
            path = _DOUBLED.sub("/", path)
        if path.startswith(API_ROOT):
            await self._api(Visit(scope, path), receive, send)
        elif path.startswith("/api/"):
            await self._refuse_elsewhere(Visit(scope, path), send, NotTheApi())
        elif _host_of(scope) == REAL_CDN_HOST:
            await self.assets(scope, receive, send)
        else:
            await self._beside(scope, receive, send)

    async def _api(self, visit: Visit, receive: Receive, send: Send) -> None:
        """Answer one call of the emulated API: the steps of `STEPS`, one after the other."""
        if visit.method == "OPTIONS" and self.settings.cors:
            await self._writer.write_preflight(send, asked=visit.headers, now_ms=self.clock.now_ms())
            return
        status, body, why, content_type = 200, b"", "", JSON
        try:
            if b"content-length" in visit.headers or b"transfer-encoding" in visit.headers:
                visit.body = await read_body(receive, bytes_max=self._body_bytes_max)
            for step in STEPS:
                step(self, visit)
            assert visit.reply is not None, "the last step leaves a reply"
            body = visit.reply.encoded()
        except ClientGone:
            return
        except LeoError as error:
            answer = self._contract.refusals.write(error)
            status, body, why = answer.status, answer.body, answer.why
            content_type = HTML if answer.html else JSON
        except Exception:
            log.exception("%s %s broke a promise of ours", visit.method, visit.path)
            status, why = 500, "mockleo-bug"
            body = b'{"error":"mockleo: a bug of the emulator, see its log","path":"$","code":"unexpected"}'
        self._close(visit, status, why)
        extra = [(b"x-mockleo-why", why.encode("latin-1"))] if why else []
        if b"origin" in visit.headers and self.settings.cors:
            extra.append(ANY_ORIGIN)
        await self._writer.write(
            send,
            status=status,
            body=body,
            now_ms=self.site.world.now_ms,
            content_type=content_type,
            extra=extra,
        )

    def _close(self, visit: Visit, status: int, why: str) -> None:
        """Note the exchange and whatever it has set going."""
        world = self.site.world
        self._dispatch_effects()
        self.scheduler.arm()
        self.record.exchange(
            Exchange(
                world.now_ms,
                visit.method,
                visit.path,
                visit.operation.id if visit.operation is not None else "",
                visit.account.user_id if visit.account is not None else "",
                status,
                why,
            )
        )

    # --- what happens beside requests ---------------------------------------------------------

    def catch_up(self) -> None:
        """Let the world be at the clock's time, and hand out what happened on the way."""
        self.site.world.advance(self.clock.now_ms())
        self._dispatch_effects()

    def reset(self) -> None:
        """Begin again: no accounts, no jobs, no objects, no record."""
        self.site.reset(self._new_world())
        self.assets.clear()
        self.record.clear()
        self._writer = Writer(chance=self._chance)
        self.scheduler.arm()

    def links_for(self, host: bytes | None, forwarded_proto: bytes | None) -> Links:
        """URLs that work for a client which has called us so."""
        place = host, forwarded_proto
        links = self._links.get(place)
        if links is None:
            base = self.settings.public_url or base_of(
                (host or b"").decode("latin-1"),
                is_https=forwarded_proto == b"https",
                fallback=self.settings.url,
            )
            cdn = REAL_CDN if self.settings.real_cdn else f"{base}/cdn"
            links = Links(base=base, cdn=cdn, segments=self.site.profile is Profile.WIRE_TRUE)
            if len(self._links) < _LINKS_MOST:
                self._links[place] = links
        return links

    def _site_now(self) -> Site:
        self.catch_up()
        return self.site

    def _new_world(self) -> World:
        settings = self.settings
        return World(
            rules=self._contract.rules,
            catalogue=self._contract.catalogue,
            plan=self._plan,
            seed=settings.seed,
            now_ms=self.clock.now_ms(),
        )

    def _dispatch_effects(self) -> None:
        effects = self.site.world.take_effects()
        if effects:
            self.record.moved(effects)

    def _stored(self, stored: StoredObject) -> None:
        self.catch_up()
        if stored.bucket == BUCKET:
            arrive(self.site.world, stored.key)

    async def _bucket(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.site.storage.bucket(scope, receive, send)

    async def _nowhere(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._refuse_elsewhere(Visit(scope, scope["path"]), send, NowhereAtAll())

    async def _refuse_elsewhere(self, visit: Visit, send: Send, error: LeoError) -> None:
        answer = self._contract.refusals.write(error)
        self._close(visit, answer.status, answer.why)
        await self._writer.write(
            send,
            status=answer.status,
            body=answer.body,
            now_ms=self.clock.now_ms(),
            content_type=HTML,
            extra=[(b"x-mockleo-why", answer.why.encode("latin-1"))],
        )

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        self.scheduler.start()
        try:
            yield
        finally:
            self.scheduler.stop()
            self.site.close()


def _plan(rules: Rules, settings: Settings) -> Plan:
    """The plan that accounts have; with the balance that the operator wants, if he says one."""
    plans = [name.removeprefix("plans.") for name in rules if name.startswith("plans.")]
    if settings.plan not in plans:
        raise BadSetting(
            f"plan: {settings.plan!r} is none of {', '.join(plans)}{nearest(settings.plan, plans)}"
        )
    bought = dict(rules.table(f"plans.{settings.plan}"))
    if settings.credits is not None:
        bought["credits"] = settings.credits
    return Plan(name=settings.plan, **bought)


# Each client calls us by one or two names; somebody who invents names does not fill our memory.
_LINKS_MOST = 64


def _host_of(scope: Scope) -> str:
    """The host that was called, without its port."""
    host: bytes = dict(scope["headers"]).get(b"host", b"")
    return host.decode("latin-1").partition(":")[0].lower()


def catch_up(app: App, visit: Visit) -> None:
    """Before anything else: what was due by now has happened. `_close` hands out what came of it."""
    app.site.world.advance(app.clock.now_ms())


def authenticate(app: App, visit: Visit) -> None:
    visit.account = app._doorkeeper.account(app.site.world, visit.headers.get(b"authorization"))


def find_operation(app: App, visit: Visit) -> None:
    (visit.operation, visit.handler), visit.path_values = app._dispatch.find(visit.method, visit.path)


def validate(app: App, visit: Visit) -> None:
    assert visit.operation is not None, "an earlier step finds the operation"
    try:
        body = variables_in(visit.body, visit.headers.get(b"content-type", b""))
        visit.args = visit.operation.variables.read(path=visit.path_values, query=visit.query, body=body)
    except BadVariables as error:
        if visit.operation.dialect == "blueprint":
            raise in_its_words(error, visit.operation) from None
        raise


def answer(app: App, visit: Visit) -> None:
    assert visit.account is not None, "an earlier step finds the account"
    assert visit.operation is not None, "an earlier step finds the operation"
    assert visit.handler is not None, "every operation has a handler"
    links = app.links_for(visit.headers.get(b"host"), visit.headers.get(b"x-forwarded-proto"))
    visit.reply = visit.handler(
        Call(site=app.site, account=visit.account, operation=visit.operation, args=visit.args, links=links)
    )


# The service authenticates before it looks at path or body. Source: src 69083706265; the order
# of the rest is inferred from the engine.
STEPS: tuple[Callable[[App, Visit], None], ...] = (
    catch_up,
    authenticate,
    find_operation,
    validate,
    answer,
)
