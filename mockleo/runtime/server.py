"""uvicorn, tuned: one worker, uvloop and httptools, no access log, headers of our own."""

from __future__ import annotations

import asyncio
import gc
import socket
from typing import TYPE_CHECKING, Literal

import uvicorn

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp

# With 100,000 live jobs the default thresholds cost pauses of 100 ms and more.
GC_THRESHOLDS = (50_000, 20, 100)


class PortTaken(OSError):
    """Somebody else listens there."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that is bound already, so that its port is known before the server starts."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise PortTaken(f"cannot listen on {host}:{port}: {error.strerror}") from None
    return listener


class Server(uvicorn.Server):
    """Serves one application and says when it is ready."""

    def __init__(self, app: ASGIApp, *, on_ready: Callable[[asyncio.AbstractEventLoop], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                loop="auto",
                http=_protocol(),
                ws="none",
                lifespan="on",
                access_log=False,
                log_level="warning",
                server_header=False,
                date_header=False,
                # Whom to believe about the scheme is `wire.links`'s to say.
                proxy_headers=False,
                timeout_graceful_shutdown=5,
            )
        )
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready(asyncio.get_running_loop())


def _protocol() -> type[asyncio.Protocol] | Literal["h11"]:
    """The fastest HTTP there is, or uvicorn's other one where httptools cannot be had."""
    try:
        from mockleo.runtime.protocol import DeafToUpgrades
    except ImportError:
        return "h11"
    return DeafToUpgrades


def tune_collector() -> None:
    """Leave what is there after the start out of every later collection."""
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    gc.enable()
