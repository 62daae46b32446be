"""The body of a PUT, or of an operation that takes XML: unwrapped and held against its claims.

    x-amz-content-sha256   the body's SHA-256 in hex, or UNSIGNED-PAYLOAD, or STREAMING-...
    aws-chunked            taken apart (`chunked`), its trailers read
    Content-MD5, x-amz-checksum-*   `checksums`

Sources: AWS: PutObject, sig-v4-header-based-auth, sigv4-streaming; that a plainly chunked PUT
is 501: public reports of it.
"""

import hashlib
import re
from collections.abc import AsyncIterator

from mockleo.bucket.checksums import Claims
from mockleo.bucket.chunked import Chunked
from mockleo.bucket.errors import HalfBody, InvalidRequest, MissingLength, NotBuiltHeader, TooLarge, WrongHash
from mockleo.bucket.request import Request

# XML that lists a thousand keys stays far below.
SMALL_BYTES_MAX = 2 * 1024 * 1024


class Payload:
    """Reads one request's body once. `checksums` are known when `chunks` has come to its end."""

    def __init__(self, request: Request, *, bytes_max: int) -> None:
        """Raises InvalidRequest, InvalidDigest, MissingLength, NotBuiltHeader, TooLarge."""
        headers = request.headers
        self.checksums: dict[str, str] = {}
        self._body = request.body
        self._bytes_max = bytes_max
        self._hash = headers.get("x-amz-content-sha256", "")
        self._chunked = Chunked() if self._hash.startswith("STREAMING-") else None
        trailing = [name.strip().lower() for name in headers.get("x-amz-trailer", "").split(",")]
        self._claims = Claims(dict(headers.items()), trailing=trailing if self._chunked else ())
        self._announced_bytes = self._length(request)
        if self._announced_bytes > bytes_max:
            raise TooLarge(proposed_bytes=self._announced_bytes, bytes_max=bytes_max)

    def _length(self, request: Request) -> int:
        """How many bytes are to come, unwrapped."""
        if self._chunked is not None:
            told = request.headers.get("x-amz-decoded-content-length", "")
            if not re.fullmatch("[0-9]{1,18}", told):
                raise MissingLength
            return int(told)
        if "transfer-encoding" in request.headers:
            raise NotBuiltHeader("Transfer-Encoding")
        if request.body.announced_bytes is None:
            raise MissingLength
        return request.body.announced_bytes

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body. Raises ClientGone, HalfBody, TooLarge, WrongDigest, WrongHash."""
        digest, size_bytes = hashlib.sha256(), 0
        async for chunk in self._body.chunks():
            for piece in [chunk] if self._chunked is None else self._chunked.feed(chunk):
                digest.update(piece)
                self._claims.update(piece)
                size_bytes += len(piece)
                if size_bytes > self._bytes_max:
                    raise TooLarge(proposed_bytes=size_bytes, bytes_max=self._bytes_max)
                yield piece
        if self._chunked is not None:
            self._chunked.finish()
        elif re.fullmatch("[0-9a-f]{64}", self._hash) and digest.hexdigest() != self._hash:
            raise WrongHash(sent=self._hash, computed=digest.hexdigest())
        if size_bytes != self._announced_bytes:
            raise HalfBody
        self.checksums = self._claims.verify(None if self._chunked is None else self._chunked.trailers)


async def whole(request: Request) -> bytes:
    """Return a small body. Raises what `Payload` raises, and InvalidRequest where it is not small."""
    try:
        payload = Payload(request, bytes_max=SMALL_BYTES_MAX)
        return b"".join([piece async for piece in payload.chunks()])
    except TooLarge:
        raise InvalidRequest("The XML you provided is too large.") from None
