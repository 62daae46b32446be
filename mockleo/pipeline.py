"""The way of one call of the emulated API: the steps of `STEPS`, one after the other, then the answer.

A step finds in the `Visit` what the ones before have left, and refuses by raising a `LeoError`.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from mockleo.core.errors import BadVariables, LeoError, Throttled, TooManyOfThisKind, TooManyRequests
from mockleo.core.limits import retry_after
from mockleo.faults import flow
from mockleo.faults.webhook_first import WebhookFirst
from mockleo.runtime.connection import connection_of
from mockleo.wire.call import Call
from mockleo.wire.endpoints.blueprints import in_its_words
from mockleo.wire.http import ANY_ORIGIN, HTML, JSON, ClientGone, read_body, variables_in
from mockleo.wire.sending import Sending

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send

    from mockleo.app import App
    from mockleo.wire.sending import Outcome
    from mockleo.wire.visit import Visit

_BUG = b'{"error":"mockleo: a bug of the emulator, see its log","path":"$","code":"unexpected"}'

log = logging.getLogger("mockleo")


def catch_up(app: App, visit: Visit) -> None:
    """Before anything else: what was due by now has happened. `App.close` hands out what came of it."""
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
    (operation, visit.handler), visit.path_values = app.dispatch.find(visit.method, visit.path)
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


async def answer_call(app: App, visit: Visit, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one call of the emulated API: the steps of `STEPS`, one after the other."""
    status, body, why, content_type = 200, b"", "", JSON
    extra: list[tuple[bytes, bytes]] = []
    try:
        if b"content-length" in visit.headers or b"transfer-encoding" in visit.headers:
            visit.body = await _body_of(app, receive)
        for step in STEPS:
            step(app, visit)
        assert visit.reply is not None, "the last step leaves a reply"
        body = visit.reply.encoded()
    except flow.NotCarriedOut:
        pass
    except ClientGone:
        app.close(visit, 0, "", b"", outcome="gone")
        return
    except LeoError as error:
        answer = app.contract.refusals.write(error)
        status, body, why = answer.status, answer.body, answer.why
        content_type = HTML if answer.html else JSON
        if isinstance(error, Throttled):
            extra = _come_again(app, error)
    except Exception:
        log.exception("%s %s broke a promise of ours", visit.method, visit.path)
        status, why, body = 500, "mockleo-bug", _BUG
    if b"origin" in visit.headers and app.settings.cors:
        extra.append(ANY_ORIGIN)
    if visit.call is not None:
        sending = Sending(status=status, body=body, content_type=content_type, why=why, headers=tuple(extra))
        await _send_touched(app, visit, sending, scope, receive, send)
        return
    app.close(visit, status, why, body, headers=extra)
    if why:
        extra.append((b"x-mockleo-why", why.encode("latin-1")))
    connection = connection_of(scope)
    if connection is not None and connection.takes_whole(receive):
        whole = app.writer.whole(status, body, app.site.world.now_ms, content_type, extra)
        connection.write_whole(receive, whole)
        return
    await app.writer.write(
        send,
        status=status,
        body=body,
        now_ms=app.site.world.now_ms,
        content_type=content_type,
        extra=extra,
    )


async def _body_of(app: App, receive: Receive) -> bytes:
    """The body of a request; a client that is slow to send it stops no clock."""
    activity = app.activity
    activity.end()
    try:
        return await read_body(receive, bytes_max=app.body_bytes_max)
    finally:
        activity.begin()


async def _send_touched(
    app: App, visit: Visit, sending: Sending, scope: Scope, receive: Receive, send: Send
) -> None:
    """Send an answer that faults may have touched, and note what came of it."""
    call = visit.call
    # What was in store for this call is in store for no other one.
    app.site.world.fate = None
    if visit.account is not None:
        visit.account.limit_percent, visit.account.retired = 100, ()
    if any(isinstance(fault, WebhookFirst) for fault in call.faults):
        await app.reporter.before_the_answer(lambda: _let_end(app, visit))
    else:
        visit.booked = app.hand_out_effects()
    sending = flow.touch(app.faults, call, sending)
    # Until it is answered, the same again is another attempt at what is held here.
    outcome: Outcome = "cut"
    try:
        outcome = await app.transmit(sending, scope, receive, send)
    finally:
        app.faults.close(call, failed=flow.has_failed(call, sending, outcome))
        app.close(
            visit,
            0 if sending.is_silent or outcome == "gone" else sending.status,
            sending.why,
            sending.body,
            outcome=outcome,
            faults=tuple(fault.id for fault in call.faults),
            headers=sending.headers,
        )


def _let_end(app: App, visit: Visit) -> None:
    """Let end at once what takes no time, and note what was booked."""
    app.site.world.advance(app.site.world.now_ms)
    visit.booked = app.hand_out_effects()


def _come_again(app: App, error: Throttled) -> list[tuple[bytes, bytes]]:
    """When to, if the service says so at all; nobody has seen it. Source: assumed."""
    style: str = app.contract.rules["limits.retry_after"].value
    told = retry_after(style, error.wait_ms, app.site.world.now_ms)
    return [] if told is None else [(b"retry-after", told.encode())]
