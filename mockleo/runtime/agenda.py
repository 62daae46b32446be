"""What is to happen at some instant of the service's time, besides what the world knows of.

Answers that are held back, webhooks that are sent again: whatever waits, waits here, so that it
hangs on the one clock, however that is moved.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


# So many cancelled entries may lie in the heap, whatever else does.
CANCELLED_MOST = 64


class Entry:
    """One thing to be done at `at_ms`; `do` is None once it is done or cancelled."""

    __slots__ = ("at_ms", "do")

    def __init__(self, at_ms: int, do: Callable[[], None]) -> None:
        self.at_ms = at_ms
        self.do: Callable[[], None] | None = do


class Agenda:
    """Things to be done, soonest first; of those due at one instant, the first entered first.

    `changed` is called when something new may be the next.
    """

    def __init__(self, *, changed: Callable[[], None] = lambda: None) -> None:
        self._heap: list[tuple[int, int, Entry]] = []
        self._entered = 0
        # Entries of the heap that are cancelled.
        self._cancelled = 0
        self._changed = changed

    def at(self, at_ms: int, do: Callable[[], None]) -> Entry:
        """Do it at `at_ms`, or at the next look where that is past."""
        entry = Entry(at_ms, do)
        self._entered += 1
        heappush(self._heap, (at_ms, self._entered, entry))
        self._changed()
        return entry

    def cancel(self, entry: Entry) -> None:
        """Do not do it; nothing happens where it is done already."""
        if entry.do is None:
            return
        # What it would have needed is let go of at once: that may be a whole answer.
        entry.do = None
        self._cancelled += 1
        if self._cancelled > max(CANCELLED_MOST, len(self._heap) // 2):
            self._heap = [each for each in self._heap if each[2].do is not None]
            heapify(self._heap)
            self._cancelled = 0

    def due_ms(self) -> int | None:
        """When something is due next; None while nothing is to be done."""
        while self._heap and self._heap[0][2].do is None:
            heappop(self._heap)
            self._cancelled -= 1
        return self._heap[0][0] if self._heap else None

    def run(self, now_ms: int) -> None:
        """Do what is due by `now_ms`."""
        while (due_ms := self.due_ms()) is not None and due_ms <= now_ms:
            entry = heappop(self._heap)[2]
            do, entry.do = entry.do, None
            assert do is not None, "what is cancelled is not due"
            do()
