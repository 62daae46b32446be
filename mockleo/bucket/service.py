"""`Bucket`: the ASGI application, mounted at `/s3`.

    POST     /{bucket}         the upload of a presigned form
    GET HEAD /{bucket}/{key}   a stored object, whole or a range
    OPTIONS  anything          CORS, open to everybody

Any other method is 405. Any bucket name will do: which of them a form may post to is for its
policy to say.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from mockleo.bucket.body import Body, ClientGone
from mockleo.bucket.errors import MethodNotAllowed, S3Refusal, render
from mockleo.bucket.form import Head
from mockleo.bucket.outcome import answer, settle
from mockleo.bucket.reading import read
from mockleo.bucket.reply import Reply, printable
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
        self._now_ms = now_ms
        self._on_stored = on_stored
        self._seed = seed
        self._path = path
        self._requests = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http", f"the bucket speaks http, not {scope['type']}"
        headers = Headers(scope=scope)
        body = Body(receive, headers)
        ids = self._next_ids()
        try:
            try:
                reply = await self._answer(scope, headers, body)
            except S3Refusal as refusal:
                if scope["method"] not in {"GET", "HEAD"}:
                    await body.drain()
                reply = _refusal(refusal, ids)
        except ClientGone:
            return
        await _send(send, reply, ids=ids, head_only=scope["method"] == "HEAD")

    async def _answer(self, scope: Scope, headers: Headers, body: Body) -> Reply:
        root, bucket, key = self._place(scope)
        method = scope["method"]
        if method == "OPTIONS":
            return _preflight(headers)
        if method in {"GET", "HEAD"} and key:
            asked = headers.get("range")
            return read(self.store, bucket=bucket, key=key, range_header=asked, head_only=method == "HEAD")
        if method == "POST" and bucket and not key:
            host = printable(headers.get("host", "localhost"))
            url = f"{scope['scheme']}://{host}{quote(f'{root}/{bucket}')}"
            return await self._upload(headers, body, bucket=bucket, url=url)
        raise MethodNotAllowed(
            method=method,
            resource="OBJECT" if key else "BUCKET",
            allowed="GET, HEAD, OPTIONS" if key else "POST, OPTIONS",
        )

    async def _upload(self, headers: Headers, body: Body, *, bucket: str, url: str) -> Reply:
        boundary = door(headers)

        def judge(head: Head) -> Admission:
            return admit(
                head,
                bucket=bucket,
                credentials=self.credentials,
                region=self.region,
                now_ms=self._now_ms(),
                size_bytes_max=self.size_bytes_max,
            )

        with self.store.draft() as draft:
            admission = await receive(body, boundary, draft, admit=judge)
            stored = settle(admission, draft, now_ms=self._now_ms())
        self._on_stored(stored)
        return answer(stored, admission.fields, url=url)

    def _place(self, scope: Scope) -> tuple[str, str, str]:
        """Take a path apart: where the application is mounted, the bucket, the key."""
        root: str = scope.get("root_path", "")
        if not root.endswith(self._path):
            root += self._path
        path: str = scope["path"].removeprefix(root).lstrip("/")
        bucket, _, key = path.partition("/")
        return root, bucket, key

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
            "access-control-allow-methods": "GET, HEAD, POST",
            "access-control-allow-headers": printable(headers.get("access-control-request-headers", "*")),
            "access-control-max-age": "3000",
        },
    )


async def _send(send: Send, reply: Reply, *, ids: tuple[str, str], head_only: bool) -> None:
    """Write a reply. The one place that does."""
    headers: dict[str, str] = {"x-amz-request-id": ids[0], "x-amz-id-2": ids[1], **CORS, **reply.headers}
    body = reply.body
    if isinstance(body, bytes):
        if reply.status != 204:
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
