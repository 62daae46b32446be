"""Accounts as the core has them: credits, places for jobs, what they own."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from mockleo.control.operation import Limit, Offset, Operation
from mockleo.control.refusals import missing
from mockleo.core.ledger import Entry  # noqa: TC001  a struct's fields are looked up when it is used

if TYPE_CHECKING:
    from mockleo.app import App
    from mockleo.control.operation import Ask
    from mockleo.core.account import Account

CREDITS_MOST = 2**31 - 1

# What an account owns, as the core calls it.
NOUNS = (
    "generations", "images", "variations", "motion_variations", "models", "elements", "textures",
    "executions", "uploads", "datasets",
)  # fmt: skip


class Page(msgspec.Struct, forbid_unknown_fields=True):
    """Which part of a list."""

    limit: Limit = 100
    offset: Offset = 0


class Balance(msgspec.Struct, forbid_unknown_fields=True):
    """What the balance is to be."""

    credits: Annotated[int, msgspec.Meta(ge=0, le=CREDITS_MOST)]


class LaneShown(msgspec.Struct):
    """The places for one kind of job; `pending_max` jobs may wait for one (null: any number)."""

    slots: int
    running: int
    queued: int
    pending_max: int | None


class AccountShown(msgspec.Struct):
    """One account in short. `opening` and `balance` are credits, `keys` are ids."""

    user_id: str
    plan: str
    opening: int
    balance: int
    keys: list[str]


class Accounts(msgspec.Struct):
    """A part of the list of accounts, in the order in which they were made, and how many there are."""

    accounts: list[AccountShown]
    total: int


class AccountInFull(AccountShown):
    """One account, with a part of its ledger from the first entry on, and how many there are."""

    lanes: dict[str, LaneShown]
    counts: dict[str, int]
    ledger: list[Entry]
    ledger_total: int


def find(app: App, user_id: str, *, field: str) -> Account:
    account = app.site.world.accounts.get(user_id)
    if account is None:
        raise missing("such account", field=field)
    return account


def show_all(ask: Ask[Page]) -> Accounts:
    accounts, given = ask.app.site.world.accounts, ask.given
    part = islice(accounts.values(), given.offset, given.offset + given.limit)
    return Accounts([AccountShown(**_told(account)) for account in part], len(accounts))


def show(ask: Ask[Page]) -> AccountInFull:
    return _in_full(find(ask.app, ask.path["user_id"], field="user_id"), ask.given)


def change(ask: Ask[Balance]) -> AccountInFull:
    account = find(ask.app, ask.path["user_id"], field="user_id")
    account.ledger.adjust(ask.given.credits, at_ms=ask.app.site.world.now_ms)
    return _in_full(account, Page())


def _told(account: Account) -> dict[str, Any]:
    return {
        "user_id": account.user_id,
        "plan": account.plan.name,
        "opening": account.ledger.opening,
        "balance": account.ledger.balance,
        "keys": list(account.keys),
    }


def _in_full(account: Account, page: Page) -> AccountInFull:
    entries = account.ledger.entries
    return AccountInFull(
        **_told(account),
        lanes={
            name: LaneShown(lane.slots, lane.running, len(lane.queue), lane.pending_max)
            for name, lane in account.lanes.items()
        },
        counts={noun: len(getattr(account, noun)) for noun in NOUNS},
        ledger=entries[page.offset : page.offset + page.limit],
        ledger_total=len(entries),
    )


OPERATIONS = (
    Operation(
        method="GET",
        path="/accounts",
        summary="All accounts",
        handle=show_all,
        takes=Page,
        answer=Accounts,
    ),
    Operation(
        method="GET",
        path="/accounts/{user_id}",
        summary="One account, with its ledger",
        handle=show,
        takes=Page,
        answer=AccountInFull,
    ),
    Operation(
        method="PATCH",
        path="/accounts/{user_id}",
        summary="Give or take credits",
        handle=change,
        takes=Balance,
        answer=AccountInFull,
    ),
)
