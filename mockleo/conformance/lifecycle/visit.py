"""What a walk has: a client, what it knows, and the checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from mockleo.conformance.lifecycle.checks import CHECKS
from mockleo.conformance.lifecycle.client import PART, Client, Reply, Step
from mockleo.conformance.lifecycle.known import Known
from mockleo.conformance.tally import Doubt, Omission

if TYPE_CHECKING:
    from collections.abc import Collection

    from mockleo.conformance.door import Answer, MayNot, Request
    from mockleo.conformance.tally import Tally

# What is said of a check and where it was made: what is found twice alike is told once.
Place = tuple[str, str]


class Broken(AssertionError):
    """A check has found something, at `place`."""

    def __init__(self, message: str, *, place: Place) -> None:
        super().__init__(message)
        self.place = place


class GivenUp(Exception):
    """An act that cannot be finished: the answer cannot be read, or the next call may not be made.
    Why has been noted.
    """


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """What a check has found, and the calls until then."""

    check: str
    operation: str
    message: str
    steps: tuple[Step, ...]
    request: Request | None
    answer: Answer | None
    api_key: str


class Findings:
    """What has been found by all walks: the shortest way to it, by place.

    `passed_over` are places that are known and stop no walk any more.
    """

    def __init__(self, passed_over: Collection[Place] = ()) -> None:
        self.failures: dict[Place, Failure] = {}
        self.passed_over = set(passed_over)

    def note(self, failure: Failure) -> None:
        place = failure.check, failure.operation
        known = self.failures.get(place)
        if known is None or len(failure.steps) < len(known.steps):
            self.failures[place] = failure


class Visit:
    """One walk. `stops` where a check that fails ends it, `alone` where the account is its own,
    `fast` where waiting costs nothing; `stranger` is another account's key, empty for none.
    """

    def __init__(
        self,
        client: Client,
        tally: Tally,
        findings: Findings,
        *,
        stops: bool = True,
        alone: bool = True,
        fast: bool = True,
        stranger: str = "",
    ) -> None:
        self.client = client
        self.known = Known()
        self.stops = stops
        self.alone = alone
        self.fast = fast
        self.stranger = stranger
        self.counter = 0
        self._tally = tally
        self._findings = findings
        client.forbidden = self._forbidden

    def number(self) -> int:
        """Counts up: what makes names and prompts of one walk differ."""
        self.counter += 1
        return self.counter

    def hold(
        self, check: str, good: object, message: str, *, operation: str = "", reply: Reply | None = None
    ) -> bool:
        """Make a check: note it where it is not `good`, and end the walk where that is wanted.

        `reply` is the answer that shows it, the last one where none is given.
        """
        operation = operation or (reply.operation if reply is not None else "")
        assert check in CHECKS, check
        self._tally.checked(PART, check, operation)
        if good:
            return True
        place = check, operation
        if place not in self._findings.passed_over:
            last = next((step for step in reversed(self.client.steps) if step.request is not None), Step())
            self._findings.note(
                Failure(
                    check=check,
                    operation=operation,
                    message=message,
                    steps=tuple(self.client.steps),
                    request=reply.request if reply is not None else last.request,
                    answer=reply.answer if reply is not None else last.answer,
                    api_key=self.client.api_key,
                )
            )
            if self.stops:
                raise Broken(message, place=place)
        return False

    def _forbidden(self, operation: str, why: MayNot) -> None:
        """Leave the act. That nobody may make the call is no failure, and no success either."""
        what = f"calls of {operation}, some or all" if operation else "some calls"
        self._tally.omit(Omission(part=PART, what=what, why=str(why)))
        raise GivenUp(operation) from why

    def doubt(self, check: str, why: str) -> None:
        self._tally.doubt(Doubt(part=PART, check=check, why=why))

    def need(self, reply: Reply, value: Any, kind: type | tuple[type, ...], what: str) -> Any:
        """`value`, if it is of `kind`: without it nothing more can be said."""
        self.shape(reply, isinstance(value, kind), what)
        return value

    def shape(self, reply: Reply, good: bool, what: str) -> None:
        if not self.hold("answer-has-its-shape", good, f"{what}: {reply.beginning}", reply=reply):
            raise GivenUp(what)
