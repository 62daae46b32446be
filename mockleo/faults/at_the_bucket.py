"""The bucket, as faults let it be seen: an ASGI application around another one.

To whom an upload belongs stands in the object key of its form, behind which the file comes: so the
form is read up to its file, and then given to the bucket as if nobody had looked. The API key that
a form was asked for with is not known here: a fault for one `key` meets no upload.
"""

from __future__ import annotations

from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Protocol

from mockleo.core.uploads import lose
from mockleo.faults.fault import UploadFault
from mockleo.faults.flow import MET, STORED, UPLOAD, owner_of, why_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from starlette.types import Message, Receive, Scope, Send

    from mockleo.bucket.errors import S3Refusal
    from mockleo.bucket.service import Bucket
    from mockleo.bucket.store import StoredObject
    from mockleo.faults.plan import Plan
    from mockleo.wire.site import Site

    class Hold(Protocol):
        async def __call__(self, at_ms: int, *, scope: Scope, receive: Receive) -> bool: ...


# The fields of a form are 20 KB at most; what has brought no file by then is no form.
_PEEKED_BYTES_MOST = 64 * 1024

# Whether what is stored by this task is to be lost.
_losing: ContextVar[bool] = ContextVar("losing", default=False)


class _NotSentAtAll(Exception):
    """Nobody is there any more to have the answer."""


class AtTheBucket:
    """Lets each upload of a form, and each read of an object, meet its faults.

    The storage of `site` is opened with the first request. `hold` waits until the service's clock,
    which `now_ms` reads, says so, and tells whether the answer is still to be sent. `aside` is what
    a request's body is read through.
    """

    def __init__(
        self,
        *,
        plan: Plan,
        site: Callable[[], Site],
        now_ms: Callable[[], int],
        hold: Hold,
        aside: Callable[[Receive], Receive],
    ) -> None:
        self._plan = plan
        self._site = site
        self._now_ms = now_ms
        self._hold = hold
        self._aside = aside

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # By the server's own `receive` the client that hangs up is known, and hung up on.
        hold = partial(self._hold, scope=scope, receive=receive)
        receive = self._aside(receive)
        bucket = self._site().storage.bucket
        path: str = scope["path"].removeprefix(scope.get("root_path", "")).lstrip("/")
        key = path.partition("/")[2]
        if scope["method"] == "POST" and not key and not scope.get("query_string"):
            operation = UPLOAD
        elif scope["method"] in {"GET", "HEAD"} and key:
            operation = STORED
        else:
            operation = ""
        if not operation or not any(isinstance(active.fault, UploadFault) for active in self._plan):
            await bucket(scope, receive, send)
            return
        if operation == UPLOAD:
            key, receive = await _peek(scope, receive)
        call = self._plan.open(
            operation,
            user_id=owner_of(key, self._site().world),
            sent=f"{scope['method']} {path} {key}".encode("utf-8", "surrogateescape"),
            now_ms=self._now_ms(),
        )
        faults = scope[MET] = [fault for fault in call.faults if isinstance(fault, UploadFault)]
        try:
            if faults:
                await self._meet(faults, bucket, hold, scope, receive, send)
            else:
                await bucket(scope, receive, send)
        finally:
            self._plan.close(call, failed=any(fault.SPOILS for fault in faults))

    def lost(self, stored: StoredObject) -> bool:
        """Let go of what has just been stored, if that is its fate.

        To be asked first by whoever is told what has been stored, in the same task.
        """
        if not _losing.get():
            return False
        site = self._site()
        site.storage.store.delete(stored.bucket, stored.key)
        if stored.bucket == site.storage.presigner.name:
            lose(site.world, stored.key)
        return True

    async def _meet(
        self,
        faults: Sequence[UploadFault],
        bucket: Bucket,
        hold: Callable[[int], Awaitable[bool]],
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        refusal = _refusal_of(faults)
        wait_ms = sum(fault.held_ms() for fault in faults)

        async def held(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {
                    **message,
                    "headers": _with_why(message["headers"], faults, alone=refusal is not None),
                }
                if wait_ms and not await hold(self._now_ms() + wait_ms):
                    raise _NotSentAtAll
            await send(message)

        before = _losing.set(any(fault.LOSES for fault in faults))
        try:
            if refusal is not None:
                await bucket.refuse(refusal, scope, receive, held)
            else:
                await bucket(scope, receive, held)
        except _NotSentAtAll:
            pass
        finally:
            _losing.reset(before)


def _refusal_of(faults: Sequence[UploadFault]) -> S3Refusal | None:
    """The first refusal among `faults`."""
    return next((refusal for fault in faults if (refusal := fault.refusal()) is not None), None)


def _with_why(
    headers: list[tuple[bytes, bytes]], faults: Sequence[UploadFault], *, alone: bool
) -> list[tuple[bytes, bytes]]:
    """`headers` with the faults named, behind the bucket's own reason where that is not their doing."""
    own = "" if alone else dict(headers).get(b"x-mockleo-why", b"").decode("latin-1")
    others = [header for header in headers if header[0] != b"x-mockleo-why"]
    return [*others, (b"x-mockleo-why", why_of(faults, beside=own).encode("latin-1", "replace"))]


async def _peek(scope: Scope, receive: Receive) -> tuple[str, Receive]:
    """The object key that a form names ("" for none that can be read), and its bytes once more."""
    from starlette.datastructures import Headers

    from mockleo.bucket.errors import S3Refusal
    from mockleo.bucket.form import Form, boundary_of

    headers = Headers(scope=scope)
    try:
        form = Form(boundary_of(headers.get("content-type", "")))
    except S3Refusal:
        return "", receive
    if headers.get("expect", "").lower() == "100-continue" and "authorization" in headers:
        # It is refused by its head, so it need not send its body.
        return "", receive
    seen: list[Message] = []
    size_bytes = 0
    while form.head is None and size_bytes < _PEEKED_BYTES_MOST:
        message = await receive()
        seen.append(message)
        chunk: bytes = message.get("body", b"")
        size_bytes += len(chunk)
        form.feed(chunk)
        if message["type"] != "http.request" or not message.get("more_body", False):
            break
    rest = iter(seen)

    async def again() -> Message:
        message = next(rest, None)
        return message if message is not None else await receive()

    if form.head is None:
        return "", again
    return form.head.fields.get("key", "").replace("${filename}", form.head.filename or ""), again
