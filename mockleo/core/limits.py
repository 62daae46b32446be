"""How many calls an account may make: the windows that count them, and what a plan allows.

The service documents so many calls a minute (LIM), not how the minute is measured. So there are
three meters, and the rule `limits.window` says which one counts:

    fixed       the minutes of the clock: all is forgotten at once when the next one begins
    sliding     the last minute, whenever it is: each call is forgotten one minute after it
    bucket      a bucket of `limit` calls, full at first, refilled evenly at `limit` a minute

Limits are handed in with each call and are no part of the state: one that changes takes effect
at once, and what was let in before stays counted. A call that is refused counts nowhere.
"""

from __future__ import annotations

from collections import deque
from email.utils import formatdate
from math import inf
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockleo.core.rules import Rules

MS_IN_A_SECOND = 1_000

RETRY_AFTER_STYLES = ("none", "seconds", "date", "early", "nonsense")


class Refused(msgspec.Struct, frozen=True, gc=False):
    """Why a call is not let in: the limit of the endpoint `name`, or of all together (None).

    After `wait_ms` it will be, if nothing else is sent; a millisecond earlier it will not. None
    when waiting does not help, since nothing is allowed.
    """

    name: str | None
    wait_ms: int | None


class Meter(Protocol):
    """Counts the calls that one limit is for. Times never go backwards."""

    def has_room(self, limit: int, window_ms: int, now_ms: int) -> bool:
        """Whether one more call is let in; changes nothing."""

    def count(self, limit: int, window_ms: int, now_ms: int) -> None:
        """Take a call in, for which there is room."""

    def wait_ms(self, limit: int, window_ms: int, now_ms: int) -> int:
        """How long until there is room, where there is none and `limit` is not 0."""

    def numbers(self) -> list[int]:
        """All of its state; the way back is `of`, which raises ValueError."""


