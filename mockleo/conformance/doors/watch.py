"""Real time, for whoever judges what is outside: patience, pace and how long an answer took."""

from __future__ import annotations

import time
from typing import Protocol


class Watch(Protocol):
    """Seconds that pass, and a way to let them."""

    def now_s(self) -> float:
        """Seconds since some instant, never fewer than before."""

    def sleep_s(self, seconds: float) -> None:
        """Let so many seconds pass."""


class RealTime:
    """The clock on the wall."""

    def now_s(self) -> float:
        return time.monotonic()

    def sleep_s(self, seconds: float) -> None:
        time.sleep(max(0.0, seconds))
