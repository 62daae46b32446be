"""The clock that everything hangs on: how it goes, and moving it.

What is due on the way has happened when the answer comes, with all that follows from it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import msgspec

from mockleo.control.operation import Nothing, Operation
from mockleo.control.refusals import Refused, bad
from mockleo.runtime.clock import LATEST_MS, PACE_LEAST, PACE_MOST, SPAN_MS_MOST, Mode

if TYPE_CHECKING:
    from mockleo.app import App
    from mockleo.control.operation import Ask


class ClockState(msgspec.Struct):
    """What time it is, how it passes, and when something falls due next (null: nothing does)."""

    now_ms: int
    now: str
    mode: str
    pace: float
    due_ms: int | None


class Going(msgspec.Struct, forbid_unknown_fields=True):
    """How time is to pass; `pace` is how many seconds of it pass in a real one, by default as before."""

    mode: str
    pace: Annotated[float, msgspec.Meta(ge=PACE_LEAST, le=PACE_MOST)] | None = None


class Move(msgspec.Struct, forbid_unknown_fields=True):
    """How far, or where to: one of them."""

    by_ms: Annotated[int, msgspec.Meta(ge=0, le=SPAN_MS_MOST)] | None = None
    to_ms: int | None = None


def clock_state(app: App) -> ClockState:
    clock = app.clock
    now_ms = clock.now_ms()
    now = datetime.fromtimestamp(now_ms / 1_000, UTC).isoformat(timespec="milliseconds")
    return ClockState(now_ms, now.replace("+00:00", "Z"), clock.mode.value, clock.pace, app.due_ms())


def show(ask: Ask[Nothing]) -> ClockState:
    return clock_state(ask.app)


def set_mode(ask: Ask[Going]) -> ClockState:
    app, given = ask.app, ask.given
    modes = [mode.value for mode in Mode]
    if given.mode == "instant":
        raise bad(
            "instant is a matter of the rules, and chosen at the start; auto is near to it", field="mode"
        )
    if given.mode not in modes:
        raise bad(f"{given.mode!r} is none of {', '.join(modes)}", field="mode")
    mode = Mode(given.mode)
    if given.pace is not None and mode is Mode.MANUAL:
        raise bad("a clock that is moved by hand has none", field="pace")
    return _switch(app, mode, pace=given.pace)


async def advance(ask: Ask[Move]) -> ClockState:
    app, given = ask.app, ask.given
    now_ms = app.clock.now_ms()
    if (given.by_ms is None) == (given.to_ms is None):
        raise bad("one of by_ms and to_ms is needed", field="by_ms")
    field = "to_ms" if given.by_ms is None else "by_ms"
    to_ms = given.to_ms if given.to_ms is not None else now_ms + (given.by_ms or 0)
    if to_ms < now_ms:
        raise bad(f"time does not go backwards: it is {now_ms} already", field=field)
    if to_ms - now_ms > SPAN_MS_MOST:
        raise bad(f"no further than {SPAN_MS_MOST} ms at once, and it is {now_ms}", field=field)
    if to_ms > LATEST_MS:
        raise bad(f"no further than {LATEST_MS}, the year 3000", field=field)
    await app.scheduler.move_to(to_ms)
    return clock_state(app)


def freeze(ask: Ask[Nothing]) -> ClockState:
    return _switch(ask.app, Mode.MANUAL)


def _switch(app: App, mode: Mode, *, pace: float | None = None) -> ClockState:
    """Let time pass in that way, unless a fault in force forbids it."""
    for active in app.faults:
        try:
            active.fault.check(mode)
        except ValueError as error:
            why = str(error).partition(": ")[2]
            raise Refused(409, f"mode: {active.fault.id} is in force: {why}", field="mode") from None
    app.clock.switch(mode, pace=app.clock.pace if pace is None else pace)
    app.scheduler.rearm()
    return clock_state(app)


OPERATIONS = (
    Operation(method="GET", path="/clock", summary="What time it is", handle=show, answer=ClockState),
    Operation(
        method="POST",
        path="/clock",
        summary="Let time pass in another way",
        handle=set_mode,
        takes=Going,
        answer=ClockState,
    ),
    Operation(
        method="POST",
        path="/clock/advance",
        summary="Move the clock on, and everything with it",
        handle=advance,
        takes=Move,
        answer=ClockState,
    ),
    Operation(
        method="POST",
        path="/clock/freeze",
        summary="Let time stand still until it is moved",
        handle=freeze,
        answer=ClockState,
    ),
)
