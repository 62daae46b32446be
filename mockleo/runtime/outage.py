"""A while during which nobody listens: who calls is refused by the system, as if we were not there.

Also the operator's API cannot be reached then. So only a clock that passes by itself has outages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from mockleo.runtime.clock import Mode

if TYPE_CHECKING:
    from mockleo.runtime.activity import Activity
    from mockleo.runtime.agenda import Agenda, Entry
    from mockleo.runtime.clock import Clock


class Door(Protocol):
    """What an outage does to a server. One that cannot stop just now says False."""

    def stop_listening(self) -> bool: ...

    def listen_again(self) -> None: ...


class Outage:
    """At most one at a time; a second one that begins meanwhile can only make it longer.

    `door` is the server's, once there is one; without it nothing can be refused, and nothing is.
    """

    def __init__(self, *, clock: Clock, agenda: Agenda, activity: Activity) -> None:
        self.door: Door | None = None
        self._clock = clock
        self._agenda = agenda
        self._activity = activity
        self._end: Entry | None = None
        self._counts = False

    @property
    def is_down(self) -> bool:
        return self._end is not None

    def begin(self, for_ms: int) -> bool:
        """Be down for `for_ms` of the service's time from now on; False where that cannot be."""
        if self.door is None or self._clock.mode is Mode.MANUAL:
            return False
        until_ms = self._clock.now_ms() + for_ms
        if self._end is None:
            if not self.door.stop_listening():
                return False
            # A clock that jumps would jump over it before anybody could call.
            self._counts = self._clock.mode is Mode.AUTO
            if self._counts:
                self._activity.begin()
        elif until_ms > self._end.at_ms:
            self._agenda.cancel(self._end)
        else:
            return True
        self._end = self._agenda.at(until_ms, self.end)
        return True

    def end(self) -> None:
        """Listen again, be it time or not: also for a clock that stands still from now on, or a
        world that begins again.
        """
        if self._end is None:
            return
        self._agenda.cancel(self._end)
        self._end = None
        if self.door is not None:
            self.door.listen_again()
        if self._counts:
            self._counts = False
            self._activity.end()
