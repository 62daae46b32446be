"""uvicorn's other HTTP/1.1 protocol, for where httptools cannot be had; with the same handle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from mockleo.runtime.connection import Connection, extensions_of

if TYPE_CHECKING:
    import asyncio


class WithConnection(H11Protocol):
    """The protocol for `uvicorn.Config(http=...)`. It makes scope and task in one, so the
    application is handed the connection as it is called.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        application: Any = self.app
        extensions = extensions_of(Connection(transport, self.flow))

        async def connected(scope: Any, receive: Any, send: Any) -> None:
            scope["extensions"] = extensions
            await application(scope, receive, send)

        self.app = connected
