"""Who is reported to: a small HTTP server of our own, on loopback.

It takes whatever comes, says 200 and keeps it; judging is done elsewhere.
"""

from __future__ import annotations

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from types import TracebackType

LOOPBACK = "127.0.0.1"
# Next to the emulator's own.
DEFAULT_PORT = 5361
_BODY_BYTES_MOST = 16 * 1024 * 1024

_WITH_PORT = re.compile(r"(.+)@(\d{1,5})")


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where the service reports to, and the port on this machine that this leads to."""

    url: str
    port: int

    @classmethod
    def of(cls, text: str) -> Address:
        """Read "PUBLIC_URL" or "PUBLIC_URL@PORT"."""
        found = _WITH_PORT.fullmatch(text)
        return cls(url=found[1], port=int(found[2])) if found else cls(url=text, port=DEFAULT_PORT)


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One request that came. Names of headers are in small letters, in the order of their coming."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for known, value in self.headers if known == name), None)


class Receiver:
    """Listens as long as the context lasts. `port` 0 takes any that is free. Raises OSError."""

    def __init__(self, *, port: int = 0) -> None:
        self._came: list[Delivery] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer((LOOPBACK, port), _handler(self._keep))
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="receiver", daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self._server.server_address[1]}"

    @property
    def came(self) -> tuple[Delivery, ...]:
        """All that has come until now, in the order of its coming."""
        with self._lock:
            return tuple(self._came)

    def __enter__(self) -> Receiver:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _keep(self, delivery: Delivery) -> None:
        with self._lock:
            self._came.append(delivery)


def _handler(keep: Any) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = min(int(self.headers.get("content-length") or 0), _BODY_BYTES_MOST)
            body = self.rfile.read(length)
            # Kept before it is answered: who was answered may rely on it.
            keep(
                Delivery(
                    method=self.command,
                    path=self.path,
                    headers=tuple((name.lower(), value) for name, value in self.headers.items()),
                    body=body,
                )
            )
            self.send_response(200)
            self.send_header("content-length", "0")
            self.send_header("connection", "close")
            self.end_headers()
            self.close_connection = True

        do_GET = do_PUT = do_PATCH = do_DELETE = do_POST

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base names it so
            """Say nothing: a payload may tell the key."""

    return Handler
