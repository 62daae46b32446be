"""What can be done on a walk: order, wait, look, list, delete, ask for what is not there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mockleo.conformance.lifecycle import lists, looks, money, orders
from mockleo.conformance.lifecycle.known import (
    COMPLETE,
    GENERATION,
    NOUNS,
    VARIATION,
    Job,
    Thing,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockleo.conformance.lifecycle.client import Reply
    from mockleo.conformance.lifecycle.known import Noun
    from mockleo.conformance.lifecycle.orders import Order
    from mockleo.conformance.lifecycle.visit import Visit

# The side from which on a realtime picture is a large one; what is between is told by nobody.
_LARGE = 768
# Jobs are given several times as long as they take, and this on top.
_PATIENCE = 3
_PATIENCE_MS = 30_000
# How often a client asks that cannot let time fly. Source: the vendor's examples wait some seconds.
_POLL_MS = 4_000
_UNKNOWN = "00000000-0000-4000-8000-00000000beef"
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_UNKNOWN_NUMBER = 1_999_999_999


def order(visit: Visit, wanted: Order, *, may_be_refused: bool = False) -> Job | None:
    """Order a job, and see what it has cost and how it is told. None where it was refused."""
    reply = visit.client.call(wanted.operation, body=wanted.body)
    if may_be_refused and 400 <= reply.status < 500:
        visit.known.causes.append("refusal")
        money.agree(visit, operation=wanted.operation)
        return None
    told = reply.told
    job_id = told.get(wanted.id_at) if isinstance(told, dict) else None
    good = reply.status == 200 and isinstance(job_id, str | int)
    message = f"the order {brief(wanted.body)} is answered with {reply.beginning}"
    if not visit.hold("order-is-accepted", good, message, reply=reply) or not isinstance(job_id, str | int):
        _taken_anyway(visit, reply)
        return None
    unique(visit, job_id, reply)
    ahead = sum(one.base_ms for one in visit.known.ahead(wanted.lane))
    job = Job(
        noun=wanted.noun,
        id=job_id,
        owner=str(wanted.body.get("modelAssetId", visit.known.user_id)),
        operation=wanted.operation,
        lane=wanted.lane,
        asked=wanted.asked,
        base_ms=wanted.base_ms,
        due_ms=visit.client.now_ms + _PATIENCE * wanted.base_ms + ahead + _PATIENCE_MS,
        told_back=wanted.told_back,
        size=wanted.size,
        parent=wanted.parent,
        elements=wanted.elements,
        hopeless=wanted.hopeless,
    )
    visit.known.things.append(job)
    job.credits = money.booked(visit, reply, shape=wanted.shape, service=wanted.service, price=wanted.price)
    looks.look(visit, job)
    return job


def unique(visit: Visit, thing_id: str | int, reply: Reply) -> None:
    """No other thing has this id, be it of another kind."""
    taken = any(one.id == thing_id for one in visit.known.things)
    visit.hold("ids-are-unique", not taken, f"the id {thing_id} was given before", reply=reply)


def brief(body: Mapping[str, Any]) -> str:
    """An order in a few words: what is long is cut."""
    return str({key: _cut(value) for key, value in body.items()})


def _cut(value: object) -> object:
    return f"{value[:24]}..." if isinstance(value, str) and len(value) > 40 else value


def order_wrongly(visit: Visit, what: str) -> None:
    operation, body = orders.WRONG[what]
    refused(visit, operation, body, what=what)


def refused(
    visit: Visit, operation: str, body: Mapping[str, Any], *, what: str, check: str = "wrong-order-is-refused"
) -> None:
    """Send what must be refused: it costs nothing, and leaves nothing behind."""
    reply = visit.client.call(operation, body=body)
    error = isinstance(reply.data, dict) and isinstance(reply.data.get("error"), str)
    good = reply.status >= 400 and error
    visit.hold(check, good, f"{what} is answered with {reply.beginning}", reply=reply)
    if not good:
        _taken_anyway(visit, reply)
        return
    visit.known.causes.append("refusal")
    money.agree(visit, operation=operation)


def _taken_anyway(visit: Visit, reply: Reply) -> None:
    """After an answer that is neither: it may have booked something, which is on lists then."""
    visit.known.unwanted.update(_UUID.findall(reply.answer.body.decode("utf-8", "replace")))
    visit.known.balance = money.read_balance(visit)
    visit.known.causes.clear()


def realtime(visit: Visit, *, operation: str, side: int, seed: int) -> None:
    """Order a picture that is in the answer."""
    body = orders.realtime(operation=operation, prompt=f"sketch {visit.number()}", side=side, seed=seed)
    reply = visit.client.call(operation, body=body)
    told = reply.told
    pictures = told.get("imageDataUrl") if isinstance(told, dict) else None
    good = isinstance(pictures, list) and len(pictures) == 1 and str(pictures[0]).startswith("data:image/")
    message = f"one picture was ordered of {operation}, and {reply.beginning} is the answer"
    if not visit.hold("order-is-accepted", good, message, reply=reply):
        _taken_anyway(visit, reply)
        return
    sent, echoed = body["requestTimestamp"], told.get("requestTimestamp")
    message = f"requestTimestamp was sent as {sent!r}, and comes back as {echoed!r}"
    visit.hold("told-back-as-ordered", echoed == sent, message, reply=reply)
    keeps = operation == orders.KEEPS_ITS_PICTURE
    service: dict[str, Any] = {"refine": True} if keeps else {"width": side, "height": side}
    shape = () if keeps else (side,)
    price = orders.published(
        "realtime_upscale" if keeps else "realtime_large" if side > _LARGE else "realtime"
    )
    credits = money.booked(visit, reply, shape=shape, service={"LCM_GENERATION": service}, price=price)
    if keeps:
        _kept(visit, reply, credits)


def have_prompt(visit: Visit, *, improve: bool) -> None:
    """Let a prompt be made up, or be made better."""
    operation = "promptImprove" if improve else "promptRandom"
    body = {"prompt": f"a hill {visit.number()}"} if improve else {}
    reply = visit.client.call(operation, body=body)
    told = reply.told
    good = isinstance(told, dict) and isinstance(told.get("prompt"), str) and bool(told["prompt"])
    message = f"{operation} is answered with {reply.beginning}"
    if visit.hold("order-is-accepted", good, message, reply=reply):
        money.booked(visit, reply, shape=(), price=orders.published("prompt"))
    else:
        _taken_anyway(visit, reply)


def _kept(visit: Visit, reply: Reply, credits: int) -> None:
    """What an enlarged picture leaves behind: a generation of one image, and a variation of it."""
    names = reply.told.get("generationId"), reply.told.get("variationId")
    for noun, given in zip((GENERATION, VARIATION), names, strict=True):
        ids = visit.need(reply, given, list, f"no list of ids of the {noun.name}")
        visit.shape(reply, len(ids) == 1 and isinstance(ids[0], str), f"not one id of the {noun.name}")
        unique(visit, ids[0], reply)
        job = Job(
            noun=noun,
            id=ids[0],
            owner=visit.known.user_id,
            operation=reply.operation,
            lane="image",
            asked=1,
            base_ms=orders.slowest_ms("variation"),
            due_ms=visit.client.now_ms + orders.slowest_ms("variation"),
            parent=str(reply.told.get("generatedImageId", "")) if noun is VARIATION else "",
            # The price was paid for both together.
            credits=credits if noun is GENERATION else 0,
        )
        visit.known.things.append(job)
        looks.look(visit, job)


def wait(visit: Visit, ms: int) -> None:
    """Let time pass, and see what has become of what was under way."""
    visit.client.wait(ms)
    pending = visit.known.pending
    for job in pending:
        looks.look(visit, job)
    if any(job.has_ended for job in pending):
        money.agree(visit)


def wait_for(visit: Visit, *jobs: Job | None) -> None:
    """Wait until `jobs` have ended, or must have."""
    until_ms = max((job.due_ms for job in jobs if job is not None), default=0)
    while any(job in visit.known.pending for job in jobs):
        left_ms = max(until_ms - visit.client.now_ms, 0)
        step_ms = max(_POLL_MS, left_ms // _PATIENCE + 1) if visit.fast else _POLL_MS
        wait(visit, min(step_ms, left_ms + 1))
        if left_ms == 0:
            return


def wait_for_all(visit: Visit) -> None:
    wait_for(visit, *visit.known.pending)


def look_at_all(visit: Visit) -> None:
    """Everything is as it was told, or further on; what is deleted is not there."""
    for thing in visit.known.things:
        if thing.deleted:
            look_for_deleted(visit, thing)
        else:
            looks.look(visit, thing)
    money.agree(visit)


def look_for_deleted(visit: Visit, thing: Thing) -> None:
    reply = visit.client.call(thing.noun.show, at=thing.id)
    message = f"the {thing.noun.name} {thing.id} was deleted, and reading it gives {reply.beginning}"
    visit.hold("deleted-stays-gone", is_nothing(reply), message, reply=reply)


def is_nothing(reply: Reply) -> bool:
    """Whether an answer says that there is no such thing: null, or an empty list."""
    return reply.is_given and reply.told in (None, [])


def page_through(visit: Visit, limit: int) -> None:
    """Read every list in pages of `limit`."""
    for noun, owner in lists.lists_of(visit):
        lists.agree(visit, noun, owner, limit=limit)


def read_page(visit: Visit, *, limit: int | None, offset: int | None) -> None:
    """Read one part of the list of generations: it is that part of the whole."""
    lists.page(visit, GENERATION, visit.known.user_id, limit=limit, offset=offset)


def delete(visit: Visit, thing: Thing) -> None:
    """Delete something; whatever follows from it is gone, too, and costs nothing."""
    reply = visit.client.call(thing.noun.delete, at=thing.id)
    told = reply.told.get("id") if isinstance(reply.told, dict) else None
    message = f"deleting the {thing.noun.name} {thing.id} is answered with {reply.beginning}"
    visit.hold("delete-tells-the-id", told == thing.id, message, reply=reply)
    thing.deleted = True
    if isinstance(thing, Job) and not thing.has_ended:
        visit.known.uncertain += thing.credits
    look_for_deleted(visit, thing)
    visit.known.causes.append("delete")
    money.agree(visit, operation=thing.noun.delete)


def delete_again(visit: Visit, thing: Thing) -> None:
    reply = visit.client.call(thing.noun.delete, at=thing.id)
    message = f"the {thing.noun.name} {thing.id} was deleted before; deleting it now gives {reply.beginning}"
    visit.hold("second-delete-finds-nothing", is_nothing(reply), message, reply=reply)
    look_for_deleted(visit, thing)


def use_deleted(visit: Visit, job: Job) -> None:
    """An image whose generation is deleted is no input."""
    image_id = job.results[0]
    body = {"prompt": "x", "init_generation_image_id": image_id, "init_strength": 0.5}
    what = f"an order with the image {image_id}, whose generation is deleted,"
    refused(visit, "createGeneration", body, what=what, check="deleted-is-no-input")


def ask_for_unknown(visit: Visit, noun: Noun) -> None:
    """An id that nothing has."""
    unknown: object = _UNKNOWN_NUMBER if noun.show == "getElementById" else _UNKNOWN
    for operation in (noun.show, noun.delete, noun.list):
        if operation:
            # Lists are of an owner, whose id is no number.
            asked = _UNKNOWN if operation == noun.list else unknown
            reply = visit.client.call(operation, at=asked)
            message = f"nothing has the id {asked}, and {operation} answers {reply.beginning}"
            visit.hold("unknown-id-tells-nothing", is_nothing(reply), message, reply=reply)


def let_stranger_try(visit: Visit, thing: Thing) -> None:
    """Another account finds nothing of this one's, and can do nothing to it."""
    client, key = visit.client, visit.stranger
    reply = client.call(thing.noun.show, at=thing.id, api_key=key)
    message = f"another account reads the {thing.noun.name} {thing.id}: {reply.beginning}"
    visit.hold("strangers-see-nothing", is_nothing(reply), message, reply=reply)
    if thing.noun.list:
        reply = client.call(thing.noun.list, at=thing.owner, api_key=key)
        message = f"another account reads this one's list: {reply.beginning}"
        visit.hold("strangers-see-nothing", is_nothing(reply), message, reply=reply)
    if isinstance(thing, Job) and thing.noun is GENERATION and thing.status == COMPLETE and thing.results:
        image = thing.results[0]
        for operation, body in (
            ("createGeneration", {"prompt": "x", "init_generation_image_id": image, "init_strength": 0.5}),
            ("createVariationUpscale", {"id": image}),
            ("createVariationNoBG", {"id": image}),
        ):
            reply = client.call(operation, body=body, api_key=key)
            message = f"another account orders with the image {image}: {reply.beginning}"
            visit.hold("strangers-use-nothing", reply.status >= 400, message, reply=reply)
    if thing.noun.delete:
        reply = client.call(thing.noun.delete, at=thing.id, api_key=key)
        message = f"another account deletes the {thing.noun.name} {thing.id}: {reply.beginning}"
        visit.hold("strangers-delete-nothing", is_nothing(reply), message, reply=reply)
        still = client.call(thing.noun.show, at=thing.id)
        message = (
            f"after another account's DELETE the {thing.noun.name} {thing.id} is gone: {still.beginning}"
        )
        visit.hold(
            "strangers-delete-nothing",
            not is_nothing(still),
            message,
            operation=thing.noun.delete,
            reply=still,
        )


def tidy(visit: Visit) -> None:
    """Delete what this walk has made and can be deleted, where others look at the account, too."""
    for thing in reversed(visit.known.things):
        if not thing.deleted and thing.noun.delete:
            visit.client.call(thing.noun.delete, at=thing.id)


def noun_named(name: str) -> Noun:
    return next(noun for noun in NOUNS if noun.name == name)
