"""Where the flow of a request meets the plan: before the call is carried out, and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.core.lifecycle import Fate
from mockleo.faults.fault import AccountFault, AnswerFault, JobFault
from mockleo.faults.jobs import JOB_OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mockleo.core.world import World
    from mockleo.faults.fault import Fault
    from mockleo.faults.plan import LogicalCall, Plan
    from mockleo.wire.contract import Contract
    from mockleo.wire.sending import Sending
    from mockleo.wire.site import Site
    from mockleo.wire.visit import Visit

# What calls beside the API go by.
UPLOAD, STORED, ASSET = "s3.post", "s3.get", "cdn.get"
# What in the scope of such a call names the faults that it has met.
MET = "mockleo.met"

EVENTS = (
    "image_generation.complete", "image_generation.failed",
    "video_generation.complete", "video_generation.failed",
    "post_processing.complete", "post_processing.completed",
)  # fmt: skip

# Answers after which a client may well send the same again.
_AGAIN = frozenset({408, 429})
_SERVER_ERROR = 500


class NotCarriedOut(Exception):
    """A fault answers in place of the service: nothing is checked, booked or changed."""


def names_by_place(contract: Contract) -> Mapping[str, tuple[str, ...]]:
    """What the calls are called that can meet a fault, by place."""
    return {
        "api": tuple(operation.id for operation in contract.operations),
        "job": JOB_OPERATIONS,
        "s3": (UPLOAD, STORED),
        "form": (UPLOAD,),
        "cdn": (ASSET,),
        "webhook": EVENTS,
    }


def meet(plan: Plan, site: Site, visit: Visit) -> None:
    """Let the call meet its faults, as far as they act before it is carried out."""
    account, key, operation = visit.account, visit.key, visit.operation
    assert account is not None, "the door comes first"
    assert key is not None, "the door comes first"
    assert operation is not None, "an earlier step finds the operation"
    visit.call = call = plan.open(
        operation.id, user_id=account.user_id, key_id=key.id, sent=visit.sent(), now_ms=site.world.now_ms
    )
    for fault in call.faults:
        if isinstance(fault, AccountFault):
            fault.strike(site, account, key)
        elif isinstance(fault, JobFault):
            site.world.fate = both(site.world.fate, fault.fate())
    if any(isinstance(fault, AnswerFault) and not fault.commit for fault in call.faults):
        raise NotCarriedOut


def examine(visit: Visit) -> None:
    """Let the faults look at the call's variables that want to."""
    for fault in visit.call.faults:
        if isinstance(fault, AccountFault):
            fault.examine(visit.args)


def touch(plan: Plan, call: LogicalCall, sending: Sending) -> Sending:
    """The answer as the call's faults let it out; it names each of them.

    A fault that found nothing to change was not met after all: the call has it no longer.
    """
    effective = []
    for fault in call.faults:
        if isinstance(fault, AnswerFault):
            before, sending = sending, fault.apply(sending, draw=plan.draw(fault, call))
            if sending is before:
                continue
        effective.append(fault)
    call.faults = tuple(effective)
    return msgspec.structs.replace(sending, why=why_of(call.faults, beside=sending.why))


def why_of(faults: Iterable[Fault], *, beside: str = "") -> str:
    """What `x-mockleo-why` says where these were met, `beside` what it says already."""
    reasons = [beside] if beside else []
    return "; ".join([*reasons, *(f"fault={fault.id}; {fault.kind}" for fault in faults)])


def owner_of(key: str, world: World) -> str:
    """The user id that an object key or an asset's path tells, if it is somebody's; else nothing."""
    folder, _, rest = key.partition("/")
    user_id = rest.partition("/")[0]
    return user_id if folder == "users" and user_id in world.accounts else ""


def has_failed(call: LogicalCall, sending: Sending, outcome: str) -> bool:
    """Whether the client has reason to send the same again, to try once more what it wanted."""
    if outcome != "answered" or sending.status >= _SERVER_ERROR or sending.status in _AGAIN:
        return True
    return any(isinstance(fault, AnswerFault) and fault.SPOILS for fault in call.faults)


def both(first: Fate | None, second: Fate) -> Fate:
    """Two fates of one job; where they differ, the second one counts."""
    if first is None:
        return second
    told = {
        field: getattr(second, field)
        for field in Fate.__struct_fields__
        if getattr(second, field) != getattr(_NONE, field)
    }
    return msgspec.structs.replace(first, **told)


_NONE = Fate()