class Fixed:
    """The windows begin at multiples of their length, counted from the epoch."""

    __slots__ = ("_calls", "_window")

    def __init__(self) -> None:
        self._window = 0
        self._calls = 0

    def has_room(self, limit: int, window_ms: int, now_ms: int) -> bool:
        return (self._calls if now_ms // window_ms == self._window else 0) < limit

    def count(self, limit: int, window_ms: int, now_ms: int) -> None:
        window = now_ms // window_ms
        if window == self._window:
            self._calls += 1
        else:
            self._window = window
            self._calls = 1

    def wait_ms(self, limit: int, window_ms: int, now_ms: int) -> int:
        return window_ms - now_ms % window_ms

    def numbers(self) -> list[int]:
        return [self._window, self._calls]

    @classmethod
    def of(cls, numbers: list[int]) -> Fixed:
        meter = cls()
        meter._window, meter._calls = numbers
        return meter


class Sliding:
    """Keeps the instant of every call of the last window: no more of them than are let in."""

    __slots__ = ("_let_in_ms",)

    def __init__(self) -> None:
        self._let_in_ms: deque[int] = deque()

    def has_room(self, limit: int, window_ms: int, now_ms: int) -> bool:
        # The newest `limit` calls decide; when the oldest of those is forgotten, there is room.
        if limit < 1:
            return False
        let_in_ms = self._let_in_ms
        return len(let_in_ms) < limit or let_in_ms[-limit] + window_ms <= now_ms

    def count(self, limit: int, window_ms: int, now_ms: int) -> None:
        let_in_ms = self._let_in_ms
        while let_in_ms and let_in_ms[0] + window_ms <= now_ms:
            let_in_ms.popleft()
        let_in_ms.append(now_ms)

    def wait_ms(self, limit: int, window_ms: int, now_ms: int) -> int:
        return self._let_in_ms[-limit] + window_ms - now_ms

    def numbers(self) -> list[int]:
        return list(self._let_in_ms)

    @classmethod
    def of(cls, numbers: list[int]) -> Sliding:
        if numbers != sorted(numbers):
            raise ValueError("the instants are not in order")
        meter = cls()
        meter._let_in_ms.extend(numbers)
        return meter


class Bucket:
    """Knows what has been taken out and not yet refilled, and when that was so.

    A call takes out `window_ms` units, so that `limit` units flow back in each millisecond and
    all numbers are whole. The limit of the call in hand counts for all the time since the last
    call that was let in.
    """

    __slots__ = ("_at_ms", "_taken")

    def __init__(self) -> None:
        self._taken = 0
        self._at_ms = 0

    def _over(self, limit: int, window_ms: int, now_ms: int) -> int:
        """By how many units one more call would be too much; 0 or less where it is not."""
        return max(0, self._taken - limit * (now_ms - self._at_ms)) + window_ms - limit * window_ms

    def has_room(self, limit: int, window_ms: int, now_ms: int) -> bool:
        return self._over(limit, window_ms, now_ms) <= 0

    def count(self, limit: int, window_ms: int, now_ms: int) -> None:
        self._taken = max(0, self._taken - limit * (now_ms - self._at_ms)) + window_ms
        self._at_ms = now_ms

    def wait_ms(self, limit: int, window_ms: int, now_ms: int) -> int:
        return -(-self._over(limit, window_ms, now_ms) // limit)

    def numbers(self) -> list[int]:
        return [self._taken, self._at_ms]

    @classmethod
    def of(cls, numbers: list[int]) -> Bucket:
        meter = cls()
        meter._taken, meter._at_ms = numbers
        return meter


METERS: Mapping[str, type[Fixed] | type[Sliding] | type[Bucket]] = {
    "fixed": Fixed,
    "sliding": Sliding,
    "bucket": Bucket,
}


class _Saved(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The form in which windows are exported."""

    kind: str
    window_ms: int
    overall: list[int]
    named: dict[str, list[int]]


class Windows:
    """All meters of one account: one for all its calls together, one for each limited endpoint."""

    __slots__ = ("_meter", "_named", "_overall", "kind", "window_ms")

    def __init__(self, kind: str, window_ms: int) -> None:
        if kind not in METERS:
            raise ValueError(f"limits.window: {kind!r} is none of {', '.join(METERS)}")
        if window_ms < 1:
            raise ValueError(f"limits.window_ms: {window_ms} is less than 1")
        self.kind = kind
        self.window_ms = window_ms
        self._meter = METERS[kind]
        self._overall: Meter = self._meter()
        self._named: dict[str, Meter] = {}

    def admit(
        self, overall_limit: int | None, name: str | None, limit: int | None, now_ms: int
    ) -> Refused | None:
        """Let a call of the endpoint `name` in and count it, or say why not: None is a yes.

        `limit` is for that endpoint, `overall_limit` for all calls together; what has no limit
        is not counted. Where both refuse, the one with the longer wait is told, and the
        endpoint's when they are equally long.
        """
        window_ms = self.window_ms
        overall = self._overall
        room = overall_limit is None or overall.has_room(overall_limit, window_ms, now_ms)
        if name is None or limit is None:
            if not room:
                return self._refused(overall_limit, None, None, now_ms)
        else:
            meter = self._named.get(name)
            if meter is None:
                meter = self._meter()
            if not (room and meter.has_room(limit, window_ms, now_ms)):
                return self._refused(overall_limit, name, limit, now_ms)
            meter.count(limit, window_ms, now_ms)
            self._named[name] = meter
        if overall_limit is not None:
            overall.count(overall_limit, window_ms, now_ms)
        return None

    def _refused(
        self, overall_limit: int | None, name: str | None, limit: int | None, now_ms: int
    ) -> Refused:
        """Which of the two limits is in the way, and for how long."""
        named = self._meter() if name is None else self._named.get(name) or self._meter()
        reasons = [
            Refused(whose, meter.wait_ms(most, self.window_ms, now_ms) if most > 0 else None)
            for whose, meter, most in ((name, named, limit), (None, self._overall, overall_limit))
            if most is not None and not meter.has_room(most, self.window_ms, now_ms)
        ]
        return max(reasons, key=lambda reason: inf if reason.wait_ms is None else reason.wait_ms)

    def export(self) -> dict[str, Any]:
        """Everything that has been counted, in plain types; `restore` is the way back."""
        named = {name: meter.numbers() for name, meter in self._named.items()}
        return {
            "kind": self.kind,
            "window_ms": self.window_ms,
            "overall": self._overall.numbers(),
            "named": named,
        }

    @classmethod
    def restore(cls, kind: str, window_ms: int, exported: Mapping[str, Any]) -> Windows:
        """The windows as they were; ValueError, with the field's name, where they cannot have been.

        Calls that were counted in one kind of window say nothing in another one, so `kind` and
        `window_ms` must be those of the export.
        """
        try:
            saved = msgspec.convert(exported, _Saved)
        except msgspec.ValidationError as error:
            raise ValueError(f"windows: {error}") from None
        if (saved.kind, saved.window_ms) != (kind, window_ms):
            raise ValueError(
                f"windows.kind: {saved.kind} windows of {saved.window_ms} ms were exported,"
                f" the rules say {kind} ones of {window_ms} ms"
            )
        windows = cls(kind, window_ms)
        windows._overall = _meter_of(kind, saved.overall, field="windows.overall")
        windows._named = {
            name: _meter_of(kind, numbers, field=f"windows.named.{name}")
            for name, numbers in saved.named.items()
        }
        return windows


def _meter_of(kind: str, numbers: list[int], *, field: str) -> Meter:
    if any(number < 0 for number in numbers):
        raise ValueError(f"{field}: a number is below 0")
    try:
        return METERS[kind].of(numbers)
    except ValueError as error:
        raise ValueError(f"{field}: {error}") from None


def retry_after(style: str, wait_ms: int | None, now_ms: int) -> str | None:
    """The `Retry-After` header of a refusal at `now_ms`; None for no header.

    Who waits as long as `seconds` or `date` say is let in. `early` is always too short, and
    `nonsense` is nothing that a client can read: both are there to see what it does then. Where
    waiting does not help (`wait_ms` is None) nothing is said.
    """
    if style not in RETRY_AFTER_STYLES:
        raise ValueError(f"limits.retry_after: {style!r} is none of {', '.join(RETRY_AFTER_STYLES)}")
    if wait_ms is None or style == "none":
        return None
    assert wait_ms > 0, "who need not wait is let in"
    if style == "seconds":
        return str(_seconds_up(wait_ms))
    if style == "date":
        return formatdate(_seconds_up(now_ms + wait_ms), usegmt=True)
    if style == "early":
        return str((wait_ms - 1) // MS_IN_A_SECOND)
    return "soon"


def _seconds_up(ms: int) -> int:
    return -(-ms // MS_IN_A_SECOND)


def scaled(plan: Mapping[str, Any], slots: Mapping[str, int], rules: Rules) -> dict[str, Any]:
    """The row of a plan as it is with other numbers of concurrency slots, by kind of job.

    What more slots bring with them is in the rows `limits.by_slot.KIND`: longer queues, and more
    calls a minute to the endpoints that order such jobs. Kinds without a row get slots alone.
    """
    bought = {**plan, "slots": dict(plan["slots"])}
    for kind, count in slots.items():
        if kind not in plan["slots"]:
            raise ValueError(f"slots.{kind}: there are slots for {', '.join(plan['slots'])} alone")
        if type(count) is not int or count < 1:
            raise ValueError(f"slots.{kind}: {count!r} is no whole number from 1 on")
        bought["slots"][kind] = count
        row = f"limits.by_slot.{kind}"
        if row in rules:
            each = rules.table(row)
            bought["pending"] = {**bought.get("pending", {}), kind: each["pending"] * count}
            calls = dict.fromkeys(each["calls"], each["per_minute"] * count)
            bought["per_minute"] = {**bought.get("per_minute", {}), **calls}
    return bought
