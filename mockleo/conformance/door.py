"""The one way out: every call that the suite makes, by whichever part, goes through a `Door`.

So whether a packet may leave, how fast, and what it may cost is decided in one place, and a part
does not know whom it judges.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One call. `url` is absolute; `operation` the operationId, empty for what is none (an upload
    to storage, an asset). Headers are as they are to be sent, the key among them.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    operation: str = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came back. Names of headers are in small letters."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    elapsed_ms: float = 0.0

    def header(self, name: str) -> str | None:
        """The first header of that name."""
        return next((value for known, value in self.headers if known == name), None)


class NoAnswer(ConnectionError):
    """The call was sent, perhaps, and nothing came back: what it has done is not known."""


class MayNot(Exception):
    """The call was not sent, because nobody has allowed it. The message says what is missing."""


class OutOfBudget(MayNot):
    """What is left of the budget does not cover the worst that the call could cost: stop here."""


class BadTarget(Exception):
    """Whoever is to be judged cannot be: the address, a key or the budget is missing or wrong.

    A mistake of the user's, told before anything is sent.
    """


class Door(Protocol):
    """Whoever is behind it. Safe to be used by several threads at once."""

    # What an SDK takes as its server: ends with /api/rest/v1.
    base_url: str
    # A key that works, and what to send it as: `Bearer ...` in the header `authorization`.
    api_key: str
    # What can be had here, of `ABILITIES`.
    abilities: frozenset[str]

    def send(self, request: Request) -> Answer:
        """Make the call. Raises `NoAnswer`, `MayNot`, `OutOfBudget`."""

    def wait(self, ms: int) -> None:
        """Let `ms` milliseconds of the service's time pass."""

    def close(self) -> None:
        """Be done: nothing is sent any more."""


# spend          calls that cost credits may be made
# delete         things may be deleted that others (the user) might want: never on the real service
# fast-forward   `wait` costs no real time
# fresh-account  `Opener.fresh` gives an account with few credits and small limits
ABILITIES = frozenset({"spend", "delete", "fast-forward", "fresh-account"})


class Opener(Protocol):
    """Makes doors: one for each process that takes part, so it can be pickled."""

    @property
    def name(self) -> str:
        """How the report calls it: "the emulator, in process", "http://127.0.0.1:5360"."""

    @property
    def divisible(self) -> bool:
        """Whether several processes may each have a door of their own (and an emulator behind it)."""

    def open(self, *, seed: int) -> Door:
        """A door to it."""

    def fresh(self, *, seed: int, settings: Mapping[str, object]) -> Door:
        """A door to an account of its own, with `settings` of the emulator's (`credits`, `plan`,
        `rules`): only where the door has the ability "fresh-account".
        """
