"""What happened: exchanges with clients, and what became of their jobs.

Bounded: the oldest entries go first, and how many went is counted. Keys and bodies are not kept.
"""

from collections import deque
from collections.abc import Iterable
from typing import Protocol

import msgspec

EXCHANGES_MOST = 10_000
TRANSITIONS_MOST = 100_000


class Exchange(msgspec.Struct, frozen=True, gc=False):
    """One request and its answer. `user_id` and `operation` are empty where nobody got so far."""

    at_ms: int
    method: str
    path: str
    operation: str
    user_id: str
    status: int
    why: str


class Transition(Protocol):
    """A job that has changed its state."""

    @property
    def at_ms(self) -> int: ...
    @property
    def user_id(self) -> str: ...
    @property
    def job_id(self) -> str: ...
    @property
    def kind(self) -> str: ...


class Record:
    """The last exchanges and transitions, oldest first."""

    def __init__(
        self, *, exchanges_most: int = EXCHANGES_MOST, transitions_most: int = TRANSITIONS_MOST
    ) -> None:
        self.exchanges: deque[Exchange] = deque(maxlen=exchanges_most)
        self.transitions: deque[Transition] = deque(maxlen=transitions_most)
        self._seen = 0

    @property
    def dropped(self) -> int:
        """How many exchanges have been forgotten."""
        return self._seen - len(self.exchanges)

    def exchange(self, exchange: Exchange) -> None:
        self._seen += 1
        self.exchanges.append(exchange)

    def moved(self, transitions: Iterable[Transition]) -> None:
        self.transitions.extend(transitions)

    def clear(self) -> None:
        self._seen = 0
        self.exchanges.clear()
        self.transitions.clear()
