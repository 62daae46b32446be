"""The active faults, and the one place that decides which of them a call meets.

A logical call is what a client wants once, however often it sends it: the same bytes again after
a failure are another attempt of the same one. So a script ("the third order fails") is not
shifted by a client that tries again.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import msgspec

from mockleo.core.names import nearest
from mockleo.faults.exported import read
from mockleo.faults.fault import Draw, Fault
from mockleo.record import Decision

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mockleo.core.chance import Chance
    from mockleo.runtime.clock import Mode

# Failed calls that may still be sent again; the oldest are forgotten.
_OPEN_MOST = 10_000
# A share is compared with a draw below this.
_FINE = 1 << 32


class BadFault(ValueError):
    """A fault that cannot be; the message names the field."""


class Active(msgspec.Struct):
    """A fault in force. `counts` are the logical calls it has matched, by account."""

    fault: Fault
    added_ms: int
    fired: int = 0
    counts: dict[str, int] = {}


class LogicalCall(msgspec.Struct):
    """What a client wants once. `faults` are those that this attempt meets.

    `numbers` is which call this is to each fault that matches, `fired` how often each has met it.
    `known` are the faults that were in force when it was asked.
    """

    place: bytes
    operation: str
    user_id: str
    attempt: int = 0
    numbers: dict[str, int] = {}
    fired: dict[str, int] = {}
    faults: tuple[Fault, ...] = ()
    known: dict[str, Active] = {}

    def forget(self, fault_id: str) -> None:
        """Be no call of that fault: another one may come to have its id."""
        self.numbers.pop(fault_id, None)
        self.fired.pop(fault_id, None)


class Plan:
    """Which faults are in force.

    `operations` are the names that calls go by, for each place where faults act. `is_empty` is
    what the flow of a request looks at: without faults nothing is counted.
    """

    def __init__(
        self,
        *,
        chance: Chance,
        operations: Mapping[str, Iterable[str]],
        note: Callable[[Decision], None],
    ) -> None:
        self._chance = chance
        self._operations = {place: tuple(names) for place, names in operations.items()}
        self._note = note
        self._active: dict[str, Active] = {}
        self._open: dict[bytes, LogicalCall] = {}
        self._added = 0
        self.is_empty = True

    def __iter__(self) -> Any:
        return iter(self._active.values())

    def __len__(self) -> int:
        return len(self._active)

    def get(self, fault_id: str) -> Active | None:
        return self._active.get(fault_id)

    def add(self, fault: Fault, *, now_ms: int) -> Active:
        """Put `fault` in force; without an id it gets one."""
        if fault.id in self._active:
            raise BadFault(f"id: {fault.id!r} is in force already")
        self._check_operations(fault)
        if not fault.id:
            fault = msgspec.structs.replace(fault, id=self._next_id())
        active = self._active[fault.id] = Active(fault, now_ms)
        self.is_empty = False
        return active

    def remove(self, fault_id: str) -> bool:
        """Lift a fault; False when there is none of that id."""
        if self._active.pop(fault_id, None) is None:
            return False
        for call in self._open.values():
            call.forget(fault_id)
        self.is_empty = not self._active
        return True

    def clear(self) -> None:
        """Lift all faults, and forget which calls have failed."""
        self._active.clear()
        self._open.clear()
        self._added = 0
        self.is_empty = True

    def open(
        self, operation: str, *, user_id: str, key_id: str = "", sent: bytes, now_ms: int
    ) -> LogicalCall:
        """Decide what a call meets. `sent` is all that tells it from others: method, URL, body."""
        place = blake2b(b"%s\0%s\0%s" % (operation.encode(), user_id.encode(), sent), digest_size=16).digest()
        call = self._open.pop(place, None) or LogicalCall(place, operation, user_id)
        call.attempt += 1
        call.known = dict(self._active)
        call.faults = tuple(
            active.fault
            for active in self._active.values()
            if self._matches(active, operation, user_id, key_id, now_ms) and self._met(active, call, now_ms)
        )
        return call

    def close(self, call: LogicalCall, *, failed: bool) -> None:
        """A call has been answered, or not; one that has failed may come again.

        What was lifted meanwhile is not in force by the same id being so.
        """
        for fault_id in list(call.numbers):
            if self._active.get(fault_id) is not call.known.get(fault_id):
                call.forget(fault_id)
        if failed and call.numbers:
            self._open[call.place] = call
            if len(self._open) > _OPEN_MOST:
                del self._open[next(iter(self._open))]

    def draw(self, fault: Fault, call: LogicalCall) -> Draw:
        """Chance for what `fault` does to this attempt of `call`."""
        label = f"{fault.id}:{call.user_id}:{call.numbers[fault.id]}:{call.attempt}:effect"
        return Draw(lambda bound: self._chance.below(bound, label))

    def export(self) -> dict[str, Any]:
        """All that decides what the next calls meet, as plain data."""
        return {
            "added": self._added,
            "active": msgspec.to_builtins(list(self._active.values())),
            "open": [
                {
                    "place": call.place.hex(), "operation": call.operation, "user_id": call.user_id,
                    "attempt": call.attempt, "numbers": call.numbers, "fired": call.fired,
                }
                for call in self._open.values()
            ],
        }  # fmt: skip

    def restore(self, exported: object, *, kinds: Any, mode: Mode) -> None:
        """Be as `export` has told, on a clock of that mode; `kinds` is the union of all faults there are.

        Raises BadPlan, whose message begins with the field's path; then all is as it was.
        """
        form = read(exported, kinds=kinds, mode=mode, check=self._check_operations)
        self.clear()
        self._added = form.added
        for fault, told in zip(form.faults, form.active, strict=True):
            self._active[fault.id] = Active(fault, told.added_ms, told.fired, told.counts)
        for call in form.open:
            place = bytes.fromhex(call.place)
            self._open[place] = LogicalCall(
                place, call.operation, call.user_id, call.attempt, call.numbers, call.fired
            )
        self.is_empty = not self._active

    def _next_id(self) -> str:
        while True:
            self._added += 1
            if f"fault-{self._added}" not in self._active:
                return f"fault-{self._added}"

    def _check_operations(self, fault: Fault) -> None:
        known = self._names_for(fault)
        for pattern in fault.operations:
            if not any(fnmatchcase(name, pattern) for name in known):
                near = nearest(pattern, known)
                raise BadFault(f"operations: {pattern!r} is no operation that {fault.kind} can meet{near}")

    def _names_for(self, fault: Fault) -> tuple[str, ...]:
        return tuple(name for place in fault.WHERE for name in self._operations[place])

    def _matches(self, active: Active, operation: str, user_id: str, key_id: str, now_ms: int) -> bool:
        fault = active.fault
        if operation not in self._names_for(fault):
            return False
        if fault.operations and not any(fnmatchcase(operation, one) for one in fault.operations):
            return False
        if fault.account not in {None, user_id} or fault.key not in {None, key_id}:
            return False
        since_ms = now_ms - active.added_ms
        return since_ms >= (fault.from_ms or 0) and (fault.until_ms is None or since_ms < fault.until_ms)

    def _met(self, active: Active, call: LogicalCall, now_ms: int) -> bool:
        """Count the call for a fault that matches it, and decide."""
        fault = active.fault
        number = call.numbers.get(fault.id)
        if number is None:
            number = call.numbers[fault.id] = active.counts.get(call.user_id, 0) + 1
            active.counts[call.user_id] = number
        fired = call.fired.get(fault.id, 0)
        most = fault.attempts_max
        if not fault.meets(number) or (most is not None and fired >= most):
            return False
        if fault.times is not None and active.fired >= fault.times:
            return False
        if fault.share is not None:
            label = f"{fault.id}:{call.user_id}:{number}:{call.attempt}"
            if self._chance.below(_FINE, label) >= fault.share * _FINE:
                return False
        active.fired += 1
        call.fired[fault.id] = fired + 1
        self._note(Decision(now_ms, fault.id, fault.kind, call.operation, call.user_id, number, call.attempt))
        return True
