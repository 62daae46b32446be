"""Webhooks: what was to be delivered, every attempt, and sending the same once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from mockleo.control.listing import Order, awaited, chosen, number_in, numbered
from mockleo.control.operation import Limit, Nothing, Operation
from mockleo.control.refusals import Refused, missing
from mockleo.control.waiting import PATIENCE_MS, Count, Patience
from mockleo.record.lines import delivery_line
from mockleo.record.shapes import DeliveryLine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.control.operation import Ask
    from mockleo.record import Delivery, Record

State = Literal["pending", "delivered", "failed", "lost"]


class Filter(msgspec.Struct, forbid_unknown_fields=True):
    """Which deliveries. All that is said must hold.

    key, account, job   ids
    type                the event, such as image_generation.complete
    since               only those after number `since`
    """

    key: str | None = None
    account: str | None = None
    job: str | None = None
    type: str | None = None
    state: State | None = None
    since: Annotated[int, msgspec.Meta(ge=0)] = 0

    def matches(self, delivery: Delivery) -> bool:
        """Whether it is one of them."""
        wanted = (
            (self.key, delivery.key_id),
            (self.account, delivery.user_id),
            (self.job, delivery.job_id),
            (self.type, delivery.type),
            (self.state, delivery.state),
        )
        return delivery.n > self.since and all(want is None or want == has for want, has in wanted)

    def among(self, record: Record) -> Iterator[Delivery]:
        """Those of them that are kept, newest first."""
        return (delivery for delivery in reversed(record.deliveries) if self.matches(delivery))


class Listing(Filter):
    """Which deliveries, how many, and in which order."""

    limit: Limit = 100
    order: Order = "newest"


class Wait(Filter):
    """How many deliveries, and how long to wait for them, in real milliseconds."""

    count: Count = 1
    timeout_ms: Patience = PATIENCE_MS


class Webhooks(msgspec.Struct):
    """Deliveries, with every attempt."""

    webhooks: list[DeliveryLine]


class WebhookInFull(msgspec.Struct):
    """One delivery, and its body once more where it is JSON."""

    webhook: DeliveryLine
    json: Any


def show_all(ask: Ask[Listing]) -> Webhooks:
    return _told(chosen(ask.given.among(ask.app.record), ask.given))


def show(ask: Ask[Nothing]) -> WebhookInFull:
    delivery = _find(ask)
    try:
        decoded = msgspec.json.decode(delivery.body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        decoded = None
    return WebhookInFull(delivery_line(delivery), decoded)


def redeliver(ask: Ask[Nothing]) -> DeliveryLine:
    from mockleo.runtime.webhooks import Forgotten  # where there are webhooks, it is there

    delivery = _find(ask)
    try:
        again = ask.app.sender.redeliver(delivery)
    except Forgotten as error:
        raise Refused(409, f"n: {error}", field="n") from None
    return delivery_line(again)


async def wait_for(ask: Ask[Wait]) -> Webhooks:
    given, record = ask.given, ask.app.record
    return _told(await awaited(ask.app, given, lambda: given.among(record), what="such webhooks"))


def _find(ask: Ask[Nothing]) -> Delivery:
    delivery = numbered(ask.app.record.deliveries, number_in(ask))
    if delivery is None:
        raise missing("webhook of that number", field="n")
    return delivery


def _told(found: list[Delivery]) -> Webhooks:
    return Webhooks([delivery_line(delivery) for delivery in found])


OPERATIONS = (
    Operation(
        method="GET",
        path="/webhooks",
        summary="What was to be delivered, and every attempt",
        handle=show_all,
        takes=Listing,
        answer=Webhooks,
    ),
    Operation(
        method="POST",
        path="/webhooks/wait_for",
        summary="Wait until there are so many deliveries; 408 if there are not",
        handle=wait_for,
        takes=Wait,
        answer=Webhooks,
        waits=True,
    ),
    Operation(
        method="GET",
        path="/webhooks/{n}",
        summary="One delivery, with its body",
        handle=show,
        answer=WebhookInFull,
    ),
    Operation(
        method="POST",
        path="/webhooks/{n}/redeliver",
        summary="Send the same bytes once more",
        handle=redeliver,
        answer=DeliveryLine,
        status=201,
    ),
)
