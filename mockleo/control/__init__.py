"""/_mockleo/: the operator's own API, beside the emulated one.

What there is stands in `menu`, one module a noun; `GET /_mockleo/openapi.json` describes it. To
add an operation, write its function and its line in the noun's `OPERATIONS`.

    door      who may come in
    desk      from a request to its operation, and the answer back
    reading   what the operator has given, in the shape that is wanted
    waiting   until something has happened
    document  all of it as an OpenAPI document
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from mockleo.app import App
    from mockleo.control.desk import Desk


def control(app: App) -> ASGIApp:
    """The operator's API of `app`, to be mounted. What it needs is imported when it is asked first."""
    desk: Desk | None = None

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal desk
        if desk is None:
            from mockleo.control.desk import Desk

            desk = Desk(app)
        await desk(scope, receive, send)

    return answer
