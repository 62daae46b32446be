"""All that is tried with webhooks: both generations of the payload, each kind of job, each ending.

In process the emulator is told where to report to. Of others only the user can say it: on the
real service a webhook belongs to a key and is set in the web app, on a running emulator by
`--webhook`; he tells it here, too, as "PUBLIC_URL@PORT", the port on this machine that it leads to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.conformance.caller import Caller, shown
from mockleo.conformance.tally import Doubt, Finding, Omission
from mockleo.conformance.webhooks import promise
from mockleo.conformance.webhooks.judging import PART, Expected, Judge, job_id_of, payload_of
from mockleo.conformance.webhooks.orders import (
    IMAGE,
    KINDS,
    NOBG,
    UPSCALE,
    VIDEO,
    VIDEO_UPSCALE,
    Job,
    a_video,
    an_image,
    images_of,
    look,
    place,
)
from mockleo.conformance.webhooks.receiver import LOOPBACK, Address, Receiver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mockleo.conformance.door import Door, Opener
    from mockleo.conformance.parts import Plan
    from mockleo.conformance.tally import Tally
    from mockleo.conformance.webhooks.orders import Kind

# The path that the emulator reports to: a query is part of an address.
PATH = "/leonardo/hook?tenant=1"

STEP_MS = 2_000
STEPS_MOST = 120
# So long a webhook may be behind its job; and so long one is waited for that should not come.
GRACE_MS = 10_000
GRACE_FOR_NOTHING_MS = 600_000


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """One emulator and how it reports: the payload's generation, the name of post processing's event,
    and whether the key has a webhook key.
    """

    generation: str
    post_processing: str
    has_key: bool


STAGES = (
    Stage(generation="2026", post_processing="post_processing.complete", has_key=True),
    Stage(generation="2026", post_processing="post_processing.completed", has_key=False),
    Stage(generation="legacy2023", post_processing="post_processing.complete", has_key=True),
    Stage(generation="legacy2023", post_processing="post_processing.completed", has_key=False),
)


def run(plan: Plan, opener: Opener, tally: Tally, progress: Callable[[str], None]) -> None:
    """Judge what is reported of jobs that have ended."""
    if plan.operations and plan.operations.isdisjoint(kind.order for kind in KINDS):
        _omit(tally, "none of the operations that were asked for is reported by a webhook")
        return
    door = opener.open(seed=plan.seed)
    try:
        if "spend" not in door.abilities:
            _omit(tally, "a webhook tells of a job, and jobs cost credits; --spend allows them")
        elif "fresh-account" in door.abilities:
            _in_process(plan, opener, tally, progress)
        elif plan.receiver is not None:
            progress("a job at your receiver")
            _at_the_users(plan, door, Address.of(plan.receiver), tally)
        else:
            why = (
                "the service must be able to reach us: set the webhook of your key to an address that leads"
                " to a port of this machine, and name both with --receiver PUBLIC_URL@PORT"
            )
            _omit(tally, why)
    finally:
        door.close()


def _omit(tally: Tally, why: str) -> None:
    tally.omit(Omission(part=PART, what="webhooks", why=why))


# --- in process -------------------------------------------------------------------------------


def _in_process(plan: Plan, opener: Opener, tally: Tally, progress: Callable[[str], None]) -> None:
    seen: set[str] = set()
    for stage in STAGES:
        progress(f"payloads of {stage.generation}, {stage.post_processing}")
        with Receiver() as receiver:
            # A canary: whatever shows it shows a secret.
            bearer = f"webhook-key-of-seed-{plan.seed}" if stage.has_key else None
            door = opener.fresh(seed=plan.seed, settings=_settings(stage, f"{receiver.url}{PATH}", bearer))
            try:
                caller = Caller(door, tally)
                expected = Expected(generation=stage.generation, bearer=bearer, path=PATH)
                judge = Judge(plan, caller, expected)
                judge.judge(_all_kinds(plan, caller, receiver), receiver.came)
                seen |= judge.seen
            finally:
                door.close()
    for event in promise.events():
        tally.checked(PART, "every-event-seen")
        if event.name not in seen:
            why = f"no job was reported as {event.name}, which the contract lists"
            tally.doubt(Doubt(part=PART, check=f"every-event-seen: {event.name}", why=why))


def _settings(stage: Stage, url: str, bearer: str | None) -> Mapping[str, object]:
    """The emulator's, for one stage: of each kind the second job fails."""
    settings: dict[str, object] = {
        "credits": 1_000_000_000,
        "webhook": url,
        "rules": {
            # In quotes, as in TOML: it would be a number without.
            "webhooks.payload": f'"{stage.generation}"',
            "webhooks.post_processing_type": stage.post_processing,
        },
        "faults": tuple(
            {"fault": "job-fails", "operations": [kind.order], "nth": [2]}
            for kind in KINDS
            if kind is not NOBG
        ),
    }
    if bearer is not None:
        settings["webhook_key"] = bearer
    return settings


