"""From a request to its operation, and the answer back: the one who reads and writes here."""

from __future__ import annotations

import asyncio
import logging
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

import msgspec

from mockleo.control.door import admit
from mockleo.control.menu import OPERATIONS
from mockleo.control.operation import Ask, Stream
from mockleo.control.reading import body_of, query_of, shaped
from mockleo.control.refusals import Refusal, Refused
from mockleo.core.errors import BodyTooLarge, EndpointNotFound, MethodNotAllowed
from mockleo.core.names import nearest
from mockleo.wire.dispatch import Dispatch
from mockleo.wire.http import ClientGone, hung_up, read_body

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Receive, Scope, Send

    from mockleo.app import App
    from mockleo.control.operation import Operation

log = logging.getLogger("mockleo")

JSON = b"application/json"
JSON_LINES = b"application/x-ndjson"

# Lines that are sent at once; others get their turn in between.
_LINES_AT_ONCE = 200

_Headers = tuple[tuple[bytes, bytes], ...]


class Desk:
    """The operator's API of one emulator, as an ASGI application."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._dispatch: Dispatch[Operation] = Dispatch()
        for operation in OPERATIONS:
            self._dispatch.add(operation.method, operation.path, operation)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: _Headers = ()
        try:
            operation, path = self._find(scope)
            ask = await self._ask(operation, path, scope, receive)
            answer = await self._handle(operation, ask, receive)
            if isinstance(answer, Stream):
                await _stream(send, answer)
                return
            status, content = operation.status, answer
            if not operation.shows_secrets:
                content = self._app.redactor.copy(content)
        except ClientGone:
            return
        except Refused as refused:
            status, headers = refused.status, refused.headers
            content = self._app.redactor.copy(Refusal(refused.error, refused.field))
        except Exception:
            log.exception("%s %s broke a promise of ours", scope["method"], scope["path"])
            status, headers = 500, ((b"x-mockleo-why", b"mockleo-bug"),)
            content = Refusal("mockleo: a bug of the emulator, see its log", None)
        await _write(send, status, msgspec.json.encode(content), headers)

    def _find(self, scope: Scope) -> tuple[Operation, Mapping[str, str]]:
        """The operation that is asked for; whoever may not come in does not learn whether it is there."""
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        path: str = scope["path"].removeprefix(scope.get("root_path", ""))
        try:
            operation, values = self._dispatch.find(method, path)
        except (EndpointNotFound, MethodNotAllowed) as error:
            admit(scope, self._app.settings, for_anybody=False)
            raise _nowhere(method, path, error) from None
        admit(scope, self._app.settings, for_anybody=operation.for_anybody)
        return operation, values

    async def _ask(
        self, operation: Operation, path: Mapping[str, str], scope: Scope, receive: Receive
    ) -> Ask[Any]:
        """What is asked for, read and in the shape that is wanted."""
        headers = dict(scope["headers"])
        query = query_of(scope["query_string"].decode("latin-1"))
        body = body_of(
            await _body(receive, headers, operation.body_bytes_max),
            headers.get(b"content-type", b"").decode("latin-1"),
        )
        given: Any = body
        if operation.method == "GET":
            given = shaped(query, operation.takes, from_text=True)
            _empty(body, "body", "GET takes none")
        else:
            _empty(query, next(iter(query), "query"), "there is no such parameter")
            if not operation.raw:
                given = shaped(body, operation.takes)
        base = self._app.places.links(headers.get(b"host"), headers.get(b"x-forwarded-proto")).base
        return Ask(app=self._app, menu=OPERATIONS, path=path, given=given, base=base)

    async def _handle(self, operation: Operation, ask: Ask[Any], receive: Receive) -> Any:
        """Do what is asked for, in a world that is at the clock's time before and after."""
        app = self._app
        if not operation.for_anybody:
            app.catch_up()
        answer = operation.handle(ask)
        if isawaitable(answer):
            answer = await (_unless_gone(answer, receive) if operation.waits else answer)
        if operation.method != "GET":
            app.catch_up()
            app.scheduler.arm()
        return answer


def _nowhere(method: str, path: str, error: Exception) -> Refused:
    if isinstance(error, MethodNotAllowed):
        allowed = str(error.facts["allowed"]).replace(",", ", ")
        return Refused(
            405,
            f"method: {path} knows {allowed}, not {method}",
            field="method",
            headers=((b"allow", allowed.encode()),),
        )
    paths = {operation.path for operation in OPERATIONS}
    return Refused(404, f"path: there is no {path} here{nearest(path, paths)}", field="path")


async def _body(receive: Receive, headers: Mapping[bytes, bytes], bytes_max: int) -> bytes:
    told = headers.get(b"content-length", b"0")
    try:
        if told.isdigit() and int(told[:20]) > bytes_max:
            raise BodyTooLarge
        return await read_body(receive, bytes_max=bytes_max)
    except BodyTooLarge:
        raise Refused(413, f"body: is larger than {bytes_max} bytes", field="body") from None


def _empty(given: Any, field: str, why: str) -> None:
    """Refuse what nobody would look at."""
    if given != {}:
        raise Refused(400, f"{field}: {why}", field=field)


async def _unless_gone(answer: Any, receive: Receive) -> Any:
    """The answer, unless whoever waits for it hangs up."""
    answering, gone = asyncio.ensure_future(answer), asyncio.create_task(hung_up(receive))
    try:
        await asyncio.wait({answering, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not answering.done():
            raise ClientGone
        return answering.result()
    finally:
        answering.cancel()
        gone.cancel()
        await asyncio.gather(answering, gone, return_exceptions=True)


async def _write(send: Send, status: int, body: bytes, headers: _Headers) -> None:
    await send(_start(status, JSON, (*headers, (b"content-length", b"%d" % len(body)))))
    await send({"type": "http.response.body", "body": body})


async def _stream(send: Send, stream: Stream) -> None:
    await send(_start(200, JSON_LINES, ()))
    lines: list[bytes] = []
    for line in stream.lines:
        lines.append(line)
        if len(lines) == _LINES_AT_ONCE:
            await send({"type": "http.response.body", "body": b"".join(lines), "more_body": True})
            await asyncio.sleep(0)
            lines.clear()
    await send({"type": "http.response.body", "body": b"".join(lines)})


def _start(status: int, content_type: bytes, headers: _Headers) -> dict[str, Any]:
    own = ((b"content-type", content_type), (b"cache-control", b"no-store"))
    return {"type": "http.response.start", "status": status, "headers": [*own, *headers]}
