"""The record of the run, as JSON Lines: what a client is judged by."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from mockleo import __version__
from mockleo.control.operation import Operation, Stream
from mockleo.control.reset import Done
from mockleo.record.lines import Run, lines
from mockleo.record.shapes import Booking, Head, Line, Opening

if TYPE_CHECKING:
    from mockleo.app import App
    from mockleo.control.operation import Ask, Nothing
    from mockleo.settings import Settings

# Where it was reached, which says nothing about what has happened.
_WHERE = frozenset({"host", "port", "public_url"})


def show(ask: Ask[Nothing]) -> Stream:
    return Stream(lines(run_of(ask.app), copy=ask.app.redactor.copy))


def clear(ask: Ask[Nothing]) -> Done:
    ask.app.record.clear()
    return Done()


def run_of(app: App) -> Run:
    """All that is known of the run so far."""
    accounts = app.site.world.accounts.values()
    head = Head(
        version=__version__,
        seed=app.settings.seed,
        settings=_told(app.settings),
        accounts=tuple(Opening(account.user_id, account.ledger.opening) for account in accounts),
        dropped=app.record.dropped,
    )
    ledger = [
        Booking(entry.at_ms, account.user_id, entry.why.value, entry.credits, entry.job_id)
        for account in accounts
        for entry in account.ledger.entries
    ]
    return Run(head=head, record=app.record, ledger=ledger)


def _told(settings: Settings) -> dict[str, Any]:
    """The settings that decide what happens. What their `repr` hides is secret."""
    return {
        each.name: getattr(settings, each.name)
        for each in fields(settings)
        if each.repr and each.name not in _WHERE | {"seed"}
    }


OPERATIONS = (
    Operation(
        method="GET",
        path="/record",
        summary="Everything that has happened, as JSON Lines",
        handle=show,
        answer=Line,
        is_stream=True,
    ),
    Operation(
        method="DELETE",
        path="/record",
        summary="Forget what has happened",
        handle=clear,
        answer=Done,
    ),
)
