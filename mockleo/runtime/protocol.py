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

_OFFER = re.compile(rb"\r\nupgrade:[^\r\n]*", re.IGNORECASE)


class DeafToUpgrades(HttpToolsProtocol):
    """The protocol for `uvicorn.Config(http=...)`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self._extensions = extensions_of(Connection(transport, self.flow))

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
