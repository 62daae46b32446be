"""The journal: what clients have asked, and what they were answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from mockleo.control.listing import Order, awaited, chosen, number_in, numbered
from mockleo.control.operation import Limit, Nothing, Operation
from mockleo.control.refusals import missing
from mockleo.control.waiting import PATIENCE_MS, Count, Patience
from mockleo.record.lines import told
from mockleo.record.shapes import ExchangeLine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.control.operation import Ask
    from mockleo.record import Exchange, Record

Number = Annotated[int, msgspec.Meta(ge=0)]
# One status, or a class of them: 5xx. 0 is for no answer at all.
Status = Annotated[str, msgspec.Meta(pattern="^([1-5][0-9]{2}|[1-5]xx|0)$")]


class Filter(msgspec.Struct, forbid_unknown_fields=True):
    """Which exchanges. All that is said must hold.

    operation       an operationId, or what calls beside the API go by, such as s3.post
    path            what the path begins with
    status          one, or a class such as 5xx; 0 where no answer was sent
    account, key    ids
    fault           the id of one that was met
    since           only those after number `since`
    """

    operation: str | None = None
    method: str | None = None
    path: str | None = None
    status: Status | None = None
    account: str | None = None
    key: str | None = None
    fault: str | None = None
    since: Number = 0

    def matches(self, exchange: Exchange) -> bool:
        """Whether it is one of them."""
        wanted = (
            (self.operation, exchange.operation),
            (self.method, exchange.method),
            (self.account, exchange.user_id),
            (self.key, exchange.key_id),
        )
        if any(want is not None and want != has for want, has in wanted):
            return False
        if self.path is not None and not exchange.path.startswith(self.path):
            return False
        if self.fault is not None and self.fault not in exchange.faults:
            return False
        if self.status is None:
            return True
        return str(exchange.status) == self.status or f"{exchange.status // 100}xx" == self.status

    def among(self, record: Record) -> Iterator[Exchange]:
        """Those of them that are kept, newest first."""
        for exchange in reversed(record.exchanges):
            if exchange.n <= self.since:
                return
            if self.matches(exchange):
                yield exchange


class Listing(Filter):
    """Which exchanges, how many, and in which order."""

    limit: Limit = 100
    order: Order = "newest"


class Wait(Filter):
    """How many exchanges, and how long to wait for them, in real milliseconds."""

    count: Count = 1
    timeout_ms: Patience = PATIENCE_MS


class Requests(msgspec.Struct):
    """Exchanges, and how many the journal has let go."""

    requests: list[ExchangeLine]
    dropped: int


class Counted(msgspec.Struct):
    """How many there are, and how many the journal has let go."""

    count: int
    dropped: int


def show_all(ask: Ask[Listing]) -> Requests:
    return _told(ask, chosen(ask.given.among(ask.app.record), ask.given))


def show(ask: Ask[Nothing]) -> ExchangeLine:
    n, record = number_in(ask), ask.app.record
    found = numbered(record.exchanges, n)
    if found is None:
        was = "request of that number any more" if 0 < n <= record.seen else "request of that number yet"
        raise missing(was, field="n")
    return _told(ask, [found]).requests[0]


def count(ask: Ask[Filter]) -> Counted:
    record = ask.app.record
    return Counted(sum(1 for _ in ask.given.among(record)), record.dropped)


async def wait_for(ask: Ask[Wait]) -> Requests:
    given, record = ask.given, ask.app.record
    return _told(ask, await awaited(ask.app, given, lambda: given.among(record), what="such requests"))


def clear(ask: Ask[Nothing]) -> Requests:
    ask.app.record.clear_exchanges()
    return Requests([], 0)


def _told(ask: Ask[Any], found: list[Exchange]) -> Requests:
    numbers: dict[tuple[str, int], int] = {}
    shown = []
    for exchange in found:
        # Cleaned here already, because its bodies are cut when they are told.
        line = told(ask.app.redactor.copy(exchange), numbers)
        assert isinstance(line, ExchangeLine), "an exchange has a line of its own"
        shown.append(line)
    return Requests(shown, ask.app.record.dropped)


OPERATIONS = (
    Operation(
        method="GET",
        path="/requests",
        summary="What clients have asked, and what they were answered",
        handle=show_all,
        takes=Listing,
        answer=Requests,
    ),
    Operation(
        method="GET",
        path="/requests/count",
        summary="How many requests there were",
        handle=count,
        takes=Filter,
        answer=Counted,
    ),
    Operation(
        method="POST",
        path="/requests/wait_for",
        summary="Wait until there were so many requests; 408 if there are not",
        handle=wait_for,
        takes=Wait,
        answer=Requests,
        waits=True,
    ),
    Operation(method="GET", path="/requests/{n}", summary="One request", handle=show, answer=ExchangeLine),
    Operation(
        method="DELETE",
        path="/requests",
        summary="Forget the requests, and count them anew",
        handle=clear,
        answer=Requests,
    ),
)
