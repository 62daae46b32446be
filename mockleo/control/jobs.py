"""Jobs of all kinds and accounts, and what the operator can let happen to them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Literal

import msgspec

from mockleo.control.accounts import find
from mockleo.control.operation import Limit, Nothing, Operation
from mockleo.control.refusals import Refused, missing
from mockleo.control.waiting import PATIENCE_MS, Count, Patience, until
from mockleo.core.lifecycle import TRANSITIONS, Event, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.app import App
    from mockleo.control.operation import Ask
    from mockleo.core.account import Account
    from mockleo.core.lifecycle import Job

# Where an account has its jobs, as the core calls it.
NOUNS = (
    "generations", "variations", "motion_variations", "models", "elements", "textures", "executions",
)  # fmt: skip

Kind = Literal[
    "Generation", "Variation", "MotionVariation", "CustomModel", "CustomElement", "Texture", "Execution"
]
# The four states, and what is said of two of them at once.
Standing = Literal["QUEUED", "RUNNING", "COMPLETE", "FAILED", "PENDING", "ENDED"]


class Filter(msgspec.Struct, forbid_unknown_fields=True):
    """Which jobs. PENDING is queued or running, ENDED complete or failed."""

    account: str | None = None
    state: Standing | None = None
    kind: Kind | None = None
    limit: Limit = 100


class Happen(msgspec.Struct, forbid_unknown_fields=True):
    """What is to happen to a job, now."""

    event: Literal["START", "FINISH", "FAIL"]


class Wait(msgspec.Struct, forbid_unknown_fields=True):
    """Which jobs, how many, and how long to wait for them, in real milliseconds."""

    id: str | None = None
    account: str | None = None
    kind: Kind | None = None
    status: Standing = "ENDED"
    count: Count = 1
    timeout_ms: Patience = PATIENCE_MS


class JobShown(msgspec.Struct):
    """A job as the core has it. `status` is what a client reads, `cost` is in credits.

    `ends_ms` is when it ends by itself, null for one that waits, has ended, or never will.
    `part_of` is the job that this one lives and ends with, if it does.
    """

    id: str
    account: str
    key: str
    kind: str
    lane: str
    state: str
    status: str
    cost: int
    created_ms: int
    changed_ms: int
    ends_ms: int | None
    part_of: str | None


class Jobs(msgspec.Struct):
    """Jobs, newest first, and how many there are."""

    jobs: list[JobShown]
    total: int


def show_all(ask: Ask[Filter]) -> Jobs:
    given = ask.given
    found = list(_among(ask.app, given.account, given.kind, given.state))
    found.sort(key=lambda owned: -owned[1].created_ms)
    return Jobs(_told(list(islice(found, given.limit))), len(found))


def show(ask: Ask[Nothing]) -> JobShown:
    return _told([_find(ask.app, ask.path["id"])])[0]


def force(ask: Ask[Happen]) -> JobShown:
    app, event = ask.app, Event[ask.given.event]
    account, job = _find(app, ask.path["id"])
    whole = _wholes(account).get(job.id)
    if whole is not None:
        raise Refused(409, f"event: this job lives and ends with {whole.id}; name that one", field="event")
    if job.state is State.QUEUED and event is not Event.FAIL:
        why = (
            "a job that waits starts by itself, once a slot is free"
            if event is Event.START
            else ("a job that waits has not started, and cannot be finished")
        )
        raise Refused(409, f"event: {why}", field="event")
    if event not in TRANSITIONS[job.state]:
        raise Refused(409, f"event: {event.value} cannot happen while {job.state.value}", field="event")
    app.site.world.force(account, job, event)
    return _told([(account, job)])[0]


async def wait_for(ask: Ask[Wait]) -> Jobs:
    app, given = ask.app, ask.given
    named = None if given.id is None else _find(app, given.id)

    def look() -> list[tuple[Account, Job]]:
        if named is not None:
            return [named] if _stands(named[1], given.status) else []
        return list(_among(app, given.account, given.kind, given.status))

    jobs = await until(
        app, look, count=given.count, timeout_ms=given.timeout_ms, what=f"such jobs are {given.status}"
    )
    jobs.sort(key=lambda owned: -owned[1].created_ms)
    return Jobs(_told(jobs), len(jobs))


def _all(account: Account) -> Iterator[Job]:
    for noun in NOUNS:
        yield from getattr(account, noun).values()


def _among(
    app: App, user_id: str | None, kind: str | None, standing: str | None
) -> Iterator[tuple[Account, Job]]:
    world = app.site.world
    accounts = world.accounts.values() if user_id is None else [find(app, user_id, field="account")]
    for account in accounts:
        for job in _all(account):
            if kind in {None, type(job).__name__} and (standing is None or _stands(job, standing)):
                yield account, job


def _stands(job: Job, standing: str) -> bool:
    if standing in {"PENDING", "ENDED"}:
        return job.ended == (standing == "ENDED")
    return job.state.value == standing


def _find(app: App, job_id: str) -> tuple[Account, Job]:
    for account in app.site.world.accounts.values():
        for job in _all(account):
            if job.id == job_id:
                return account, job
    raise missing("such job", field="id")


def _wholes(account: Account) -> dict[str, Job]:
    """By the id of each part, the job that it is a part of."""
    return {part.id: whole for whole in account.executions.values() for part in whole.parts()}


def _told(found: list[tuple[Account, Job]]) -> list[JobShown]:
    owners = {account.user_id: account for account, _ in found}
    parts = {user_id: _wholes(account) for user_id, account in owners.items()}
    return [_shown(account, job, parts[account.user_id].get(job.id)) for account, job in found]


def _shown(account: Account, job: Job, whole: Job | None) -> JobShown:
    timed = whole or job
    runs = timed.state is State.RUNNING and not (timed.fate is not None and timed.fate.never)
    return JobShown(
        id=job.id,
        account=account.user_id,
        key=job.key_id,
        kind=type(job).__name__,
        lane=job.lane,
        state=job.state.value,
        status=job.status,
        cost=job.cost,
        created_ms=job.created_ms,
        changed_ms=job.changed_ms,
        ends_ms=timed.changed_ms + timed.duration_ms if runs else None,
        part_of=None if whole is None else whole.id,
    )


OPERATIONS = (
    Operation(
        method="GET", path="/jobs", summary="Jobs of all kinds", handle=show_all, takes=Filter, answer=Jobs
    ),
    Operation(
        method="POST",
        path="/jobs/wait_for",
        summary="Wait until so many jobs have come so far; 408 if they have not",
        handle=wait_for,
        takes=Wait,
        answer=Jobs,
        waits=True,
    ),
    Operation(method="GET", path="/jobs/{id}", summary="One job", handle=show, answer=JobShown),
    Operation(
        method="POST",
        path="/jobs/{id}",
        summary="Let something happen to a job now",
        handle=force,
        takes=Happen,
        answer=JobShown,
    ),
)
