"""What is known of a run from what was told of it, and what must therefore be so.

known = Known()
known.follow(effect)      what has become of jobs
known.judge_money(...)    what the operator is shown must come to the same
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from mockleo.core.lifecycle import STATUS, TRANSITIONS, State
from mockleo.core.world import Booked, Moved
from mockleo.record import Delivery, Exchange
from mockleo.runtime.webhooks import KEY_UNKNOWN

from .stage import CALLS_MOST, ORDERS_MOST

Json = Any

# What is reported, of the kinds of jobs.
REPORTED = {"Generation", "Variation", "MotionVariation"}
MINUTE_MS = 60_000


@dataclass
class Job:
    """A job as it has been told of."""

    booked: Booked
    state: State = State.QUEUED


@dataclass
class Known:
    """What has been told of one state; an export takes it along.

    `told_of` are the jobs whose end must have been reported since this state has begun, `hooks` the
    keys that have a webhook. By account, `unbooked` counts calls that cost something and book no
    job, `adjusted` how often the operator or a fault has set a balance. `calls` are those let in,
    by account, minute and operation.
    """

    jobs: dict[str, Job] = field(default_factory=dict)
    parts: dict[str, State] = field(default_factory=dict)
    charged: dict[str, int] = field(default_factory=dict)
    refunded: Counter[str] = field(default_factory=Counter)
    adjusted: Counter[str] = field(default_factory=Counter)
    unbooked: Counter[str] = field(default_factory=Counter)
    generations: list[str] = field(default_factory=list)
    shown: dict[str, str] = field(default_factory=dict)
    images: dict[str, str] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    calls: Counter[tuple[str, int, str]] = field(default_factory=Counter)
    hooks: set[str] = field(default_factory=set)
    told_of: list[str] = field(default_factory=list)
    last_ms: int = 0

    # --- jobs ---------------------------------------------------------------------------------

    def follow(self, effect: Booked | Moved) -> None:
        """One thing more has happened."""
        assert effect.at_ms >= self.last_ms, "not in the order of time"
        self.last_ms = effect.at_ms
        if isinstance(effect, Booked):
            assert effect.job_id not in self.charged, "booked twice"
            self.jobs[effect.job_id] = Job(effect)
            self.charged[effect.job_id] = effect.cost
            if effect.kind == "Generation":
                self.generations.append(effect.job_id)
            return
        job = self.jobs.get(effect.job_id)
        before = self.parts.get(effect.job_id, State.QUEUED) if job is None else job.state
        assert effect.state in TRANSITIONS[before].values(), (
            f"{effect.kind} goes from {before} to {effect.state}"
        )
        if job is None:
            assert effect.job_id not in self.charged, "what was forgotten goes on"
            self.parts[effect.job_id] = effect.state
            return
        job.state = effect.state
        if effect.state is State.FAILED:
            self.refunded[effect.job_id] += 1
        if not TRANSITIONS[effect.state] and job.booked.key_id in self.hooks and effect.kind in REPORTED:
            self.told_of.append(effect.job_id)

    def forget_jobs(self) -> None:
        self.jobs.clear()
        self.parts.clear()

    def show(self, generation_id: str, told: Json, *, may_be_hidden: bool) -> None:
        """A client was told of a generation: what he reads never goes back."""
        job = self.jobs.get(generation_id)
        before = self.shown.get(generation_id, "PENDING")
        if told is None:
            is_hidden = may_be_hidden and job is not None and not TRANSITIONS[job.state]
            assert job is None or generation_id in self.deleted or is_hidden, "a job is not told of"
            return
        assert job is not None, "what was forgotten is told of"
        status = told["status"]
        assert status in {STATUS[job.state], "ARCHIVED"}
        assert status != "ARCHIVED" or not TRANSITIONS[job.state]
        assert before in {"PENDING", status}, f"{status} after {before}"
        assert job.state is not State.FAILED or not told["generated_images"]
        self.shown[generation_id] = status
        for image in told["generated_images"]:
            self.images[image["id"]] = image["url"]

    # --- the operator's view ------------------------------------------------------------------

    def judge_account(self, told: Json, percents: dict[str, int]) -> None:
        """Balance and places as the operator is shown them; `percents` is how much of them there is."""
        user_id, balance, adjusted, unbooked = told["user_id"], told["opening"], 0, 0
        refunded: Counter[str] = Counter()
        charged: Counter[str] = Counter()
        for entry in told["ledger"]:
            comes_in = entry["why"] in {"REFUND", "GRANT"}
            balance += entry["credits"] if comes_in else -entry["credits"]
            adjusted += entry["why"] in {"GRANT", "WITHDRAWAL"}
            if entry["why"] in {"CHARGE", "REFUND"} and entry["job_id"] in self.charged:
                assert entry["credits"] == self.charged[entry["job_id"]]
                (refunded if comes_in else charged)[entry["job_id"]] += 1
            else:
                assert entry["why"] != "REFUND", "a refund for nothing"
                unbooked += entry["why"] == "CHARGE"
        assert balance == told["balance"] >= 0
        assert told["ledger_total"] == len(told["ledger"])
        assert adjusted <= self.adjusted[user_id], "credits come or go by themselves"
        assert unbooked <= self.unbooked[user_id], "a charge for nothing"
        mine = {job_id for job_id in charged if job_id in self.charged}
        assert set(charged.values()) <= {1}
        assert refunded == Counter(
            {job_id: count for job_id, count in self.refunded.items() if job_id in mine}
        )
        for name, lane in told["lanes"].items():
            states = Counter(
                job.state
                for job in self.jobs.values()
                if (job.booked.user_id, job.booked.lane) == (user_id, name)
            )
            assert (lane["running"], lane["queued"]) == (states[State.RUNNING], states[State.QUEUED])
            assert lane["running"] <= lane["slots"]
            limit = max(1, lane["slots"] * percents[name] // 100)
            assert not lane["queued"] or lane["running"] >= limit, "somebody waits before a free slot"

    def judge_jobs(self, told: Json) -> None:
        for shown in told["jobs"]:
            job = self.jobs.get(shown["id"])
            assert shown["state"] == (self.parts[shown["id"]] if job is None else job.state).value
            assert (shown["part_of"] is None) == (job is not None)

    def judge_charges(self, told: list[Json]) -> None:
        """Every job was paid for, by its owner."""
        paid = {
            entry["job_id"] for account in told for entry in account["ledger"] if entry["why"] == "CHARGE"
        }
        assert self.charged.keys() <= paid

    # --- limits -------------------------------------------------------------------------------

    def judge_limits(self, exchange: Exchange) -> None:
        """The calls of a minute in which no fault was in force, counted anew: refused ones do not count."""
        minute = exchange.at_ms // MINUTE_MS
        all_of, of_kind = (exchange.user_id, minute, "all"), (exchange.user_id, minute, exchange.operation)
        is_order = exchange.operation == "createGeneration"
        is_full = self.calls[all_of] >= CALLS_MOST or (is_order and self.calls[of_kind] >= ORDERS_MOST)
        is_refused = exchange.why.startswith("too-many-") and exchange.status == 429
        assert is_refused == is_full, f"{exchange.why or 'let in'} after {self.calls[all_of]} calls"
        if not is_refused:
            self.calls[all_of] += 1
            self.calls[of_kind] += 1

    # --- webhooks -----------------------------------------------------------------------------

    def judge_deliveries(self, deliveries: list[Delivery], received: Counter[str], *, is_over: bool) -> None:
        """Every end that somebody wants to hear of was reported once; a fault says what else there is."""
        reported = Counter(each.job_id for each in deliveries if each.copy_of is None)
        assert reported == Counter(self.told_of)
        sent: Counter[str] = Counter()
        for each in deliveries:
            sent[each.job_id] += sum(attempt.error != KEY_UNKNOWN for attempt in each.attempts)
            good = [attempt.delivered for attempt in each.attempts]
            assert not any(good[:-1]), "sent again after it was delivered"
            assert (each.state == "delivered") == any(good)
            assert (each.state == "lost") == (not good and each.state not in {"pending", "failed"})
            assert not is_over or each.state != "pending", "never sent"
        if is_over:
            assert sent.total() == received.total()
            assert all(sent[job_id] >= count for job_id, count in received.items() if job_id)
