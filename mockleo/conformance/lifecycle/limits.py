"""Accounts with few credits and small limits: who has nothing gets nothing, and who waits gets in.

Each account here is a fresh one, so each check knows how much there is.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING

from mockleo import contracts
from mockleo.conformance.lifecycle import acts, lists, money, orders
from mockleo.conformance.lifecycle.known import GENERATION, PENDING
from mockleo.conformance.lifecycle.visit import GivenUp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockleo.conformance.lifecycle.client import Reply
    from mockleo.conformance.lifecycle.orders import Order
    from mockleo.conformance.lifecycle.visit import Visit

    # A walk on a fresh account with these settings; it is closed by `Visit.client.door.close`.
    Fresh = Callable[[Mapping[str, object]], Visit]

# Read once: they are looked up for every refusal.
_errors = lru_cache(contracts.errors)

PLAN = "credits"
_MINUTE_MS = 60_000
_TOO_MANY = 429
_MANY = 1_000_000


def check_all(fresh: Fresh, *, seed: int) -> None:
    """Everything about credits and limits; `seed` varies how small they are."""
    prices = _prices(fresh)
    for name, price in prices.items():
        _to_the_last_credit(fresh, name, price)
    _until_it_is_gone(fresh, prices, credits=100 + seed % 97)
    _calls_a_minute(fresh, limit=5 + seed % 7)
    _orders_a_minute(fresh, limit=2 + seed % 4)
    _full_queue(fresh, slots=1 + seed % 2, places=1 + seed % 3)
    _one_after_the_other(fresh)
    _longest_page(fresh)
    _in_dollars(fresh)


def _orders(visit: Visit) -> dict[str, Order]:
    """Orders that need nothing but credits, by operation."""
    wanted = (
        orders.image(prompt=f"cheap {visit.number()}", width=256, height=256),
        orders.video(prompt=f"a clip {visit.number()}", model="MOTION2FAST", resolution="RESOLUTION_480"),
    )
    return {one.operation: one for one in wanted}


def _with(visit: Visit, act: Callable[[], object]) -> None:
    try:
        money.begin(visit)
        act()
    except GivenUp:
        # Why has been noted; the next account may fare better.
        return
    finally:
        visit.client.door.close()


def _prices(fresh: Fresh) -> dict[str, int]:
    """What those orders cost, as a rich account is told."""
    visit = fresh({"credits": _MANY})
    prices: dict[str, int] = {}

    def order_all() -> None:
        for name, wanted in _orders(visit).items():
            job = acts.order(visit, wanted)
            if job is not None:
                prices[name] = job.credits

    _with(visit, order_all)
    return prices


def _to_the_last_credit(fresh: Fresh, name: str, price: int) -> None:
    """The exact price is enough, once; one credit less is not."""
    for credits in (price, price - 1):
        visit = fresh({"credits": credits})
        _with(visit, partial(_pay_twice, visit, name, price))


def _pay_twice(visit: Visit, name: str, price: int) -> None:
    for _ in range(2):
        _pay(visit, _orders(visit)[name], price)


def _until_it_is_gone(fresh: Fresh, prices: Mapping[str, int], *, credits: int) -> None:
    """Order in turn until nothing can be paid any more."""
    visit = fresh({"credits": credits})
    most = credits // max(1, min(prices.values(), default=1)) + 2

    def order_in_turn() -> None:
        for nth in range(min(most, 30)):
            name = sorted(prices)[nth % len(prices)]
            _pay(visit, _orders(visit)[name], prices[name])

    if prices:
        _with(visit, order_in_turn)


def _pay(visit: Visit, wanted: Order, price: int) -> None:
    """Order what costs `price`: the balance says whether that can be had."""
    balance = visit.known.balance
    reply = visit.client.call(wanted.operation, body=wanted.body)
    told = f"an order of {price} credits with {balance} on the account is answered with {reply.beginning}"
    if balance >= price:
        if visit.hold("affordable-is-accepted", reply.status == 200, told, reply=reply):
            money.booked(visit, reply, shape=wanted.shape)
        return
    good = is_out_of_credits(reply, visit.known.user_id)
    if not visit.hold("out-of-credits-is-refused", good, told, reply=reply) and reply.status == 200:
        visit.known.balance = money.read_balance(visit)
        return
    visit.known.causes.append("refusal")
    money.agree(visit, operation=wanted.operation)
    found = lists.page(visit, GENERATION, visit.known.user_id, limit=1, offset=visit.counter)
    visit.hold(
        "refusal-costs-nothing", not found, "a refused order is on the list", operation=wanted.operation
    )


def is_out_of_credits(reply: Reply, user_id: str) -> bool:
    """Whether an answer is the refusal that is known. Source: contracts/errors.toml."""
    row = _errors()["out-of-credits"]
    data = reply.data if isinstance(reply.data, dict) else {}
    text = row["error"].format(user_id=user_id)
    return bool(
        reply.status == row["status"] and data.get("error") == text and data.get("code") == row["code"]
    )


def _rules(**numbers: int) -> dict[str, object]:
    """Rows of the plan, with dots for double underscores."""
    return {f"plans.{PLAN}.{name.replace('__', '.')}": str(value) for name, value in numbers.items()}


def _settings(**numbers: int) -> Mapping[str, object]:
    return {"plan": PLAN, "credits": _MANY, "rules": _rules(**numbers)}


def _count_in(visit: Visit, limit: int, call: Callable[[], Reply], *, after: str = "") -> None:
    """`limit` calls are let in, and no more until a minute is over."""
    check = "let-in-after-a-minute" if after else "let-in-up-to-the-limit"
    for nth in range(1, limit + 1):
        reply = call()
        message = (
            f"call {nth} of {limit} that a minute has room for{after} is answered with {reply.beginning}"
        )
        if not visit.hold(check, reply.status != _TOO_MANY, message, reply=reply):
            return
    reply = call()
    message = f"{limit} calls a minute are allowed; call {limit + 1} is answered with {reply.beginning}"
    visit.hold("refused-beyond-the-limit", is_too_many(reply), message, reply=reply)


def is_too_many(reply: Reply) -> bool:
    error = reply.data.get("error") if isinstance(reply.data, dict) else None
    return reply.status == _TOO_MANY and isinstance(error, str)


def _calls_a_minute(fresh: Fresh, *, limit: int) -> None:
    """The limit of all calls together. Reading the account to begin with counts as well."""
    visit = fresh(_settings(per_minute__all=limit))

    def try_it() -> None:
        visit.client.patient = False
        visit.client.wait(_MINUTE_MS)
        for after in ("", " after a minute's wait", " after a minute's wait"):
            _count_in(visit, limit, lambda: visit.client.call("getUserSelf"), after=after)
            visit.client.wait(_MINUTE_MS)

    _with(visit, try_it)


def _orders_a_minute(fresh: Fresh, *, limit: int) -> None:
    """The limit of one operation: it costs nothing to meet it, and stops no other."""
    visit = fresh(_settings(per_minute__createGeneration=limit))

    def order() -> Reply:
        wanted = next(iter(_orders(visit).values()))
        reply = visit.client.call(wanted.operation, body=wanted.body)
        if reply.status == 200:
            money.booked(visit, reply, shape=wanted.shape)
        else:
            visit.known.causes.append("refusal")
            money.agree(visit, operation=wanted.operation)
        return reply

    def try_it() -> None:
        visit.client.patient = False
        visit.client.wait(_MINUTE_MS)
        for after in ("", " after a minute's wait"):
            _count_in(visit, limit, order, after=after)
            for other in ("getUserSelf", "listPlatformModels"):
                reply = visit.client.call(other)
                message = f"after too many orders {other} is answered with {reply.beginning}"
                visit.hold("limit-is-for-one-operation", reply.status == 200, message, reply=reply)
            visit.client.wait(_MINUTE_MS)

    _with(visit, try_it)


def _full_queue(fresh: Fresh, *, slots: int, places: int) -> None:
    """So many run, so many wait, and the next is refused, until one has ended."""
    visit = fresh(_settings(slots__image=slots, pending__image=places))

    def order() -> Reply:
        wanted = next(iter(_orders(visit).values()))
        reply = visit.client.call(wanted.operation, body=wanted.body)
        if reply.status == 200:
            money.booked(visit, reply, shape=wanted.shape)
        return reply

    def try_it() -> None:
        visit.client.patient = False
        for nth in range(1, slots + places + 1):
            reply = order()
            message = (
                f"order {nth} is answered with {reply.beginning}; {slots} slots and {places} places were free"
            )
            visit.hold("queue-takes-so-many", reply.status == 200, message, reply=reply)
        reply = order()
        known = _errors()["queue-full"]
        message = (
            f"with {slots} jobs running and {places} waiting an order is answered with {reply.beginning}"
        )
        good = reply.status == known["status"]
        visit.hold("queue-full-is-refused", good, message, reply=reply)
        if reply.status != 200:
            visit.known.causes.append("refusal")
            money.agree(visit, operation=reply.operation)
        visit.client.wait(orders.slowest_ms("image_by_family"))
        reply = order()
        message = f"a job has ended, and the next order is answered with {reply.beginning}"
        visit.hold("queue-moves-up", reply.status == 200, message, reply=reply)

    _with(visit, try_it)


def _one_after_the_other(fresh: Fresh) -> None:
    """With one slot, of jobs that take seconds no two end within half a second."""
    visit = fresh(_settings(slots__image=1))

    def try_it() -> None:
        jobs = [acts.order(visit, next(iter(_orders(visit).values()))) for _ in range(3)]
        waiting = [job for job in jobs if job is not None]
        most = sum(job.base_ms for job in waiting) // 500 + 2
        for _ in range(most):
            before = [job for job in waiting if job.status == PENDING and not job.unclear]
            if not before:
                return
            acts.wait(visit, 500)
            ended = [job for job in before if job.status != PENDING]
            message = f"{len(ended)} of {len(waiting)} jobs ended in the same half second, with one slot"
            visit.hold("one-after-the-other", len(ended) <= 1, message, operation="createGeneration")
        left = [job for job in waiting if job.status == PENDING and not job.unclear]
        message = f"{len(left)} of {len(waiting)} jobs with one slot never ended"
        visit.hold("queue-moves-up", not left, message, operation="createGeneration")

    _with(visit, try_it)


def _longest_page(fresh: Fresh) -> None:
    """However many entries are asked for, a page has no more than the service gives."""
    most = int(contracts.rules()["page"]["limit"]["max"])
    visit = fresh(_settings(per_minute__createGeneration=_MANY, pending__image=_MANY))

    def try_it() -> None:
        for _ in range(most + 1):
            reply = visit.client.call("createGeneration", body=next(iter(_orders(visit).values())).body)
            if not visit.hold("order-is-accepted", reply.status == 200, reply.beginning, reply=reply):
                return
        asked = {"limit": 10 * most}
        reply = visit.client.call("getGenerationsByUserId", at=visit.known.user_id, query=asked)
        rows = visit.need(reply, reply.told, list, "the list is no list")
        message = f"{10 * most} entries were asked for, and {len(rows)} came"
        visit.hold("page-has-a-most", len(rows) <= most, message, reply=reply)

    _with(visit, try_it)


def _in_dollars(fresh: Fresh) -> None:
    """An account that pays in dollars is told what its credits are worth."""
    visit = fresh({"credits": _MANY, "plan": "payg"})

    def try_it() -> None:
        for wanted in _orders(visit).values():
            acts.order(visit, wanted)

    _with(visit, try_it)
