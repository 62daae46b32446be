"""All accounts, one event heap, and the only way in which time passes.

Commands (the functions of the noun modules) change the world at `now_ms`; `advance` moves it
to a later instant and lets everything happen that falls due on the way, each at its own time.
So it makes no difference how often somebody looks.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

import msgspec

from mockleo.core.account import Account, Plan
from mockleo.core.chance import Chance
from mockleo.core.errors import QueueFull
from mockleo.core.keys import ApiKey, digest_of
from mockleo.core.lifecycle import TRANSITIONS, Event, Fate, Job, State, move
from mockleo.core.limits import Windows

if TYPE_CHECKING:
    from mockleo.core.account import Lane
    from mockleo.core.catalogue import Catalogue
    from mockleo.core.generations import Terms
    from mockleo.core.keys import Webhook
    from mockleo.core.orders import GenerationOrder
    from mockleo.core.rules import Rules
    from mockleo.core.uploads import Upload


class Booked(msgspec.Struct, frozen=True, gc=False):
    """An effect: a job has been accepted and charged, on behalf of a key."""

    at_ms: int
    user_id: str
    job_id: str
    kind: str
    lane: str
    cost: int
    key_id: str


class Moved(msgspec.Struct, frozen=True, gc=False):
    """An effect: a job has changed its state. The outside world records it."""

    at_ms: int
    user_id: str
    job_id: str
    kind: str
    state: State


class Ended(msgspec.Struct, frozen=True):
    """An effect: a job that was ordered with a key that has a webhook has ended."""

    at_ms: int
    account: Account
    key: ApiKey
    job: Job


Effect = Booked | Moved | Ended


class TooManyKeys(ValueError):
    """An account that has as many keys as it may have."""


class World:
    """Every account, at one instant.

    `fate` is what the next job that is booked has before it; None, nearly always, for nothing.
    """

    def __init__(self, *, rules: Rules, catalogue: Catalogue, plan: Plan, seed: int, now_ms: int) -> None:
        self.rules = rules
        self.catalogue = catalogue
        self.plan = plan
        self.seed = seed
        self.chance = Chance(seed.to_bytes(16, "big", signed=True))
        self.now_ms = now_ms
        self.accounts: dict[str, Account] = {}
        self.keys: dict[str, ApiKey] = {}
        self.uploads_by_key: dict[str, Upload] = {}
        self.terms: dict[GenerationOrder, Terms] = {}
        self.fate: Fate | None = None
        # What keys get that are made without a webhook of their own.
        self.webhook: Webhook | None = None
        # The instants at which something ends, soonest first, and what ends at each.
        self._instants: list[int] = []
        self._ending: dict[int, list[tuple[Account, Job]]] = {}
        self._effects: list[Effect] = []
        # Whether there is an `Ended` among them: nearly always, nobody is told of ends.
        self.has_ends = False

    # --- accounts and keys --------------------------------------------------------------------

    def open_account(self, key: str) -> Account:
        """The account that `key` belongs to; made at first use, the same for the same seed."""
        return self.open_key(key).account

    def open_key(self, key: str) -> ApiKey:
        """What is known of `key`; at first use a key and an account of its own are made."""
        found = self.keys.get(digest_of(key))
        if found is None:
            return self.make_key(key, account=self.make_account(key))
        # A key that came in with an import is known by its digest alone until it is used.
        found.plain = key
        return found

    def make_account(self, key: str) -> Account:
        """The account that comes into being with its first key."""
        account = Account(
            plan=self.plan,
            chance=self.chance.child(f"account:{key}"),
            windows=Windows(self.rules["limits.window"].value, self.rules.integer("limits.window_ms")),
        )
        # It is there already where an import has it and no longer has that key.
        return self.accounts.setdefault(account.user_id, account)

    def make_key(
        self, key: str, *, account: Account, name: str = "", webhook: Webhook | None = None
    ) -> ApiKey:
        """Give `account` one more key; there is a most that it may have (FAQ, documented)."""
        digest = digest_of(key)
        assert digest not in self.keys, "a key is made once"
        in_use = sum(1 for one in account.keys.values() if one.revoked_ms is None)
        if in_use >= self.rules.integer("keys.per_account"):
            raise TooManyKeys(account.user_id)
        made = ApiKey(
            id=account.chance.uuid4(f"key:{digest}"),
            digest=digest,
            account=account,
            created_ms=self.now_ms,
            name=name,
            webhook=webhook or self.webhook,
            plain=key,
        )
        self.keys[digest] = made
        account.keys[made.id] = made
        return made

    def revoke(self, key: ApiKey) -> None:
        """Let `key` be good no longer; the account and its other keys stay."""
        if key.revoked_ms is None:
            key.revoked_ms = self.now_ms

    # --- time ---------------------------------------------------------------------------------

    def due_ms(self) -> int | None:
        """When something falls due next; None while nothing is under way."""
        return self._instants[0] if self._instants else None

    def advance(self, now_ms: int) -> None:
        """Move to `now_ms`: every job that ends on the way ends at its own instant."""
        assert now_ms >= self.now_ms, "time went backwards"
        while self._instants and self._instants[0] <= now_ms:
            self.now_ms = heappop(self._instants)
            for account, job in self._ending.pop(self.now_ms):
                self._end(account, job)
        self.now_ms = now_ms

    def take_effects(self) -> list[Effect]:
        """What has happened since the last call. Each effect is handed out exactly once."""
        effects, self._effects = self._effects, []
        self.has_ends = False
        return effects

    # --- jobs ---------------------------------------------------------------------------------

    def book(self, account: Account, job: Job) -> None:
        """Accept `job`: charge its cost, and start it or put it in the queue of its lane."""
        lane = account.lanes[job.lane]
        if lane.percent != account.limit_percent:
            lane.percent = account.limit_percent
            self._move_up(account, lane)
        waits = not lane.has_slot()
        if waits and not lane.has_place():
            raise QueueFull(rule=f"plans.{account.plan.name}.pending.{job.lane}")
        self._accept(account, job)
        if self.fate is not None:
            self._decree(job, self.fate)
            self.fate = None
        if waits:
            lane.queue.append(job)
        else:
            self._start(account, job)

    def abandon(self, job: Job) -> None:
        """Note that its owner has deleted `job`; where the rules say so, it is not paid for."""
        if not job.ended and self.rules["jobs.deleted_pending"].value == "refunded":
            job.doomed = True

    def perform(self, account: Account, job: Job) -> None:
        """Accept `job` and be done with it at once: what is answered synchronously."""
        self._accept(account, job)
        self._move(account, job, Event.START)
        self._settle(account, job)

    def force(self, account: Account, job: Job, event: Event) -> None:
        """Let the operator's `event` happen to `job` now. The caller has looked whether it can.

        A job that waits can only be failed: it starts when a slot is free, and then by itself.
        """
        assert event in TRANSITIONS[job.state], f"{event.name} while {job.state.name}"
        lane = account.lanes[job.lane]
        if job.state is State.QUEUED:
            assert event is Event.FAIL, "a job that waits can only be failed"
            lane.queue.remove(job)
        elif job.fate is None or not job.fate.never:
            self._call_off(account, job)
        for one in (job, *job.parts()):
            one.doomed = event is Event.FAIL
        if job.state is State.QUEUED:
            self._settle(account, job)
        else:
            self._end(account, job)

    def forget_jobs(self) -> None:
        """Let go of all jobs and what they brought, ended or not; nothing is paid back."""
        self._instants.clear()
        self._ending.clear()
        for account in self.accounts.values():
            account.forget_jobs()

    def duration_ms(self, base_ms: int, *, account: Account, label: str) -> int:
        """`base_ms` with the deterministic spread that real durations have."""
        spread_ms = base_ms * self.rules.integer("durations.spread") // 100
        if spread_ms == 0:
            return base_ms
        return base_ms - spread_ms + account.chance.below(2 * spread_ms + 1, label)

    def _accept(self, account: Account, job: Job) -> None:
        account.ledger.charge(job.cost, job_id=job.id, at_ms=self.now_ms)
        key_id = job.key_id = account.calling
        kind = type(job).__name__
        self._effects.append(Booked(self.now_ms, account.user_id, job.id, kind, job.lane, job.cost, key_id))

    def _decree(self, job: Job, fate: Fate) -> None:
        """Let `fate` be before `job` and before its parts."""
        for one in (job, *job.parts()):
            one.fate = fate
            one.doomed = one.doomed or fate.fails
        job.duration_ms = 0 if fate.at_once else job.duration_ms + fate.late_ms

    def _start(self, account: Account, job: Job) -> None:
        self._move(account, job, Event.START)
        account.lanes[job.lane].running += 1
        if job.fate is not None:
            for one in (job, *job.parts()):
                one.begin(account)
            if job.fate.never:
                return
        ends_ms = self.now_ms + job.duration_ms
        ending = self._ending.get(ends_ms)
        if ending is None:
            ending = self._ending[ends_ms] = []
            heappush(self._instants, ends_ms)
        ending.append((account, job))

    def _call_off(self, account: Account, job: Job) -> None:
        """Let `job` not end when it would have; nothing is due then if it was the only one."""
        ends_ms = job.changed_ms + job.duration_ms
        ending = self._ending[ends_ms]
        ending.remove((account, job))
        if not ending:
            del self._ending[ends_ms]
            self._instants.remove(ends_ms)
            heapify(self._instants)

    def _end(self, account: Account, job: Job) -> None:
        self._settle(account, job)
        lane = account.lanes[job.lane]
        lane.running -= 1
        if lane.queue:
            self._move_up(account, lane)

    def _move_up(self, account: Account, lane: Lane) -> None:
        """Start what waits in `lane`, as far as there are slots."""
        while lane.queue and lane.has_slot():
            self._start(account, lane.queue.popleft())

    def _settle(self, account: Account, job: Job) -> None:
        """Let `job` come to its end, whatever it is, and see to all that hangs on it."""
        self._move(account, job, Event.FAIL if job.doomed else Event.FINISH)
        if job.state is State.FAILED:
            account.ledger.refund(job.cost, job_id=job.id, at_ms=self.now_ms)
        job.settle(account)
        key = account.keys.get(job.key_id)
        if key is not None and key.webhook is not None:
            self.has_ends = True
            self._effects.append(Ended(self.now_ms, account, key, job))

    def _move(self, account: Account, job: Job, event: Event) -> None:
        for part in (job, *job.parts()):
            fails = event is Event.FINISH and part.doomed
            move(part, Event.FAIL if fails else event, now_ms=self.now_ms)
            kind = type(part).__name__
            self._effects.append(Moved(self.now_ms, account.user_id, part.id, kind, part.state))
