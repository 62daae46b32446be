"""Until something has happened: the operator's own patience, in real time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, TypeVar

import msgspec

from mockleo.control.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockleo.app import App

Found = TypeVar("Found")

PATIENCE_MS = 10_000
PATIENCE_MS_MOST = 600_000

# How long somebody waits, and for how many.
Patience = Annotated[int, msgspec.Meta(ge=0, le=PATIENCE_MS_MOST)]
Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


async def until(
    app: App, look: Callable[[], list[Found]], *, count: int, timeout_ms: int, what: str
) -> list[Found]:
    """What `look` finds, as soon as it is `count` of them; looks again when anything was recorded.

    Nothing is going on while somebody waits: a clock that jumps may jump. Raises a 408 that tells
    how many there were.
    """
    rung = asyncio.Event()
    app.record.waiting.append(rung.set)
    try:
        async with asyncio.timeout(timeout_ms / 1_000):
            while len(found := look()) < count:
                if app.record.closed:
                    raise Refused(503, "the emulator is being stopped", field=None)
                await rung.wait()
                rung.clear()
    except TimeoutError:
        app.catch_up()
        found = look()
    finally:
        app.record.waiting.remove(rung.set)
    if len(found) < count:
        raise Refused(408, f"count: {len(found)} of {count} {what} after {timeout_ms} ms", field="count")
    return found
