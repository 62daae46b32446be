"""A request's body as it arrives.

A refusal is known long before a large body is through. A client that is still writing when
the connection closes often sees a broken pipe instead of the answer, so the rest of a body
is read and thrown away first, up to `SPARE_BYTES_MAX`. Beyond that nothing more is read.
"""

import re
from collections.abc import AsyncIterator

from starlette.datastructures import Headers
from starlette.types import Receive

SPARE_BYTES_MAX = 32 * 1024 * 1024


class ClientGone(Exception):
    """The client hung up before its body was through. There is nobody to answer."""


class Body:
    """Reads one request's body once.

    `announced_bytes` is the Content-Length, None where there is none. `read_bytes` counts
    what has come in so far.
    """

    def __init__(self, receive: Receive, headers: Headers) -> None:
        length = re.fullmatch("[0-9]{1,18}", headers.get("content-length", ""))
        self.announced_bytes = None if length is None else int(length[0])
        self.read_bytes = 0
        self._receive = receive
        self._waits_for_leave = headers.get("expect", "").lower() == "100-continue"
        self._spare_bytes = SPARE_BYTES_MAX
        self._over = False

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield what is left of the body. Raises ClientGone."""
        while not self._over:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            chunk: bytes = message.get("body", b"")
            self._over = not message.get("more_body", False)
            self.read_bytes += len(chunk)
            yield chunk

    async def leftovers(self) -> AsyncIterator[bytes]:
        """Yield what is left, as far as it is worth reading for nothing. Raises ClientGone."""
        if not self.is_worth_reading:
            return
        async for chunk in self.chunks():
            self._spare_bytes -= len(chunk)
            yield chunk
            if self._spare_bytes < 0:
                return

    @property
    def is_worth_reading(self) -> bool:
        """Is the rest, as far as anything is known of it, small enough to be read for nothing?"""
        if self.announced_bytes is None:
            return self._spare_bytes >= 0
        return self.announced_bytes - self.read_bytes <= self._spare_bytes

    async def drain(self) -> None:
        """Read on, so that the client comes to its end and to our answer. Raises ClientGone."""
        if self._waits_for_leave and self.read_bytes == 0:
            return  # it sends nothing before it is told to
        async for _ in self.leftovers():
            pass
