"""A door to an address nearby: a running emulator, or whatever else claims to keep the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import msgspec

from mockleo.conformance.door import BadTarget, MayNot
from mockleo.conformance.doors.gate import Gate, Nearby, ask_the_system, base_of
from mockleo.conformance.doors.line import Line
from mockleo.conformance.doors.watch import RealTime

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockleo.conformance.door import Answer, Door, Request
    from mockleo.conformance.doors.gate import Resolve
    from mockleo.conformance.doors.watch import Watch

# Of the form that the service's keys have: an emulator with open keys makes an account of it.
_ANY_KEY = "6d6f636b-6c65-4f00-8000-000000000001"


class Url:
    """Calls whoever listens at `base_url`, which is nearby, and nobody else.

    Time is real there: `wait` takes as long as it says.
    """

    abilities = frozenset({"spend", "delete"})

    def __init__(self, *, base_url: str, api_key: str, gate: Gate, line: Line, watch: Watch) -> None:
        self.base_url = base_url
        self.api_key = api_key
        self._gate = gate
        self._line = line
        self._watch = watch
        self._closed = False

    def send(self, request: Request) -> Answer:
        if self._closed:
            raise MayNot("the door is closed")
        return self._line.send(request, self._gate.way(request.url))

    def wait(self, ms: int) -> None:
        self._watch.sleep_s(ms / 1000)

    def close(self) -> None:
        self._closed = True
        self._line.close()


class ByUrl(msgspec.Struct, frozen=True, kw_only=True):
    """Opens doors to `url`: http://127.0.0.1:5360, or with a path that ends with /api/rest/v1.

    `api_key` is a key that works there. Whoever answers is one, with one account: so its doors
    share it, and the work is not to be spread over processes.
    """

    url: str
    api_key: str = _ANY_KEY
    divisible: bool = False

    def __repr__(self) -> str:
        return f"ByUrl(url={self.url!r})"

    @property
    def name(self) -> str:
        return self.url

    def open(self, *, seed: int) -> Door:
        """A door to it. Raises `BadTarget` where the address may not be called."""
        return self.through(ask_the_system)

    def fresh(self, *, seed: int, settings: Mapping[str, object]) -> NoReturn:
        raise MayNot("an account of its own can be had in process alone")

    def through(self, resolve: Resolve) -> Url:
        """A door to it; names are looked up by `resolve`. Raises `BadTarget`."""
        base_url, gate, watch = base_of(self.url), Gate(Nearby(), resolve=resolve), RealTime()
        try:
            gate.way(base_url)
        except MayNot as error:
            raise BadTarget(str(error)) from None
        return Url(base_url=base_url, api_key=self.api_key, gate=gate, line=Line(watch), watch=watch)
