"""The one door through which time comes in.

Every other module is handed its time; a test sees to it that nobody else asks the system.
"""

import time
from enum import Enum

# A clock that is moved by hand begins here, so that a run can be repeated: 2026-01-01T00:00:00Z.
MANUAL_START_MS = 1_767_225_600_000
# 3000-01-01: ids and dates carry the time, and have room for about that much of it.
LATEST_MS = 32_503_680_000_000
# Ten years: no wait of ours is longer, nor does a clock move further at once.
SPAN_MS_MOST = 3_653 * 24 * 3_600 * 1_000
# How many seconds pass in a real one; slower than that, time might as well be frozen.
PACE_LEAST = 0.001
PACE_MOST = 1_000_000


class Mode(Enum):
    """How time passes: by itself, moved by hand, or by itself and over every wait."""

    REAL = "real"
    MANUAL = "manual"
    AUTO = "auto"


class Clock:
    """Epoch milliseconds that never go backwards.

    The start is the wall clock's, the pace a multiple of the monotonic clock's: setting the wall
    clock does not move it. In mode AUTO somebody calls `jump` when nothing is going on.
    """

    def __init__(self, mode: Mode = Mode.REAL, *, pace: float = 1.0, start_ms: int | None = None) -> None:
        if start_ms is None:
            start_ms = MANUAL_START_MS if mode is Mode.MANUAL else time.time_ns() // 1_000_000
        self._begin(start_ms, mode, pace)

    def now_ms(self) -> int:
        if self._pace == 0:
            return self._start_ms
        return self._start_ms + int((time.monotonic_ns() - self._start_ns) * self._pace) // 1_000_000

    def wait_s(self, due_ms: int) -> float | None:
        """Seconds of real time until `due_ms`; None when waiting does not bring it nearer."""
        if self._pace == 0:
            return None
        return max(0, due_ms - self.now_ms()) / 1_000 / self._pace

    def jump(self, to_ms: int) -> None:
        """Be at `to_ms` from now on; where that is past already, nothing happens."""
        if to_ms > self.now_ms():
            self._begin(to_ms, self.mode, self.pace)

    def switch(self, mode: Mode, *, pace: float = 1.0) -> None:
        """Let time pass in another way from now on; no time is lost or won by that."""
        self._begin(self.now_ms(), mode, pace)

    def restart(self, at_ms: int) -> None:
        """Begin again at `at_ms`, be it earlier: for a world that begins again as well."""
        self._begin(at_ms, self.mode, self.pace)

    def _begin(self, start_ms: int, mode: Mode, pace: float) -> None:
        assert pace > 0, "time does not stand still or run backwards"
        self.mode = mode
        self.pace = pace
        self._pace = 0.0 if mode is Mode.MANUAL else pace
        self._start_ms = start_ms
        self._start_ns = time.monotonic_ns()
