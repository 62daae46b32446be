"""Beginning again: with everything, or with one thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.control.accounts import find
from mockleo.control.operation import Nothing, Operation

if TYPE_CHECKING:
    from mockleo.control.operation import Ask


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
    """Each balance is what it was at the opening; the ledger says so."""
    world, given = ask.app.site.world, ask.given
    accounts = list(world.accounts.values())
    if given.account is not None:
        accounts = [find(ask.app, given.account, field="account")]
    for account in accounts:
        account.ledger.adjust(account.ledger.opening, at_ms=world.now_ms)
    return Done()


OPERATIONS = (
    Operation(
        method="POST",
        path="/reset",
        summary="Begin again: no accounts, jobs, objects, faults, record",
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
        summary="Give accounts back the balance that they began with",
        handle=credits,
        takes=Whose,
        answer=Done,
    ),
)
