"""What happened when: lanes of marks, and the numbers that rise and fall, over the client's time.

A run of ten thousand calls has more marks than a page has points. So time is cut into `BINS`, and of
what is alike in one of them there is one mark, which says how many it stands for.

What happened after the client had ended stands at the end.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import msgspec

from mockleo.harness.evidence import ORDERS
from mockleo.harness.report.gathering import reason
from mockleo.harness.report.words import after, count, duration, some, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mockleo.harness.judged import Judged
    from mockleo.record import Delivery, Exchange
    from mockleo.record.shapes import Booking

BINS = 400
# Of more jobs than these, only how many there are is shown.
JOBS_MOST = 40
_NAMES_MOST = 3
_SIGNS_MOST = 160
_TOO_MANY, _REFUSED, _BROKEN = 429, 400, 500
_ENDED = {"COMPLETE", "FAILED"}


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """Something from `at_ms` to `to_ms`. `kind` is "good", "slow-down" (429), "refused", "broken"
    (5xx), "lost" (no answer, or none that came) or "fault".
    """

    at_ms: int
    to_ms: int
    kind: str
    title: str
    times: int = 1


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    marks: tuple[Mark, ...]


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One job: it waits from `booked_ms` to `started_ms`, and runs to `ended_ms`; None is not yet.
    `state` is the last one.
    """

    booked_ms: int
    started_ms: int | None
    ended_ms: int | None
    state: str
    title: str


class Under(msgspec.Struct, frozen=True, kw_only=True):
    """How many jobs wait and run from an instant on."""

    at_ms: int
    waiting: int
    running: int


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """What all accounts have together from an instant on."""

    at_ms: int
    credits: int


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """All of a run. Times are milliseconds since the client's start; `span_ms` is when it ended.
    Lanes without marks are left out; `bars` are empty where there are too many jobs.
    """

    span_ms: int
    calls: tuple[Lane, ...]
    bars: tuple[Bar, ...]
    under_way: tuple[Under, ...]
    in_flight_most: int | None
    beside: tuple[Lane, ...]
    balance: tuple[Balance, ...]


def of(judged: Judged) -> Timeline:
    """The timeline of a graded run."""
    run = judged.run
    began_ms = run.client.started_ms
    record = run.record.record
    span_ms = max(1, run.client.ended_ms - began_ms)
    exchanges = list(record.exchanges)
    calls: dict[str, list[Mark]] = {name: [] for name in _LANES}
    for exchange in exchanges:
        calls[_lane(exchange)].append(_call(exchange, began_ms))
    waits = [_told_to_wait(each, began_ms) for each in exchanges if each.status == _TOO_MANY]
    hooks = [mark for each in record.deliveries for mark in _webhook(each, began_ms)]
    faults = [
        _mark(each.at_ms, each.at_ms, "fault", f"{each.kind} on {each.operation or 'a call'}", began_ms)
        for each in record.decisions
    ]
    bars = _bars(list(record.transitions), began_ms)
    opening = sum(account.opening for account in run.record.head.accounts)
    return Timeline(
        span_ms=span_ms,
        calls=_lanes(calls, span_ms),
        bars=bars if len(bars) <= JOBS_MOST else (),
        under_way=_under_way(bars, span_ms),
        in_flight_most=run.scenario.client.in_flight_most,
        beside=_lanes({"Webhooks": hooks, "Faults": faults, "429: told to wait": waits}, span_ms),
        balance=_balance(run.record.ledger, opening, began_ms, span_ms),
    )


# --- calls ----------------------------------------------------------------------------------------

_LANES = ("Orders", "Looks (GET)", "Other calls", "Uploads", "Downloads")


def _lane(exchange: Exchange) -> str:
    if exchange.operation.startswith("s3."):
        return "Uploads"
    if exchange.operation.startswith("cdn."):
        return "Downloads"
    if exchange.operation in ORDERS:
        return "Orders"
    return "Looks (GET)" if exchange.method == "GET" else "Other calls"


def _kind(exchange: Exchange) -> str:
    if exchange.status == 0 or exchange.outcome != "answered":
        return "lost"
    if exchange.status == _TOO_MANY:
        return "slow-down"
    if exchange.status >= _BROKEN:
        return "broken"
    return "refused" if exchange.status >= _REFUSED else "good"


def _call(exchange: Exchange, began_ms: int) -> Mark:
    status = str(exchange.status) if exchange.status else "no answer"
    why = f" ({reason(exchange.why)})" if exchange.why else ""
    what = f"exchange {exchange.n}: {exchange.method} {exchange.path} -> {status}{why}"
    return _mark(exchange.at_ms, exchange.answered_ms, _kind(exchange), what, began_ms)


def _told_to_wait(exchange: Exchange, began_ms: int) -> Mark:
    """From the refusal on, as long as it said; only an instant where it did not say."""
    told = exchange.retry_after
    wait_ms = int(told) * 1000 if told.isdecimal() else 0
    words = f", come again in {told} s" if wait_ms else ", without a word on when to come again"
    what = f"exchange {exchange.n}: {exchange.method} {exchange.path} -> 429{words}"
    return _mark(exchange.answered_ms, exchange.answered_ms + wait_ms, "slow-down", what, began_ms)


def _webhook(delivery: Delivery, began_ms: int) -> Iterable[Mark]:
    what = f"webhook {delivery.n}: {delivery.type} of job {delivery.job_id}"
    if delivery.copy_of is not None:
        what += f", the same again as {delivery.copy_of}"
    if not delivery.attempts and delivery.state == "lost":
        yield _mark(delivery.at_ms, delivery.at_ms, "lost", f"{what}, never sent", began_ms)
    for attempt in delivery.attempts:
        kind = "good" if attempt.delivered else "lost" if attempt.status is None else "broken"
        came = attempt.error or "no answer" if attempt.status is None else str(attempt.status)
        yield _mark(attempt.at_ms, attempt.ended_ms, kind, f"{what} -> {came}", began_ms)


