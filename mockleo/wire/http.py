"""The bytes of a request and of an answer: read here, written here, nowhere else."""

from __future__ import annotations

from email.utils import formatdate
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec

from mockleo.core.errors import BodyTooLarge, InvalidJson

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.types import Message, Receive, Send

    from mockleo.core.chance import Chance

# What lets a browser's page read an answer.
ANY_ORIGIN = (b"access-control-allow-origin", b"*")

JSON = b"application/json; charset=utf-8"
HTML = b"text/html; charset=utf-8"

_decode = msgspec.json.Decoder().decode
# Bodies in these types are no JSON, so no variable is read from them. Source: inferred.
_FORMS = (b"application/x-www-form-urlencoded", b"multipart/form-data")


class ClientGone(ConnectionError):
    """The client hung up in the middle of its request: there is nobody to answer, nothing to do."""


async def read_body(receive: Receive, *, bytes_max: int) -> bytes:
    """The whole body, or a refusal once it is larger than `bytes_max`."""
    message = await _next(receive)
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        if len(body) > bytes_max:
            raise BodyTooLarge
        return body
    chunks = [body]
    size = len(body)
    while message.get("more_body", False):
        message = await _next(receive)
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > bytes_max:
            raise BodyTooLarge
    return b"".join(chunks)


async def _next(receive: Receive) -> Message:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientGone
    return message


async def hung_up(receive: Receive) -> None:
    """Come back once the client has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass


def variables_in(body: bytes, content_type: bytes) -> Mapping[str, Any] | None:
    """The variables that a body gives; none when it is empty, a form, or no JSON object.

    Source: wire habits: clients send JSON as text/plain, `null`, and nothing at all.
    """
    if not body or content_type.lower().startswith(_FORMS):
        return None
    try:
        decoded = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise InvalidJson from None
    return decoded if type(decoded) is dict else None


def _status_line(status: int) -> bytes:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return b"HTTP/1.1 %d %s" % (status, phrase.encode())


_STATUS_LINES = {status: _status_line(status) for status in range(100, 600)}


class Writer:
    """Writes answers. `chance` decides the ids of requests, the clock their dates."""

    def __init__(self, *, chance: Chance) -> None:
        origin = chance.uuid4("request-id")
        self._id_head = origin[:24].encode()
        self._served = 0
        self._date_s = -1
        self._date = b""

    async def write(
        self,
        send: Send,
        *,
        status: int,
        body: bytes,
        now_ms: int,
        content_type: bytes = JSON,
        extra: Sequence[tuple[bytes, bytes]] = (),
    ) -> None:
        """Send one answer. Headers as the service has them. Source: src 62155717861."""
        headers = self._head(now_ms)
        headers.append((b"content-type", content_type))
        headers.append((b"content-length", b"%d" % len(body)))
        headers.extend(extra)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def whole(
        self,
        status: int,
        body: bytes,
        now_ms: int,
        content_type: bytes,
        extra: Sequence[tuple[bytes, bytes]],
    ) -> bytes:
        """The bytes that come of `write`, for a connection that takes them as they are."""
        self._served += 1
        more = b"".join([b"%s: %s\r\n" % header for header in extra]) if extra else b""
        return (
            b"%s\r\ndate: %s\r\nx-request-id: %s%012x\r\nx-content-type-options: nosniff\r\n"
            b"content-type: %s\r\ncontent-length: %d\r\n%s\r\n%s"
        ) % (
            _STATUS_LINES[status], self._date_at(now_ms), self._id_head, self._served, content_type,
            len(body), more, body,
        )  # fmt: skip

    async def write_preflight(self, send: Send, *, asked: Mapping[bytes, bytes], now_ms: int) -> None:
        """Let a browser's page call us; methods and headers are echoed. Source: assumed."""
        headers = [
            *self._head(now_ms),
            ANY_ORIGIN,
            (b"access-control-allow-methods", asked.get(b"access-control-request-method", b"*")),
            (b"access-control-allow-headers", asked.get(b"access-control-request-headers", b"*")),
        ]
        await send({"type": "http.response.start", "status": 204, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def _head(self, now_ms: int) -> list[tuple[bytes, bytes]]:
        """What every answer has."""
        self._served += 1
        return [
            (b"date", self._date_at(now_ms)),
            (b"x-request-id", b"%s%012x" % (self._id_head, self._served)),
            (b"x-content-type-options", b"nosniff"),
        ]

    def _date_at(self, now_ms: int) -> bytes:
        now_s = now_ms // 1000
        if now_s != self._date_s:
            self._date_s = now_s
            self._date = formatdate(now_s, usegmt=True).encode()
        return self._date
