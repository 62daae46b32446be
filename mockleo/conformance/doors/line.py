"""One call over a socket, to exactly the addresses that the gate has judged.

Nothing is done on the caller's behalf: no redirect is followed, no proxy asked, no cookie kept, no
header added but Host and the length, and nothing is ever sent twice. Connections are kept.
"""

from __future__ import annotations

import re
from threading import Lock
from typing import TYPE_CHECKING

import httpx

from mockleo.conformance.door import Answer, MayNot, NoAnswer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockleo.conformance.door import Request
    from mockleo.conformance.doors.gate import Way
    from mockleo.conformance.doors.watch import Watch

_CONNECT_S = 10.0
# Of an answer, as long as bytes are coming; and of the whole of it.
_SILENCE_S = 30.0
_ANSWER_S = 120.0
_BODY_BYTES_MOST = 256 * 1024 * 1024
# More calls than these at once wait for each other.
_CONNECTIONS_MOST = 64

_METHOD = re.compile(r"[A-Za-z][A-Za-z0-9!#$%&'*+.^_`|~-]*")


class Line:
    """Sends calls. Safe to be used by several threads at once."""

    def __init__(self, watch: Watch, *, answer_s: float = _ANSWER_S) -> None:
        self._watch = watch
        self._answer_s = answer_s
        self._trusted = httpx.create_ssl_context(trust_env=False)
        # One for each host and not for each address: hosts of a CDN share addresses, and a
        # connection whose certificate was one's is not the other's.
        self._clients: dict[str, httpx.Client] = {}
        self._lock = Lock()

    def send(self, request: Request, way: Way) -> Answer:
        """Make the call. Raises `NoAnswer`, and `MayNot` for what is no HTTP."""
        began_s = self._watch.now_s()
        why = "there is no address"
        for address in way.addresses:
            try:
                return self._send(self._client(way), _outgoing(request, way, address), began_s)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                # Nothing of the call has left: the next address may be tried.
                why = str(error)
            except httpx.LocalProtocolError as error:
                raise MayNot(f"the call is no HTTP: {error}") from None
            except (httpx.HTTPError, httpx.StreamError) as error:
                raise NoAnswer(f"{type(error).__name__}: {error}") from None
        raise NoAnswer(f"nobody takes a call at {way.authority}: {why}")

    def close(self) -> None:
        with self._lock:
            for client in self._clients.values():
                client.close()

    def _client(self, way: Way) -> httpx.Client:
        with self._lock:
            client = self._clients.get(way.origin)
            if client is None:
                client = self._clients[way.origin] = httpx.Client(
                    verify=self._trusted,
                    trust_env=False,
                    follow_redirects=False,
                    timeout=httpx.Timeout(min(_SILENCE_S, self._answer_s), connect=_CONNECT_S, pool=None),
                    limits=httpx.Limits(
                        max_connections=_CONNECTIONS_MOST, max_keepalive_connections=_CONNECTIONS_MOST
                    ),
                )
            return client

    def _send(self, client: httpx.Client, outgoing: httpx.Request, began_s: float) -> Answer:
        answer = client.send(outgoing, stream=True, auth=None, follow_redirects=False)
        try:
            body = bytearray()
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > _BODY_BYTES_MOST:
                    raise NoAnswer(f"the answer is longer than {_BODY_BYTES_MOST} bytes")
                if self._watch.now_s() - began_s > self._answer_s:
                    raise NoAnswer(f"the answer is not at its end after {self._answer_s:.0f} s")
        finally:
            answer.close()
        return Answer(
            status=answer.status_code,
            headers=_told(answer.headers.raw),
            body=bytes(body),
            elapsed_ms=(self._watch.now_s() - began_s) * 1000,
        )


def _outgoing(request: Request, way: Way, address: str) -> httpx.Request:
    """The call as it leaves: to `address`, with the target as it was written, byte by byte."""
    if not _METHOD.fullmatch(request.method):
        raise MayNot(f"{request.method!r} is no method of HTTP")
    try:
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers]
    except UnicodeEncodeError as error:
        raise MayNot(f"a header cannot be sent: {error}") from None
    if not any(name.lower() == b"host" for name, _ in headers):
        headers.insert(0, (b"host", way.authority.encode("ascii")))
    host = f"[{address}]" if ":" in address else address
    return httpx.Request(
        request.method,
        f"{way.scheme}://{host}:{way.port}/",
        headers=headers,
        content=request.body or None,
        # The certificate is that of the name, though its address is called.
        extensions={"target": way.target.encode("ascii"), "sni_hostname": way.host},
    )


def _told(raw: Sequence[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in raw)
