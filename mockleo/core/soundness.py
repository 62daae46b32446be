"""What holds for every world between two commands, so that nothing in it can go wrong later.

The commands see to it by themselves. A world that was made of somebody's data is looked at here
before it is let in; each complaint is the path of a field, as exports name it, and what is the
matter with it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mockleo.core.lifecycle import State
from mockleo.core.snapshot_jobs import NOUNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mockleo.core.account import Account, Plan
    from mockleo.core.lifecycle import Job
    from mockleo.core.world import World

Complaint = tuple[str, str]
Ending = tuple[int, "Sequence[tuple[Account, Job]]"]

_GOING_IN = frozenset({"CHARGE", "WITHDRAWAL"})


def complaints(world: World, endings: Sequence[Ending]) -> Iterator[Complaint]:
    """Everything that is the matter with `world`, in which `endings` are under way."""
    yield from _of_plan("plan", world.plan)
    yield from _of_endings(world, endings)
    ending: dict[str, set[str]] = {user_id: set() for user_id in world.accounts}
    for _, jobs in endings:
        for account, job in jobs:
            ending[account.user_id].add(job.id)
    for nth, account in enumerate(world.accounts.values()):
        path = f"accounts.{nth}"
        yield from _of_plan(f"{path}.plan", account.plan)
        yield from _of_ledger(f"{path}.ledger", account)
        yield from _of_images(path, account)
        parts = {part.id for execution in account.executions.values() for part in execution.outputs}
        yield from _of_parts(path, account)
        yield from _of_queues(path, account, parts)
        yield from _of_jobs(path, account, parts, ending[account.user_id])


def _of_plan(path: str, plan: Plan) -> Iterator[Complaint]:
    if plan.unit not in {"CREDITS", "DOLLARS"}:
        yield f"{path}.unit", f"{plan.unit!r} is neither CREDITS nor DOLLARS"
    for field, numbers in (("slots", plan.slots), ("pending", plan.pending), ("per_minute", plan.per_minute)):
        for name, number in numbers.items():
            if number < 0:
                yield f"{path}.{field}.{name}", f"{number} is below 0"


def _of_ledger(path: str, account: Account) -> Iterator[Complaint]:
    ledger = account.ledger
    balance = ledger.opening
    for nth, entry in enumerate(ledger.entries):
        if entry.credits < 0:
            yield f"{path}.entries.{nth}.credits", f"{entry.credits} is below 0"
        balance += -entry.credits if entry.why.value in _GOING_IN else entry.credits
    if balance != ledger.balance:
        yield f"{path}.balance", f"is {ledger.balance}, and the entries come to {balance}"


def _of_images(path: str, account: Account) -> Iterator[Complaint]:
    """An image leads to the generation that lists it, and a listed one leads there."""
    listed = 0
    for nth, generation in enumerate(account.generations.values()):
        listed += len(generation.image_ids)
        if generation.deleted:
            yield f"{path}.generations.{nth}.deleted", "what is deleted has no name any more"
        for image_id in generation.image_ids:
            if account.images.get(image_id) is not generation:
                yield f"{path}.generations.{nth}.image_ids", f"{image_id!r} is not among the images"
    if listed != len(account.images):
        yield f"{path}.images", f"are {len(account.images)}, and the generations have {listed}"
    for image_id, variations in account.variations_of.items():
        for nth, variation in enumerate(variations):
            if variation.image_id != image_id:
                yield f"{path}.variations_of.{image_id}.{nth}", "is made of another image"


def _of_parts(path: str, account: Account) -> Iterator[Complaint]:
    """A part belongs to one whole, and does as it does."""
    parts: set[str] = set()
    for nth, execution in enumerate(account.executions.values()):
        for part in execution.outputs:
            if part.id in parts:
                yield f"{path}.executions.{nth}.outputs", f"{part.id!r} is a part twice"
            parts.add(part.id)
            if part.state is not execution.state and not (part.ended and execution.ended):
                yield f"{path}.executions.{nth}.outputs", f"{part.id!r} is in another state"


def _of_queues(path: str, account: Account, parts: set[str]) -> Iterator[Complaint]:
    """What is in a queue waits there and nowhere else."""
    met: set[str] = set()
    for name, lane in account.lanes.items():
        for nth, job in enumerate(lane.queue):
            place = f"{path}.lanes.{name}.queue.{nth}"
            if job.state is not State.QUEUED or job.lane != name or job.id in parts or job.id in met:
                yield place, f"{job.id!r} does not wait here"
            yield from _of_what_settles(place, account, job)
            met.add(job.id)


def _of_jobs(path: str, account: Account, parts: set[str], ending: set[str]) -> Iterator[Complaint]:
    """What waits is in its queue, and what runs holds a slot and comes to an end."""
    waiting = {job.id for lane in account.lanes.values() for job in lane.queue}
    running: Counter[str] = Counter()
    for noun in NOUNS:
        things: Mapping[object, Job] = getattr(account, noun)
        for nth, job in enumerate(things.values()):
            if job.id in parts:
                continue
            if job.state is State.QUEUED and job.id not in waiting:
                yield f"{path}.{noun}.{nth}.state", "waits in no queue"
            if job.state is State.RUNNING:
                running[job.lane] += 1
                if _is_endless(job) is (job.id in ending):
                    yield f"{path}.{noun}.{nth}.state", "runs, and when it ends is not told rightly"
    for name, lane in account.lanes.items():
        if lane.running < running[name]:
            yield f"{path}.lanes.{name}.running", f"is {lane.running}, and {running[name]} jobs run"


def _of_endings(world: World, endings: Sequence[Ending]) -> Iterator[Complaint]:
    # A part ends with the whole.
    met = {
        id(part)
        for account in world.accounts.values()
        for execution in account.executions.values()
        for part in execution.outputs
    }
    running: Counter[tuple[str, str]] = Counter()
    before_ms = world.now_ms - 1
    for nth, (at_ms, jobs) in enumerate(endings):
        if at_ms <= before_ms:
            yield f"ending.{nth}.at_ms", "is past, or not in order"
        before_ms = at_ms
        for mth, (account, job) in enumerate(jobs):
            place = f"ending.{nth}.jobs.{mth}"
            if job.state is not State.RUNNING or _is_endless(job) or id(job) in met:
                yield place, f"{job.id!r} does not end then"
            elif at_ms != job.changed_ms + job.duration_ms:
                yield place, f"{job.id!r} ends at another time"
            met.add(id(job))
            running[account.user_id, job.lane] += 1
            if account.lanes[job.lane].running < running[account.user_id, job.lane]:
                yield place, f"{job.id!r} holds no slot"
            yield from _of_what_settles(place, account, job)


def _of_what_settles(path: str, account: Account, job: Job) -> Iterator[Complaint]:
    """What a job has shown before its end can be taken back then."""
    for one in (job, *job.parts()):
        if one.state is not job.state:
            yield path, f"a part of {job.id!r} is in another state"
        named = account.generations.get(one.id)
        if named is not None or getattr(one, "deleted", True):
            continue
        yield path, f"{one.id!r} has no name, and is not deleted"


def _is_endless(job: Job) -> bool:
    return job.fate is not None and job.fate.never
