"""A run as JSON Lines: one entry a line, written and read again.

    {"kind":"run", ...}         first: which emulator, its settings, what its accounts began with
    {"kind":"exchange", ...}    a request and its answer
    {"kind":"booked", ...}      a job that was accepted and charged
    {"kind":"moved", ...}       a job that has changed its state
    {"kind":"ledger", ...}      credits that came or went
    {"kind":"delivery", ...}    a webhook and every attempt at it
    {"kind":"decision", ...}    a fault that was decided on

Times are epoch milliseconds of the service's clock. The same run gives the same bytes: nothing of
the wall's clock is in it, and no port of a client's.
"""

from __future__ import annotations

from collections import deque
from enum import Enum
from typing import TYPE_CHECKING, Any

import msgspec

from mockleo.record.entries import BODY_BYTES_MOST, Attempt, Decision, Delivery, Exchange, Record
from mockleo.record.shapes import (
    FORMAT,
    AttemptLine,
    Binary,
    Booked,
    Booking,
    DeliveryLine,
    ExchangeLine,
    Head,
    Line,
    Moved,
    Told,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class BadRecord(ValueError):
    """Lines that are no record; the message names the line."""


class Run(msgspec.Struct):
    """All that is known of a run: who ran, what happened, and what it cost whom."""

    head: Head
    record: Record
    ledger: list[Booking]


def lines(run: Run, *, copy: Callable[[Any], Any] = lambda entry: entry) -> Iterator[bytes]:
    """The run as JSON Lines, in the order in which things happened.

    At one instant: what was decided, what was asked, what became of jobs, of credits, of webhooks;
    each of these in the order in which it was recorded. `copy` takes the secrets out of an entry.
    """
    encode = msgspec.json.Encoder().encode
    numbers: dict[tuple[str, int], int] = {}
    record = run.record
    # What is still changing is told as it is now.
    deliveries = [msgspec.structs.replace(each, attempts=list(each.attempts)) for each in record.deliveries]
    entries: list[Any] = [
        *record.decisions, *record.exchanges, *record.transitions, *run.ledger, *deliveries,
    ]  # fmt: skip
    entries.sort(key=lambda entry: entry.at_ms)
    for entry in (run.head, *entries):
        yield encode(told(copy(entry), numbers)) + b"\n"


def told(entry: Any, numbers: dict[tuple[str, int], int]) -> Line:
    """An entry without secrets as its line has it; `numbers` are those of the connections so far."""
    if isinstance(entry, Exchange):
        connection = None
        if entry.client is not None:
            client = (entry.client[0], entry.client[1])
            connection = numbers.setdefault(client, len(numbers) + 1)
        return _exchange_line(entry, connection)
    if isinstance(entry, Delivery):
        return delivery_line(entry)
    if isinstance(entry, Head | Booked | Moved | Booking | Decision):
        return entry
    if hasattr(entry, "state"):
        state = entry.state.value if isinstance(entry.state, Enum) else entry.state
        return Moved(entry.at_ms, entry.user_id, entry.job_id, entry.kind, state)
    return Booked(entry.at_ms, entry.user_id, entry.job_id, entry.kind, entry.lane, entry.cost, entry.key_id)


def read(told_lines: Iterable[bytes | str], *, first: int = 1) -> Run:
    """The run that these lines tell; raises `BadRecord`. `first` is the number of the first of them."""
    run: Run | None = None
    decode = msgspec.json.Decoder(Line).decode
    for number, line in enumerate(told_lines, first):
        try:
            entry = decode(line)
        except (msgspec.DecodeError, UnicodeError) as error:
            raise BadRecord(f"line {number}: {error}") from None
        if isinstance(entry, Head) != (run is None):
            raise BadRecord(f"line {number}: the head of a run comes first, and once")
        if isinstance(entry, Head):
            if entry.format != FORMAT:
                raise BadRecord(f"line {number}: format {entry.format} is not {FORMAT}")
            run = Run(head=entry, record=_without_end(), ledger=[])
        else:
            assert run is not None, "its head came first"
            _enter(run, entry)
    if run is None:
        raise BadRecord(f"line {first}: there is none")
    # They were told as they were asked, and are kept as they were answered.
    run.record.exchanges = deque(sorted(run.record.exchanges, key=lambda exchange: exchange.n))
    run.record.seen = len(run.record.exchanges) + run.head.dropped
    return run


def _without_end() -> Record:
    record = Record()
    record.exchanges, record.transitions = deque(), deque()
    record.deliveries, record.decisions = deque(), deque()
    return record


def _enter(run: Run, entry: Any) -> None:
    record = run.record
    if isinstance(entry, ExchangeLine):
        record.exchanges.append(_exchange(entry))
    elif isinstance(entry, DeliveryLine):
        record.deliveries.append(_delivery(entry))
    elif isinstance(entry, Decision):
        record.decisions.append(entry)
    elif isinstance(entry, Booking):
        run.ledger.append(entry)
    else:
        record.transitions.append(entry)


def _exchange_line(exchange: Exchange, connection: int | None) -> ExchangeLine:
    return ExchangeLine(
        connection=connection,
        path=_plain(exchange.path),
        query=_plain(exchange.query),
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in exchange.headers.items()},
        body=_told(exchange.body, whole_bytes=exchange.body_bytes),
        answer=_told(exchange.answer, whole_bytes=exchange.answer_bytes),
        **_same(exchange, _SAME_IN_EXCHANGE),
    )


