"""`Bucket`: the ASGI application, mounted at `/s3`.

    POST     /{bucket}         the upload of a presigned form: what the bucket is for
    GET HEAD /{bucket}/{key}   a stored object, for anybody
    OPTIONS  anything          CORS, open to everybody
    others                     what a client with the credentials needs around that (`operations`)

Any bucket name will do: which of them a form may post to is for its policy to say.
"""

import base64
import hashlib
from collections.abc import Awaitable, Callable, Mapping

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from mockleo.bucket.acl import lets_anybody
from mockleo.bucket.authorization import is_signed
from mockleo.bucket.body import ClientGone
from mockleo.bucket.errors import S3Refusal
from mockleo.bucket.form import Head
from mockleo.bucket.markup import render
from mockleo.bucket.operations import check_method, find, level_of, resource_of
from mockleo.bucket.outcome import answer, settle
from mockleo.bucket.reply import Reply, printable
from mockleo.bucket.request import Request, Stock, take_apart
from mockleo.bucket.signature import Credentials
from mockleo.bucket.store import Store, StoredObject
from mockleo.bucket.upload import Admission, admit, door, receive

# Nobody has published what Leonardo's own forms allow. Assumed; it also bounds our disk.
SIZE_BYTES_MAX = 100 * 1024 * 1024

CORS = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "ETag, Location, x-amz-request-id, x-amz-id-2",
}


class Bucket:
    """The S3 face of the emulator.

    `region` is what a form's credential has to name. `on_stored` is called once the object is
    in place and before its sender hears of it. `size_bytes_max` bounds every upload, whatever
    its policy allows. `seed` decides the ids of requests. `path` is where the application is
    mounted, whether or not the mount tells (as `root_path`, which Starlette's does).
    """

    def __init__(
        self,
        *,
        name: str,
        region: str,
        credentials: Credentials,
        store: Store,
        now_ms: Callable[[], int],
        on_stored: Callable[[StoredObject], None],
        seed: str = "",
        size_bytes_max: int = SIZE_BYTES_MAX,
        path: str = "/s3",
    ) -> None:
        self.name = name
        self.region = region
        self.credentials = credentials
        self.store = store
        self.size_bytes_max = size_bytes_max
        self.stock = Stock(
            name=name,
            region=region,
            store=store,
            now_ms=now_ms,
            on_stored=on_stored,
            size_bytes_max=size_bytes_max,
        )
        store.buckets.keep(name, now_ms=now_ms())
        self._seed = seed
        self._path = path
        self._requests = 0

    def shown(self) -> dict[str, str]:
        """What a client needs to sign for this bucket, secrets included."""
        return {
            "name": self.name,
            "region": self.region,
            "accessKeyId": self.credentials.access_key_id,
            "secretAccessKey": self.credentials.secret_access_key,
            "sessionToken": self.credentials.session_token,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._respond(scope, receive, send, self._answer)

    async def refuse(self, refusal: S3Refusal, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with `refusal`, whatever is asked: for whoever stands before the bucket."""

        async def say_no(_: Request) -> Reply:
            raise refusal

        await self._respond(scope, receive, send, say_no)

    async def _respond(
        self, scope: Scope, receive: Receive, send: Send, answer: Callable[[Request], Awaitable[Reply]]
    ) -> None:
        assert scope["type"] == "http", f"the bucket speaks http, not {scope['type']}"
        request = take_apart(scope, receive, mount=self._path)
        ids = self._next_ids()
        try:
            try:
                reply = await answer(request)
            except S3Refusal as refusal:
                if request.method not in {"GET", "HEAD"}:
                    await request.body.drain()
                reply = _refusal(refusal, ids)
        except ClientGone:
            return
        await _send(send, reply, ids=ids, head_only=request.method == "HEAD")

    async def _answer(self, request: Request) -> Reply:
        if request.method == "OPTIONS":
            return _preflight(request.headers)
        check_method(request)
        if request.method == "POST" and level_of(request) == "bucket" and not resource_of(request):
            return await self._upload(request)
        signed = is_signed(
            request, credentials=self.credentials, region=self.region, now_ms=self.stock.now_ms()
        )
        reply = find(request, signed=signed, stock=self.stock).handler(request, self.stock)
        return reply if isinstance(reply, Reply) else await reply

    async def _upload(self, request: Request) -> Reply:
        boundary = door(request.headers)
        record = self.store.buckets.get(request.bucket)
        is_open = record is not None and lets_anybody(record.acl, "WRITE")

        def judge(head: Head) -> Admission:
            return admit(
                head,
                bucket=request.bucket,
                is_open=is_open,
                credentials=self.credentials,
                region=self.region,
                now_ms=self.stock.now_ms(),
                size_bytes_max=self.size_bytes_max,
            )

        with self.store.draft() as draft:
            admission = await receive(request.body, boundary, draft, admit=judge)
            stored = settle(admission, draft, now_ms=self.stock.now_ms())
        self.stock.on_stored(stored)
        return answer(stored, admission.fields, url=request.url)

    def _next_ids(self) -> tuple[str, str]:
        self._requests += 1
        digest = hashlib.sha512(f"{self._seed}/{self._requests}".encode()).digest()
        return base64.b32encode(digest[:10]).decode(), base64.b64encode(digest[10:]).decode()


def _refusal(refusal: S3Refusal, ids: tuple[str, str]) -> Reply:
    request_id, host_id = ids
    return Reply(
        status=refusal.status,
        headers={"content-type": "application/xml", "x-mockleo-why": refusal.why, **refusal.headers},
        body=render(refusal, request_id=request_id, host_id=host_id),
    )


def _preflight(headers: Headers) -> Reply:
    return Reply(
        status=200,
        headers={
            "access-control-allow-methods": "GET, HEAD, POST, PUT, DELETE",
            "access-control-allow-headers": printable(headers.get("access-control-request-headers", "*")),
            "access-control-max-age": "3000",
        },
    )


async def _send(send: Send, reply: Reply, *, ids: tuple[str, str], head_only: bool) -> None:
    """Write a reply. The one place that does."""
    headers: dict[str, str] = {"x-amz-request-id": ids[0], "x-amz-id-2": ids[1], **CORS, **reply.headers}
    body = reply.body
    if isinstance(body, bytes):
        if reply.status not in {204, 304}:
            headers.setdefault("content-length", str(len(body)))
        await send({"type": "http.response.start", "status": reply.status, "headers": _raw(headers)})
        await send({"type": "http.response.body", "body": b"" if head_only else body})
        return
    try:
        await send({"type": "http.response.start", "status": reply.status, "headers": _raw(headers)})
        for piece in body:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        body.close()


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
