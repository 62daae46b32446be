"""/_mockleo/: the operator's own API, beside the emulated one.

GET  health   what is running, and how much of it has been used
GET  ready    200 once requests are answered
POST reset    begin again: no accounts, no jobs, no objects, no record
"""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from mockleo import __version__
from mockleo.wire.links import API_PATH

if TYPE_CHECKING:
    from starlette.requests import Request

    from mockleo.app import App


def routes(app: App) -> list[BaseRoute]:
    """The routes below `/_mockleo`."""

    async def health(request: Request) -> Response:
        if not _may(app, request):
            return _FORBIDDEN
        app.catch_up()
        world = app.site.world
        jobs = [account.generations.values() for account in world.accounts.values()]
        return _json(
            {
                "status": "ok",
                "version": __version__,
                "url": app.settings.url,
                "base_url": app.base_url,
                "api_path": API_PATH,
                "api_key": app.api_key,
                "seed": app.settings.seed,
                "time": {"mode": app.settings.time, "now_ms": app.clock.now_ms()},
                "keys": app.settings.keys,
                "profile": app.settings.profile,
                "accounts": len(world.accounts),
                "generations": sum(len(of_one) for of_one in jobs),
                "journal": {"exchanges": len(app.record.exchanges), "dropped": app.record.dropped},
            }
        )

    async def ready(_: Request) -> Response:
        return _json({"ready": True})

    async def reset(request: Request) -> Response:
        if not _may(app, request):
            return _FORBIDDEN
        app.reset()
        return _json({"reset": True})

    return [
        Route("/health", health, methods=["GET"]),
        Route("/ready", ready, methods=["GET"]),
        Route("/reset", reset, methods=["POST"]),
    ]


def _may(app: App, request: Request) -> bool:
    """Whether the operator is who he says; on loopback without a token, everybody is."""
    token = app.settings.control_token
    if token is None:
        return True
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    return compare_digest(given.encode(), token.encode())


def _json(body: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")


_FORBIDDEN = _json({"error": "the control API wants its token: Authorization: Bearer ..."}, 401)