def _exchange(line: ExchangeLine) -> Exchange:
    return Exchange(
        path=line.path,
        query=line.query,
        headers={name.encode("latin-1"): value.encode("latin-1") for name, value in line.headers.items()},
        body=_bytes(line.body),
        answer=_bytes(line.answer),
        client=None if line.connection is None else ("", line.connection),
        **_same(line, _SAME_IN_EXCHANGE),
    )


_OTHER_IN_EXCHANGE = {"path", "query", "headers", "body", "answer", "client"}
_SAME_IN_EXCHANGE = tuple(name for name in Exchange.__struct_fields__ if name not in _OTHER_IN_EXCHANGE)


def delivery_line(delivery: Delivery) -> DeliveryLine:
    """A delivery as it is told."""
    attempts = [
        AttemptLine(answer=_told(each.answer), **_same(each, _SAME_IN_ATTEMPT)) for each in delivery.attempts
    ]
    same = _same(delivery, _SAME_IN_DELIVERY)
    return DeliveryLine(body=_told(delivery.body), attempts=attempts, **same)


def _delivery(line: DeliveryLine) -> Delivery:
    attempts = [
        Attempt(answer=_bytes(each.answer), **_same(each, _SAME_IN_ATTEMPT)) for each in line.attempts
    ]
    return Delivery(body=_bytes(line.body), attempts=attempts, **_same(line, _SAME_IN_DELIVERY))


_SAME_IN_DELIVERY = tuple(name for name in Delivery.__struct_fields__ if name not in {"body", "attempts"})
_SAME_IN_ATTEMPT = tuple(name for name in Attempt.__struct_fields__ if name != "answer")


def _same(entry: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """The fields that an entry and its line have alike."""
    return {name: getattr(entry, name) for name in names}


def _told(raw: bytes, *, whole_bytes: int | None = None) -> Told:
    """Bytes as text, where they are; of a text that was cut, a last sign that is not whole goes.

    They are cut here, where nothing secret is in them any more.
    """
    was_cut = len(raw) >= BODY_BYTES_MOST if whole_bytes is None else whole_bytes > len(raw)
    if whole_bytes is not None and len(raw) > BODY_BYTES_MOST:
        raw, was_cut = raw[:BODY_BYTES_MOST], True
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        if was_cut and error.start > len(raw) - _SIGN_BYTES_MOST:
            return raw[: error.start].decode()
        return Binary(raw)


# What one sign takes in UTF-8.
_SIGN_BYTES_MOST = 4


def _bytes(told: Told) -> bytes:
    return told.encode() if isinstance(told, str) else told.base64


def _plain(text: str) -> str:
    """Text that can be written as UTF-8."""
    return text.encode("utf-8", "replace").decode()