def _all_kinds(plan: Plan, caller: Caller, receiver: Receiver) -> list[Job]:
    """Order each kind of job, those first that others are made from, and wait for their ends."""
    first = _placed(
        plan,
        caller,
        ((IMAGE, an_image(2)), (IMAGE, an_image()), (VIDEO, a_video()), (VIDEO, a_video())),
    )
    _wait(caller, receiver, first)
    images = [each for job in first if job.kind is IMAGE for each in images_of(job)]
    videos = [job.id for job in first if job.kind is VIDEO and job.status == "COMPLETE"]
    orders: list[tuple[Kind, Mapping[str, object]]] = []
    if images:
        orders += [(UPSCALE, {"id": images[0]})] * 2 + [(NOBG, {"id": images[-1]})]
    if videos:
        larger = {"sourceGenerationId": videos[0], "resolution": "RESOLUTION_720"}
        orders += [(VIDEO_UPSCALE, larger)] * 2
    second = _placed(plan, caller, orders)
    _wait(caller, receiver, second)
    caller.door.wait(GRACE_FOR_NOTHING_MS)
    return first + second


# --- at the user's own receiver ---------------------------------------------------------------


def _at_the_users(plan: Plan, door: Door, address: Address, tally: Tally) -> None:
    """An image and what is made of it: the cheapest jobs that are reported, since they are paid for."""
    try:
        receiver = Receiver(port=address.port)
    except OSError as error:
        why = f"nobody can listen on port {address.port} of {LOOPBACK}: {error}"
        tally.doubt(Doubt(part=PART, check="webhook-sent", why=why))
        return
    with receiver:
        caller = Caller(door, tally)
        judge = Judge(plan, caller, Expected(generation=None, bearer=None, path=None))
        jobs = _placed(plan, caller, ((IMAGE, an_image()),))
        _wait(caller, receiver, jobs)
        images = [each for job in jobs for each in images_of(job)]
        if images:
            further = _placed(plan, caller, ((NOBG, {"id": images[0]}),))
            _wait(caller, receiver, further)
            jobs += further
        _wait_for_all(caller, receiver, jobs)
        judge.judge(jobs, receiver.came)
        tally.notes["webhooks: events that were received"] = sorted(judge.seen)
        tally.notes["webhooks: received at"] = address.url


def _wait_for_all(caller: Caller, receiver: Receiver, jobs: list[Job]) -> None:
    """Give what is still under way its time; a service may be in no hurry."""
    for _ in range(STEPS_MOST // 4):
        reported = {job_id_of(payload_of(delivery)) for delivery in receiver.came}
        if all(job.id in reported for job in jobs):
            break
        caller.door.wait(STEP_MS)
    caller.door.wait(GRACE_MS)


# --- both -------------------------------------------------------------------------------------


def _placed(plan: Plan, caller: Caller, orders: Iterable[tuple[Kind, Mapping[str, object]]]) -> list[Job]:
    placed = []
    for kind, body in orders:
        job = place(caller, kind, body)
        caller.tally.checked(PART, "job-accepted", kind.order)
        if isinstance(job, Job):
            placed.append(job)
            continue
        caller.tally.found(
            Finding(
                part=PART,
                check="job-accepted",
                operation=kind.order,
                message=f"The order of a {kind.name}, as the contract has it, is not accepted.",
                expected="200 and the id of the job (documented: the OpenAPI document)",
                fix=f"look at what {kind.order} wants",
                curl=caller.curl(job.request),
                seen=shown(job.answer),
                replay=f"mockleo contract --only {PART} --seed {plan.seed}",
            )
        )
    return placed


def _wait(caller: Caller, receiver: Receiver, jobs: list[Job]) -> None:
    """Wait until all have ended, and look whether one is reported before."""
    # At first almost nothing: what is reported as soon as it is ordered is seen then.
    caller.door.wait(1)
    for _ in range(STEPS_MOST):
        reported = {job_id_of(payload_of(delivery)) for delivery in receiver.came}
        for job in jobs:
            if not job.ended:
                look(caller, job)
                job.early = job.early or (job.id in reported and not job.ended)
        if all(job.ended for job in jobs):
            break
        caller.door.wait(STEP_MS)
    caller.door.wait(GRACE_MS)
    reported = {job_id_of(payload_of(delivery)) for delivery in receiver.came}
    for job in jobs:
        job.late = job.ended and job.id not in reported
        if not job.ended:
            why = f"a {job.kind.name} has not ended after {STEPS_MOST * STEP_MS // 1_000} seconds"
            caller.tally.doubt(Doubt(part=PART, check="webhook-sent", operation=job.kind.order, why=why))
