"""The least that could answer: an ASGI callable that returns fixed bytes.

python -m bench.bare BODY_FILE [--read]

With the emulator's settings of uvicorn and of the collector, and uvicorn's own HTTP protocol.
With --read the request's body is read first. Prints a ready line like `mockleo serve --json`.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mockleo.runtime.server import Server, listen, tune_collector

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


def answering(body: bytes, *, read: bool) -> ASGIApp:
    """An application with one answer to everything."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    start = {"type": "http.response.start", "status": 200, "headers": headers}
    rest = {"type": "http.response.body", "body": body}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if read:
            while (await receive()).get("more_body", False):
                pass
        await send(start)
        await send(rest)

    return app


async def _live(receive: Receive, send: Send) -> None:
    """Say yes to the start and to the end."""
    for phase in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{phase}.complete"})


def main(body_file: str, *options: str) -> None:
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]

    def ready(_: object) -> None:
        tune_collector()
        sys.stdout.write(json.dumps({"url": f"http://127.0.0.1:{port}", "pid": os.getpid()}) + "\n")
        sys.stdout.flush()

    body = Path(body_file).read_bytes()
    server = Server(answering(body, read="--read" in options), on_ready=ready)
    # Whatever the emulator does to uvicorn's protocol is the emulator's merit.
    server.config.http = "auto"
    server.run(sockets=[listener])


if __name__ == "__main__":
    main(*sys.argv[1:])
