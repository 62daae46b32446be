"""One attempt to deliver: connect, send, read the beginning of the answer, hang up.

Made by hand, on a bare protocol: client libraries pool connections, follow redirects and unpack
bodies, none of which the service's sender is known to do, and none of them connects to an address
that has been looked at first. Made for speed too: h11 alone would take as long as all of this.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from errno import EADDRNOTAVAIL, ECONNREFUSED, EHOSTUNREACH, ENETUNREACH
from functools import cache, lru_cache
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

import msgspec

from mockleo.runtime import addresses
from mockleo.runtime.addresses import NotAllowed, Reach

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Resolve = Callable[[str, Reach], Awaitable[tuple[str, ...]]]

Headers = tuple[tuple[str, str], ...]

# How much of an answer is read before hanging up; its head may be as long again.
ANSWER_BYTES_MOST = 65_536

_PORTS = {"http": 80, "https": 443}

_BEGINNING = b"HTTP/1."
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-9]\d\d)(?: [^\r\n]*)?\r\n")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([^\r\n]*)", re.IGNORECASE)
_CODING = re.compile(rb"\r\ntransfer-encoding:[ \t]*([^\r\n]*)", re.IGNORECASE)
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")
_CHUNK_HEAD_BYTES_MOST = 256


class NotHttp(Exception):
    """An answer that is none."""


class HungUp(Exception):
    """The other side has ended the connection before its answer was complete."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What came of one attempt: a status, or an `error` in few words.

    `address` is the one that was tried last, empty where none was; `answer` the beginning of the
    body, as it came.
    """

    address: str = ""
    status: int | None = None
    error: str = ""
    answer: bytes = b""


class Target(msgspec.Struct, frozen=True, gc=False):
    """Where a URL leads. `authority` is what the host header says."""

    is_secure: bool
    host: str
    port: int
    path: str
    authority: str


@lru_cache(maxsize=1_024)
def target_of(url: str) -> Target:
    """The parts of a URL that `core.keys.webhook` has let through."""
    parts = urlsplit(url)
    host, usual = parts.hostname or "", _PORTS[parts.scheme]
    port = parts.port or usual
    shown = f"[{host}]" if ":" in host else host
    return Target(
        is_secure=parts.scheme == "https",
        host=host,
        port=port,
        path=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
        authority=shown if port == usual else f"{shown}:{port}",
    )


async def deliver(
    url: str,
    *,
    headers: Headers,
    body: bytes,
    timeout_s: float,
    reach: Reach,
    verify_tls: bool = True,
    resolve: Resolve = addresses.resolve,
) -> Outcome:
    """POST `body` to `url`, once, within `timeout_s` seconds from the lookup to the last byte.

    Any answer has a status, a redirect too: that is not followed. Whoever calls judges it.
    Failures are told, not raised.
    """
    target = target_of(url)
    request = _request(target, headers, body)
    tried = ""
    try:
        async with asyncio.timeout(timeout_s):
            failed: OSError = OSError("the name has no address")
            for tried in await resolve(target.host, reach):
                try:
                    answer = await _converse(tried, target, request, verify_tls=verify_tls)
                except OSError as error:
                    # Another address of the same name may do, unless this one has heard us.
                    if not _is_elsewhere(error):
                        raise
                    failed = error
                    continue
                return Outcome(address=tried, status=answer.status, answer=bytes(answer.body))
            raise failed
    except NotAllowed as error:
        return Outcome(error=f"refused: {error}")
    except (TimeoutError, OSError, NotHttp, HungUp, ValueError) as error:
        return Outcome(address=tried, error=_told(error))


async def _converse(address: str, target: Target, request: bytes, *, verify_tls: bool) -> Answer:
    loop = asyncio.get_running_loop()
    conversation = _Conversation(request, loop.create_future())
    try:
        await loop.create_connection(
            lambda: conversation,
            address,
            target.port,
            ssl=_tls(verify=verify_tls) if target.is_secure else None,
            server_hostname=target.host if target.is_secure else None,
        )
        return await conversation.over
    finally:
        conversation.hang_up()


class _Conversation(asyncio.Protocol):
    """One request and its answer."""

    def __init__(self, request: bytes, over: asyncio.Future[Answer]) -> None:
        self.over = over
        self._request = request
        self._answer = Answer()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's by class.
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if self.over.done():
            return
        try:
            if self._answer.feed(data):
                self.over.set_result(self._answer)
        except NotHttp as error:
            self.over.set_exception(error)

    def connection_lost(self, error: Exception | None) -> None:
        if self.over.done():
            return
        if error is not None:
            self.over.set_exception(error)
        elif self._answer.ends_here():
            self.over.set_result(self._answer)
        else:
            self.over.set_exception(HungUp())

    def hang_up(self) -> None:
        """Let go of the connection, whatever is still on its way."""
        # What has become of it is known, or of no interest any more.
        if not self.over.cancel() and not self.over.cancelled():
            self.over.exception()
        if self._transport is not None:
            self._transport.abort()


class Answer:
    """An answer as it comes in, in whatever pieces."""

    __slots__ = ("_chunked", "_left", "_pending", "_taken", "body", "status")

    def __init__(self) -> None:
        self.status: int | None = None
        self.body = bytearray()
        # What has come and is not understood yet, and how much has come altogether.
        self._pending = b""
        self._taken = 0
        # What the body still lacks; None where only the end of the connection tells.
        self._left: int | None = None
        self._chunked = False

    def feed(self, data: bytes) -> bool:
        """Take the next piece; True once no more need be read."""
        self._taken += len(data)
        self._pending = self._pending + data if self._pending else data
        if self.status is None and not self._read_head():
            return False
        if self._chunked:
            complete = self._read_chunks()
        else:
            self.body += self._pending
            self._pending = b""
            complete = self._left is not None and len(self.body) >= self._left
            if complete:
                del self.body[self._left :]
        if len(self.body) < ANSWER_BYTES_MOST and self._taken < 2 * ANSWER_BYTES_MOST:
            return complete
        del self.body[ANSWER_BYTES_MOST:]
        return True

    def ends_here(self) -> bool:
        """Whether the answer is complete now that the connection has ended."""
        return self.status is not None and not self._chunked and self._left is None

    def _read_head(self) -> bool:
        """Read the status and how the body will end; False while there is more to come."""
        while True:
            head, found, rest = self._pending.partition(b"\r\n\r\n")
            endless = not found and self._taken > ANSWER_BYTES_MOST
            if endless or not head.startswith(_BEGINNING[: len(head)]):
                raise NotHttp
            if not found:
                return False
            line = _STATUS.match(head + b"\r\n")
            if line is None:
                raise NotHttp
            self._pending, status = rest, int(line[1])
            # Those that only announce the answer; a switch of protocols is one.
            if status >= 200 or status == 101:
                self.status = status
                self._read_framing(head, status)
                return True
            if self._taken > ANSWER_BYTES_MOST:
                raise NotHttp

    def _read_framing(self, head: bytes, status: int) -> None:
        if status in {101, 204, 304}:
            self._left = 0
        elif codings := _CODING.findall(head):
            self._chunked = codings[-1].strip().lower().endswith(b"chunked")
        elif lengths := {each.strip() for each in _LENGTH.findall(head)}:
            length = lengths.pop()
            if lengths or not length.isdigit() or len(length) > 18:
                raise NotHttp
            self._left = int(length)

    def _read_chunks(self) -> bool:
        """Take what is complete of the chunks, and the beginning of the one that is not."""
        at = 0
        while True:
            if self._left:
                piece = self._pending[at : at + self._left]
                self.body += piece
                self._left -= len(piece)
                at += len(piece)
                if self._left:
                    break
            if self._left == 0:
                # Behind each chunk stands a line end.
                if len(self._pending) < at + 2:
                    break
                if self._pending[at : at + 2] != b"\r\n":
                    raise NotHttp
                at, self._left = at + 2, None
            head = _CHUNK.match(self._pending, at)
            if head is None:
                if len(self._pending) - at > _CHUNK_HEAD_BYTES_MOST or b"\r\n" in self._pending[at:]:
                    raise NotHttp
                break
            if (size := int(head[1], 16)) == 0:
                # Behind the last one may stand headers, and in any case an empty line.
                if self._pending.find(b"\r\n\r\n", head.end() - 2) >= 0:
                    return True
                break
            at, self._left = head.end(), size
        self._pending = self._pending[at:]
        return False


def _is_elsewhere(error: OSError) -> bool:
    """Whether nothing has been connected to, so that nobody has been sent anything."""
    return error.errno in {ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EADDRNOTAVAIL}


def _request(target: Target, headers: Headers, body: bytes) -> bytes:
    lines = [f"POST {target.path} HTTP/1.1", *[f"{name}: {value}" for name, value in headers], "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


@cache
def _tls(*, verify: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _told(error: Exception) -> str:
    """A failure in few words."""
    match error:
        case TimeoutError():
            return "timeout"
        case NotHttp():
            return "not http"
        case HungUp():
            return "hung up"
        case ssl.SSLCertVerificationError():
            return f"tls: {error.verify_message}"
        case ssl.SSLError():
            return f"tls: {(error.reason or 'handshake failed').replace('_', ' ').lower()}"
        case ConnectionRefusedError():
            return "connection refused"
        case ConnectionError():
            return "reset"
        case OSError():
            return f"not reached: {error.strerror or error}"
        case _:
            return f"not sent: {error}"
