"""The life of one job.

Rule: everything that can change a job's state is in `TRANSITIONS`, and `move` alone does it.

The wire shows three states and we keep four. QUEUED and RUNNING both read PENDING to a
client, but only RUNNING holds a concurrency slot.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockleo.core.account import Account


class State(Enum):
    # Members are compared by identity, and looked up for every job: Enum's own hash is slow.
    __hash__ = object.__hash__

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    COMPLETE = "COMPLETE"
    FAILED = "FAILED"


class Event(Enum):
    __hash__ = object.__hash__

    START = "START"
    FINISH = "FINISH"
    FAIL = "FAIL"


TRANSITIONS: Mapping[State, Mapping[Event, State]] = {
    State.QUEUED: {Event.START: State.RUNNING, Event.FAIL: State.FAILED},
    State.RUNNING: {Event.FINISH: State.COMPLETE, Event.FAIL: State.FAILED},
    State.COMPLETE: {},
    State.FAILED: {},
}

# What a client reads (job_status in the contract).
STATUS: Mapping[State, str] = {
    State.QUEUED: "PENDING",
    State.RUNNING: "PENDING",
    State.COMPLETE: "COMPLETE",
    State.FAILED: "FAILED",
}


class ImpossibleMove(AssertionError):
    """An event that the state does not know: a broken promise of ours."""


class Job(msgspec.Struct, kw_only=True, gc=False):
    """What all kinds of jobs have in common.

    `lane` names the concurrency slots it takes, `doomed` says that its run will end in FAILED
    (an input that never arrived, say), `revision` grows with everything a client could see of
    it, and `seed` is what its assets are drawn from. Times are epoch milliseconds.
    """

    id: str
    lane: str
    cost: int
    seed: int
    created_ms: int
    changed_ms: int
    duration_ms: int
    state: State = State.QUEUED
    doomed: bool = False
    revision: int = 0

    @property
    def status(self) -> str:
        """The state as a client reads it."""
        return STATUS[self.state]

    @property
    def ended(self) -> bool:
        return not TRANSITIONS[self.state]

    def parts(self) -> tuple[Job, ...]:
        """Jobs that live and end with this one and take no slot of their own."""
        return ()

    def settle(self, account: Account) -> None:
        """Leave with its owner what the job has brought, once it has ended."""


def move(job: Job, event: Event, *, now_ms: int) -> None:
    """Change `job` as `event` says."""
    assert now_ms >= job.changed_ms, "time went backwards"
    try:
        job.state = TRANSITIONS[job.state][event]
    except KeyError:
        raise ImpossibleMove(f"{event.name} while {job.state.name}") from None
    job.changed_ms = now_ms
    job.revision += 1
