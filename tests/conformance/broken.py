"""The emulator with a mistake in it, as whom the contract suite judges: a switch for tests alone."""

from __future__ import annotations

from contextlib import ExitStack
from threading import Lock
from typing import TYPE_CHECKING

from mockleo.proving import TheEmulator
from tests.conformance.bugs import BUGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockleo.conformance.door import Answer, Door, Request


class Broken(TheEmulator, frozen=True, kw_only=True):
    """Opens doors to emulators that have the mistake `bug`, in whatever process opens them.

    It holds for the whole process while a door stands open: nothing else should run there.
    """

    bug: str
    name: str = "an emulator with a planted mistake"

    def fresh(self, *, seed: int, settings: Mapping[str, object]) -> Door:
        _FORCE.enter(self.bug)
        try:
            return _Ajar(super().fresh(seed=seed, settings=settings), self.bug)
        except BaseException:
            _FORCE.leave(self.bug)
            raise


class _Force:
    """Which mistakes are planted in this process, and for how many doors."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._planted: dict[str, tuple[int, ExitStack]] = {}

    def enter(self, bug: str) -> None:
        with self._lock:
            doors, stack = self._planted.get(bug) or (0, ExitStack())
            if doors == 0:
                stack.enter_context(BUGS[bug].plant())
            self._planted[bug] = doors + 1, stack

    def leave(self, bug: str) -> None:
        with self._lock:
            doors, stack = self._planted.pop(bug)
            if doors > 1:
                self._planted[bug] = doors - 1, stack
            else:
                stack.close()


_FORCE = _Force()


class _Ajar:
    """A door, and the mistake that lasts as long as it."""

    def __init__(self, door: Door, bug: str) -> None:
        self._door = door
        self._bug = bug
        self._open = True
        self.base_url = door.base_url
        self.api_key = door.api_key
        self.abilities = door.abilities

    def send(self, request: Request) -> Answer:
        return self._door.send(request)

    def wait(self, ms: int) -> None:
        self._door.wait(ms)

    def close(self) -> None:
        self._door.close()
        if self._open:
            self._open = False
            _FORCE.leave(self._bug)
