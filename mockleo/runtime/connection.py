"""The TCP connection that a request has come by, for whoever must end it in the middle.

The server's protocols put it into each request's scope, among its extensions.
"""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    from collections.abc import MutableMapping

    from starlette.types import Receive
    from uvicorn.protocols.http.flow_control import FlowControl

EXTENSION = "mockleo.connection"

# On, and for no time at all: what is closed so sends RST instead of FIN.
_LINGER = struct.pack("ii", 1, 0)


class Connection:
    """Ends the connection without a word more of HTTP, and without uvicorn making one up.

    One for all requests of a connection: one for each, which knew its request, would be in a ring
    with the request's scope, and all that hangs on that would have to wait for the collector.
    """

    __slots__ = ("_flow", "_transport")

    def __init__(self, transport: asyncio.Transport, flow: FlowControl) -> None:
        self._transport = transport
        self._flow = flow

    def takes_whole(self, receive: Receive) -> bool:
        """Whether the answer to this request may be given to `write_whole`; a server that knows
        of no shorter way than its messages leaves it at that.
        """
        return False

    def write_whole(self, receive: Receive, answer: bytes) -> None:
        """Write a whole answer, head and body, where `takes_whole` has said so."""
        raise NotImplementedError

    def close(self, receive: Receive) -> None:
        """End it by FIN, after all that has been written."""
        _disconnect(receive)
        self._transport.close()

    async def reset(self, receive: Receive) -> None:
        """End it by RST. What has been written is handed to the system first, which an abort would
        not do; of that a client which does not read may miss what its window does not hold
        (128 KB and more, as Linux has it).
        """
        if not self._transport.is_closing():
            # Now the transport pauses its protocol while a byte is left, not from 64 KB on.
            self._transport.set_write_buffer_limits(0)
            await self._flow.drain()
        _disconnect(receive)
        if not self._transport.is_closing():
            connection: socket.socket = self._transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
            self._transport.abort()


def _disconnect(receive: Receive) -> None:
    """Tell uvicorn that the client of this request is gone: so it neither misses an answer nor
    writes a 500 for it. `receive` is a method of what it keeps of the request.
    """
    cycle: Any = getattr(receive, "__self__", None)
    # Whoever listens in on a request has the server's own behind it.
    while (behind := getattr(cycle, "behind", None)) is not None:
        cycle = getattr(behind, "__self__", None)
    if cycle is not None:
        cycle.disconnected = True


def extensions_of(connection: Connection) -> dict[str, Any]:
    """The extensions of a scope in which the application finds `connection`."""
    return {EXTENSION: connection}


def connection_of(scope: MutableMapping[str, Any]) -> Connection | None:
    """What the request came by; None where there is no server, as in a test in process."""
    found: Connection | None = (scope.get("extensions") or {}).get(EXTENSION)
    return found
