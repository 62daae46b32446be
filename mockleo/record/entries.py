"""What happened: exchanges with clients, what became of their jobs, what was sent to receivers,
and which faults were decided on.

Bounded: of each kind the oldest entries go first, and how many exchanges went is counted.
Exchanges are kept as they came, but for the authorization: whoever tells them takes the secrets out
(`redact`). Deliveries are clean when they come here, since one payload tells the key itself.

`lines` writes a run as JSON Lines, and reads it again.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

EXCHANGES_MOST = 10_000
TRANSITIONS_MOST = 30_000
DELIVERIES_MOST = 10_000
DECISIONS_MOST = 30_000

# What is kept of a body, in bytes; how long it was is kept as well.
BODY_BYTES_MOST = 4_096
# What is kept beyond that, in bytes, until the secrets have been taken out: of one that lies across
# the cut, the first part would not be found. A longer one, or its longer form in a URL, is not found
# there. Source: keys that are made have at most 1,000 letters.
CUT_MARGIN_BYTES = 1_024


class Exchange(msgspec.Struct, gc=False):
    """One request and its answer.

    `n` counts them from 1. Times are epoch milliseconds of the service's clock: when the request
    was there, and when its answer was sent. `operation`, `user_id` and `key_id` are empty where
    nobody got so far. `headers` are without the authorization, of which `scheme` tells how it
    began. Of `body` and `answer` the beginning is kept, up to `BODY_BYTES_MOST` and the margin that
    goes once it is told. `status` is 0 where no answer was sent. `why` names the rule or the fault,
    `faults` the ids of all faults that were applied, `booked` those of the jobs. `outcome` is
    "answered", "cut" (by us) or "gone" (the client was). `retry_after` is what the answer said of
    when to come again, in the words of its header; empty where it said nothing.
    """

    n: int
    at_ms: int
    answered_ms: int
    method: str
    path: str
    query: str
    operation: str
    user_id: str
    key_id: str
    scheme: str
    headers: Mapping[bytes, bytes]
    body: bytes
    body_bytes: int
    status: int
    why: str
    answer: bytes
    answer_bytes: int
    client: tuple[str, int] | None
    booked: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    outcome: str = "answered"
    retry_after: str = ""

    def __repr__(self) -> str:
        # A key may stand in what was sent before anybody knew it for one.
        return f"Exchange({self.n})"


class Happened(Protocol):
    """A job that was booked, or that has changed its state."""

    @property
    def at_ms(self) -> int: ...
    @property
    def user_id(self) -> str: ...
    @property
    def job_id(self) -> str: ...
    @property
    def kind(self) -> str: ...


class Attempt(msgspec.Struct, kw_only=True, gc=False):
    """One try to deliver a webhook. `status` is None where no answer came, `error` says why.

    `address` is what was connected to; `answer` the beginning of what came back.
    """

    at_ms: int
    ended_ms: int
    address: str = ""
    status: int | None = None
    error: str = ""
    answer: bytes = b""

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status <= 299


class Delivery(msgspec.Struct, kw_only=True):
    """One webhook that was to be sent, and every attempt at it.

    `state` is "pending", "delivered", "failed" or "lost" (by a fault). `body` is what was or will
    be sent, byte for byte; empty until the first attempt. `faults` are the ids of those applied,
    `copy_of` the delivery that this one repeats, if it does.
    """

    n: int
    at_ms: int
    user_id: str
    key_id: str
    job_id: str
    type: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    state: str = "pending"
    attempts: list[Attempt] = []
    faults: tuple[str, ...] = ()
    copy_of: int | None = None

    def __repr__(self) -> str:
        return f"Delivery({self.n})"


class Decision(msgspec.Struct, frozen=True, gc=False, tag_field="kind", tag="decision"):
    """A fault that was decided on: for the `call`-th logical call of an account that it matches,
    at its `attempt`-th attempt, both from 1.
    """

    at_ms: int
    fault: str
    kind: str = msgspec.field(name="fault_kind")
    operation: str
    user_id: str
    call: int
    attempt: int


class Record:
    """The last entries of each kind, oldest first. `changed` is called after each new one."""

    def __init__(
        self, *, exchanges_most: int = EXCHANGES_MOST, transitions_most: int = TRANSITIONS_MOST
    ) -> None:
        self.exchanges: deque[Exchange] = deque(maxlen=exchanges_most)
        self.transitions: deque[Happened] = deque(maxlen=transitions_most)
        self.deliveries: deque[Delivery] = deque(maxlen=DELIVERIES_MOST)
        self.decisions: deque[Decision] = deque(maxlen=DECISIONS_MOST)
        # Whoever waits for something to be recorded; nearly always nobody.
        self.waiting: list[Callable[[], None]] = []
        self.closed = False
        self.seen = 0

    @property
    def dropped(self) -> int:
        """How many exchanges have been forgotten."""
        return self.seen - len(self.exchanges)

    def exchange(self, exchange: Exchange) -> None:
        self.seen += 1
        self.exchanges.append(exchange)
        if self.waiting:
            self.changed()

    def moved(self, happened: Iterable[Happened]) -> None:
        self.transitions.extend(happened)
        if self.waiting:
            self.changed()

    def delivery(self, delivery: Delivery) -> None:
        self.deliveries.append(delivery)
        if self.waiting:
            self.changed()

    def decided(self, decision: Decision) -> None:
        self.decisions.append(decision)

    def changed(self) -> None:
        """Let everybody look again who waits for something."""
        for look in list(self.waiting):
            look()

    def close(self) -> None:
        """Tell everybody who waits that there is nothing to wait for any more."""
        self.closed = True
        self.changed()

    def clear_exchanges(self) -> None:
        """Forget the exchanges alone, and begin to count them anew."""
        self.seen = 0
        self.exchanges.clear()

    def clear(self) -> None:
        self.seen = 0
        self.exchanges.clear()
        self.transitions.clear()
        self.deliveries.clear()
        self.decisions.clear()
