"""uvicorn, tuned: one worker, uvloop and httptools, no access log, headers of our own.

It can stop listening for a while, which uvicorn cannot.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
from typing import TYPE_CHECKING, Any

import uvicorn

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp

# With 100,000 live jobs the default thresholds cost pauses of 100 ms and more.
GC_THRESHOLDS = (50_000, 20, 100)


log = logging.getLogger("mockleo")


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
    """Serves one application and says when it is ready, and when it is about to stop."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        on_ready: Callable[[asyncio.AbstractEventLoop], None],
        on_stop: Callable[[], None] = lambda: None,
    ) -> None:
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
        self._on_stop = on_stop
        # Ports that nobody listens on for a while, kept from others; None while we listen.
        self._kept: list[socket.socket] | None = None
        self._opening: set[asyncio.Task[None]] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready(asyncio.get_running_loop())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_stop()
        await asyncio.gather(*self._opening, return_exceptions=True)
        for kept in self._kept or ():
            kept.close()
        await super().shutdown(sockets)

    def stop_listening(self) -> bool:
        """Let the system refuse whoever calls from now on; False where it does so already, or is
        about to let them in again.

        Connections that wait for a request are closed; those with an answer on its way once it is
        sent. The port stays ours: it is bound, and nobody listens. (Who binds it with SO_REUSEADDR,
        as we do, can take it all the same.)
        """
        if self._kept is not None or self._opening:
            return False
        doors = [door.getsockname()[:2] for server in self.servers for door in server.sockets]
        for server in self.servers:
            server.close()
        self.servers = []
        self._kept = [listen(host, port) for host, port in doors]
        for connection in list(self.server_state.connections):
            connection.shutdown()
        return True

    def listen_again(self) -> None:
        """Accept connections again; whoever calls from now on is let in."""
        assert self._kept is not None, "it listens"
        kept, self._kept = self._kept, None
        for door in kept:
            try:
                door.listen(self.config.backlog)
            except OSError as error:
                log.error("%s: nobody is let in again: %s", door.getsockname(), error.strerror)
                door.close()
                continue
            opening = asyncio.get_running_loop().create_task(self._open(door))
            self._opening.add(opening)
            opening.add_done_callback(self._opening.discard)

    async def _open(self, door: socket.socket) -> None:
        """Serve who calls at `door`, which the system lets in already."""
        loop = asyncio.get_running_loop()

        def accept() -> asyncio.Protocol:
            protocol: Any = self.config.http_protocol_class
            made: asyncio.Protocol = protocol(
                config=self.config, server_state=self.server_state, app_state=self.lifespan.state, _loop=loop
            )
            return made

        self.servers.append(await loop.create_server(accept, sock=door, backlog=self.config.backlog))


def _protocol() -> type[asyncio.Protocol]:
    """The fastest HTTP there is, or uvicorn's other one where httptools cannot be had."""
    try:
        from mockleo.runtime.protocol import DeafToUpgrades
    except ImportError:
        from mockleo.runtime.protocol_h11 import WithConnection

        return WithConnection
    return DeafToUpgrades


def tune_collector() -> None:
    """Leave what is there after the start out of every later collection."""
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    gc.enable()
