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


class Fate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What an operator has in store for a job; the service itself decrees none.

    `fails` ends it in FAILED, and `moderated` says that it was its prompt's fault. `never` keeps
    it running for ever, `late_ms` is added to its time and `at_once` takes all of it away.
    `images` bounds how many it brings, `partial` are shown while it is PENDING, `nsfw` flags
    them. `sd_version` replaces the model's version wherever it is told. `status` replaces what a
    client reads of an ended job, and `null` hides the whole of it from then on.
    """

    fails: bool = False
    moderated: bool = False
    never: bool = False
    at_once: bool = False
    late_ms: int = 0
    images: int | None = None
    partial: int = 0
    nsfw: bool = False
    status: str | None = None
    sd_version: str | None = None
    null: bool = False


class Job(msgspec.Struct, kw_only=True, gc=False):
    """What all kinds of jobs have in common.

    `lane` names the concurrency slots it takes, `doomed` says that its run will end in FAILED
    (an input that never arrived, say), `revision` grows with everything a client could see of
    it, and `seed` is what its assets are drawn from. `key_id` is the key that ordered it. Times
    are epoch milliseconds.
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
    key_id: str = ""
    fate: Fate | None = None

    @property
    def status(self) -> str:
        """The state as a client reads it."""
        if self.fate is not None and self.fate.status is not None and self.ended:
            return self.fate.status
        return STATUS[self.state]

    @property
    def ended(self) -> bool:
        return not TRANSITIONS[self.state]

    @property
    def hidden(self) -> bool:
        """Whether clients are told that there is no such job."""
        return self.fate is not None and self.fate.null and self.ended

    @property
    def sd_version_told(self) -> str | None:
        """What is told instead of the model's version; None for the truth."""
        return self.fate.sd_version if self.fate is not None else None

    def most(self, count: int) -> int:
        """How many of the `count` images that it should bring it does bring, once it is COMPLETE."""
        if self.fate is None or self.fate.images is None:
            return count
        return min(count, self.fate.images)

    def parts(self) -> tuple[Job, ...]:
        """Jobs that live and end with this one and take no slot of their own."""
        return ()

    def begin(self, account: Account) -> None:
        """Show what a client sees of the job while it runs; called once, at its start."""

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