def _mark(at_ms: int, to_ms: int, kind: str, what: str, began_ms: int) -> Mark:
    what = visible(what)
    what = what if len(what) <= _SIGNS_MOST else f"{what[:_SIGNS_MOST]} ..."
    at_ms, to_ms = at_ms - began_ms, to_ms - began_ms
    took = f", {duration(to_ms - at_ms)}" if to_ms > at_ms else ""
    return Mark(at_ms=at_ms, to_ms=to_ms, kind=kind, title=f"{after(at_ms)}{took}  {what}")


def _lanes(marks: dict[str, list[Mark]], span_ms: int) -> tuple[Lane, ...]:
    return tuple(Lane(name=name, marks=_thinned(these, span_ms)) for name, these in marks.items() if these)


def bin_of(at_ms: int, span_ms: int) -> int:
    """The part of the run's time in which an instant lies; what is beyond the end lies in the last."""
    return min(BINS, max(0, at_ms * BINS // span_ms))


def _thinned(marks: Sequence[Mark], span_ms: int) -> tuple[Mark, ...]:
    """One mark for all that are alike within a bin."""
    alike: dict[tuple[int, str], list[Mark]] = defaultdict(list)
    for mark in marks:
        alike[bin_of(mark.at_ms, span_ms), mark.kind].append(mark)
    return tuple(_as_one(alike[key]) for key in sorted(alike))


def _as_one(marks: Sequence[Mark]) -> Mark:
    if len(marks) == 1:
        return marks[0]
    at_ms, to_ms = min(mark.at_ms for mark in marks), max(mark.at_ms for mark in marks)
    titles = [mark.title.partition("  ")[2] for mark in marks]
    # Exchanges are told by their numbers, faults by what they are.
    what = some(list(Counter(title.partition(":")[0] for title in titles)), _NAMES_MOST)
    return Mark(
        at_ms=at_ms,
        to_ms=to_ms,
        kind=marks[0].kind,
        title=f"{count(len(marks), 'time')}, {after(at_ms)} to {after(to_ms)}: {what}",
        times=len(marks),
    )


# --- jobs and credits -----------------------------------------------------------------------------


def _bars(transitions: Sequence[Any], began_ms: int) -> tuple[Bar, ...]:
    booked: dict[str, Any] = {}
    moves: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for entry in transitions:
        if hasattr(entry, "cost"):
            booked[entry.job_id] = entry
        else:
            moves[entry.job_id].append((entry.at_ms - began_ms, entry.state))
    return tuple(_bar(entry, moves[job_id], began_ms) for job_id, entry in booked.items())


def _bar(entry: Any, moves: Sequence[tuple[int, str]], began_ms: int) -> Bar:
    ended_ms = next((at_ms for at_ms, state in moves if state in _ENDED), None)
    # A job that failed while it waited has never run.
    started_ms = next((at_ms for at_ms, state in moves if state == "RUNNING"), ended_ms)
    booked_ms = entry.at_ms - began_ms
    told = [f"booked {after(booked_ms)}", *(f"{state} {after(at_ms)}" for at_ms, state in moves)]
    what = f"job {entry.job_id} ({entry.kind}, {count(entry.cost, 'credit')}): {', '.join(told)}"
    return Bar(
        booked_ms=booked_ms,
        started_ms=started_ms,
        ended_ms=ended_ms,
        state=visible(moves[-1][1] if moves else "QUEUED"),
        title=visible(what),
    )


def _under_way(bars: Sequence[Bar], span_ms: int) -> tuple[Under, ...]:
    """How many wait and run, whenever that changes; of each bin the most, and the last."""
    changes: list[tuple[int, int, int]] = []
    for bar in bars:
        changes.append((bar.booked_ms, 1, 0))
        if bar.started_ms is not None:
            changes.append((bar.started_ms, -1, 1))
        if bar.ended_ms is not None:
            changes.append((bar.ended_ms, 0, -1))
    waiting = running = 0
    points: dict[int, Under] = {}
    for at_ms, more_waiting, more_running in sorted(changes, key=lambda change: change[0]):
        waiting, running = waiting + more_waiting, running + more_running
        points[at_ms] = Under(at_ms=at_ms, waiting=waiting, running=running)
    by_bin: dict[int, list[Under]] = defaultdict(list)
    for point in points.values():
        if point.at_ms <= span_ms:
            by_bin[bin_of(point.at_ms, span_ms)].append(point)
    kept: list[Under] = []
    for these in by_bin.values():
        most = max(these, key=lambda point: point.waiting + point.running)
        kept += [most] if most is these[-1] else [most, these[-1]]
    return tuple(kept)


def _balance(booked: Sequence[Booking], opening: int, began_ms: int, span_ms: int) -> tuple[Balance, ...]:
    """The balance at the start, and of each bin the last; none where nothing was booked."""
    credits = opening
    by_bin: dict[int, Balance] = {}
    for entry in sorted(booked, key=lambda entry: entry.at_ms):
        credits += entry.credits if entry.why in _COMES else -entry.credits
        at_ms = min(entry.at_ms - began_ms, span_ms)
        by_bin[bin_of(at_ms, span_ms)] = Balance(at_ms=at_ms, credits=credits)
    return (Balance(at_ms=0, credits=opening), *by_bin.values()) if by_bin else ()


_COMES = {"REFUND", "GRANT"}
