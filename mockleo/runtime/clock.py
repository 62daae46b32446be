"""The one door through which time comes in.

Every other module is handed its time; a test sees to it that nobody else asks the system.
"""

import time
from typing import Protocol

# A clock that is moved by hand begins here, so that a run can be repeated: 2026-01-01T00:00:00Z.
MANUAL_START_MS = 1_767_225_600_000


class Clock(Protocol):
    """Epoch milliseconds that never go backwards."""

    def now_ms(self) -> int: ...

    def wait_s(self, due_ms: int) -> float | None:
        """Seconds of real time until `due_ms`; None when waiting does not bring it nearer."""


class SystemClock:
    """The system's time, or a multiple of its pace from the start on.

    The start is the wall clock's, the pace the monotonic clock's: setting the wall clock does
    not move it.
    """

    def __init__(self, *, pace: float = 1.0) -> None:
        assert pace > 0, "time does not stand still or run backwards"
        self._pace = pace
        self._start_ms = time.time_ns() // 1_000_000
        self._start_ns = time.monotonic_ns()

    def now_ms(self) -> int:
        return self._start_ms + int((time.monotonic_ns() - self._start_ns) * self._pace) // 1_000_000

    def wait_s(self, due_ms: int) -> float | None:
        return max(0, due_ms - self.now_ms()) / 1_000 / self._pace


class ManualClock:
    """Stands still until it is moved."""

    def __init__(self, *, start_ms: int = MANUAL_START_MS) -> None:
        self._now_ms = start_ms

    def now_ms(self) -> int:
        return self._now_ms

    def wait_s(self, due_ms: int) -> float | None:
        return None

    def advance(self, by_ms: int) -> None:
        """Move on by `by_ms` milliseconds."""
        if by_ms < 0:
            raise ValueError(f"time does not go backwards: {by_ms} ms")
        self._now_ms += by_ms
