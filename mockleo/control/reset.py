"""Beginning again: with everything, or with one thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.control.accounts import find
from mockleo.control.jobs import NOUNS as JOBS
from mockleo.control.operation import Nothing, Operation

if TYPE_CHECKING:
    from mockleo.control.operation import Ask
    from mockleo.core.account import Account


class Whose(msgspec.Struct, forbid_unknown_fields=True):
    """One account, or without it all of them."""

    account: str | None = None


class Done(msgspec.Struct):
    """That it has been done."""

    reset: bool = True


def everything(ask: Ask[Nothing]) -> Done:
    ask.app.reset()
    return Done()


def journal(ask: Ask[Nothing]) -> Done:
    ask.app.record.clear()
    return Done()


def faults(ask: Ask[Nothing]) -> Done:
    ask.app.faults.clear()
    return Done()


def jobs(ask: Ask[Nothing]) -> Done:
    """Nothing is paid back: that would be what happens, and this has never been."""
    app = ask.app
    app.site.world.forget_jobs()
    app.site.bodies.clear()
    app.assets.clear()
    return Done()


def credits(ask: Ask[Whose]) -> Done:
    """Each balance is what it was at the opening, less what jobs under way have been charged.

    So it is the opening once those have failed. The ledger says so.
    """
    world, given = ask.app.site.world, ask.given
    accounts = list(world.accounts.values())
    if given.account is not None:
        accounts = [find(ask.app, given.account, field="account")]
    for account in accounts:
        ledger = account.ledger
        ledger.adjust(max(0, ledger.opening - _held(account)), at_ms=world.now_ms)
    return Done()


def _held(account: Account) -> int:
    """The credits that would be paid back if all jobs under way failed."""
    under_way = [job for noun in JOBS for job in getattr(account, noun).values() if not job.ended]
    # What lives and ends with another job is paid back with that one.
    parts = {part.id for job in under_way for part in job.parts()}
    return sum(job.cost for job in under_way if job.id not in parts)


OPERATIONS = (
    Operation(
        method="POST",
        path="/reset",
        summary="Begin again as at the start: no accounts, jobs, objects, record; the faults of the settings",
        handle=everything,
        answer=Done,
    ),
    Operation(
        method="POST",
        path="/reset/journal",
        summary="Forget what has happened",
        handle=journal,
        answer=Done,
    ),
    Operation(method="POST", path="/reset/faults", summary="Lift all faults", handle=faults, answer=Done),
    Operation(
        method="POST",
        path="/reset/jobs",
        summary="Forget all jobs and what they have brought; nothing is paid back",
        handle=jobs,
        answer=Done,
    ),
    Operation(
        method="POST",
        path="/reset/credits",
        summary="Give accounts back the balance that they began with, less what jobs under way have cost",
        handle=credits,
        takes=Whose,
        answer=Done,
    ),
)
