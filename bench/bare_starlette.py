"""What a bare service costs to start and to keep: Starlette with one route, on uvicorn.

python bare_starlette.py PORT

Run as a script, like the `mockleo` command: it imports nothing of the emulator's.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request


async def ready(_: Request) -> JSONResponse:
    return JSONResponse({"ready": True})


if __name__ == "__main__":
    # As in mockleo.runtime.server.
    uvicorn.run(
        Starlette(routes=[Route("/ready", ready)]),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="auto",
        http="auto",
        ws="none",
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=5,
    )
