"""uvicorn's HTTP/1.1 protocol, deaf to offers of another one, with a handle on its connection.

A client may offer to upgrade (Java's does, to HTTP/2, with each first request), and a server
may take no notice and answer as usual (RFC 9110, section 7.8). httptools stops reading at such
a request, and its body would be lost; so the offer is taken out before httptools sees it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from mockleo.runtime.connection import Connection, extensions_of

if TYPE_CHECKING:
    import asyncio

    from starlette.types import Receive

_OFFER = re.compile(rb"\r\nupgrade:[^\r\n]*", re.IGNORECASE)


class Direct(Connection):
    """Knows the shorter way: uvicorn takes an answer in two messages, looks at each header, and
    writes twice, which costs as much as making one. What we made ourselves needs no looking at.
    """

    __slots__ = ()

    def takes_whole(self, receive: Receive) -> bool:
        """Not an answer that is the last of its connection, has no body, or has to wait."""
        cycle = getattr(receive, "__self__", None)
        return (
            isinstance(cycle, RequestResponseCycle)
            and cycle.keep_alive
            and not cycle.disconnected
            and not cycle.flow.write_paused
            and cycle.scope["method"] != "HEAD"
        )

    def write_whole(self, receive: Receive, answer: bytes) -> None:
        cycle: RequestResponseCycle = receive.__self__  # type: ignore[attr-defined]  # a method of it
        assert not cycle.response_started, "a request has one answer"
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        cycle.transport.write(answer)
        cycle.message_event.set()
        cycle.on_response()


class DeafToUpgrades(HttpToolsProtocol):
    """The protocol for `uvicorn.Config(http=...)`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self._extensions = extensions_of(Direct(transport, self.flow))

    def data_received(self, data: bytes) -> None:
        # In the middle of a body the same bytes are a client's data, and stay.
        cycle: RequestResponseCycle | None = self.cycle
        begins = cycle is None or cycle.response_complete
        if begins and (b"pgrade:" in data or b"PGRADE:" in data):
            head, end, rest = data.partition(b"\r\n\r\n")
            data = _OFFER.sub(b"", head) + end + rest
        super().data_received(data)

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        # The application has the scope by now, and has not begun: it waits for the loop.
        self.scope["extensions"] = self._extensions
