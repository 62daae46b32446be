"""All accounts, one event heap, and the only way in which time passes.

Commands (the functions of the noun modules) change the world at `now_ms`; `advance` moves it
to a later instant and lets everything happen that falls due on the way, each at its own time.
So it makes no difference how often somebody looks.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

import msgspec

from mockleo.core.account import Account, Plan
from mockleo.core.chance import Chance
from mockleo.core.lifecycle import Event, Job, State, move

if TYPE_CHECKING:
    from mockleo.core.catalogue import Catalogue
    from mockleo.core.generations import Terms
    from mockleo.core.orders import GenerationOrder
    from mockleo.core.rules import Rules
    from mockleo.core.uploads import Upload


class Moved(msgspec.Struct, frozen=True, gc=False):
    """An effect: a job has changed its state. The outside world records it, or tells somebody."""

    at_ms: int
    user_id: str
    job_id: str
    kind: str
    state: State


Effect = Moved


class World:
    """Every account, at one instant."""

    def __init__(self, *, rules: Rules, catalogue: Catalogue, plan: Plan, seed: int, now_ms: int) -> None:
        self.rules = rules
        self.catalogue = catalogue
        self.plan = plan
        self.chance = Chance(seed.to_bytes(16, "big", signed=True))
        self.now_ms = now_ms
        self.accounts: dict[str, Account] = {}
        self.by_key: dict[str, Account] = {}
        self.uploads_by_key: dict[str, Upload] = {}
        self.terms: dict[GenerationOrder, Terms] = {}
        # The instants at which something ends, soonest first, and what ends at each.
        self._instants: list[int] = []
        self._ending: dict[int, list[tuple[Account, Job]]] = {}
        self._effects: list[Effect] = []

    def open_account(self, key: str) -> Account:
        """The account that `key` belongs to; made at first use, the same for the same seed."""
        account = self.by_key.get(key)
        if account is None:
            account = Account(key=key, plan=self.plan, chance=self.chance.child(f"account:{key}"))
            self.by_key[key] = account
            self.accounts[account.user_id] = account
        return account

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
        return effects

    def book(self, account: Account, job: Job) -> None:
        """Accept `job`: charge its cost, and start it or put it in the queue of its lane."""
        account.ledger.charge(job.cost, job_id=job.id, at_ms=self.now_ms)
        lane = account.lanes[job.lane]
        if lane.running < lane.slots:
            self._start(account, job)
        else:
            lane.queue.append(job)

    def perform(self, account: Account, job: Job) -> None:
        """Accept `job` and be done with it at once: what is answered synchronously."""
        account.ledger.charge(job.cost, job_id=job.id, at_ms=self.now_ms)
        self._move(account, job, Event.START)
        self._move(account, job, Event.FINISH)
        job.settle(account)

    def duration_ms(self, base_ms: int, *, account: Account, label: str) -> int:
        """`base_ms` with the deterministic spread that real durations have."""
        spread_ms = base_ms * self.rules.integer("durations.spread") // 100
        if spread_ms == 0:
            return base_ms
        return base_ms - spread_ms + account.chance.below(2 * spread_ms + 1, label)

    def _start(self, account: Account, job: Job) -> None:
        self._move(account, job, Event.START)
        account.lanes[job.lane].running += 1
        ends_ms = self.now_ms + job.duration_ms
        ending = self._ending.get(ends_ms)
        if ending is None:
            ending = self._ending[ends_ms] = []
            heappush(self._instants, ends_ms)
        ending.append((account, job))

    def _end(self, account: Account, job: Job) -> None:
        self._move(account, job, Event.FAIL if job.doomed else Event.FINISH)
        if job.state is State.FAILED:
            account.ledger.refund(job.cost, job_id=job.id, at_ms=self.now_ms)
        job.settle(account)
        lane = account.lanes[job.lane]
        lane.running -= 1
        if lane.queue:
            self._start(account, lane.queue.popleft())

    def _move(self, account: Account, job: Job, event: Event) -> None:
        for part in (job, *job.parts()):
            fails = event is Event.FINISH and part.doomed
            move(part, Event.FAIL if fails else event, now_ms=self.now_ms)
            kind = type(part).__name__
            self._effects.append(Moved(self.now_ms, account.user_id, part.id, kind, part.state))
