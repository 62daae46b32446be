"""What orders cost, and that the balance agrees."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mockleo import contracts
from mockleo.conformance.lifecycle import looks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockleo.conformance.lifecycle.client import Reply
    from mockleo.conformance.lifecycle.visit import Visit

# What has happened -> the check that a wrong balance then belongs to; the first that has counts.
_CHECKS = (
    ("order", "me-agrees-with-costs"),
    ("failed", "failed-is-refunded"),
    ("refusal", "refusal-costs-nothing"),
    ("delete", "delete-costs-nothing"),
)
_CALCULATOR = "pricingCalculator"


def begin(visit: Visit) -> None:
    """Read who this is and what he has."""
    reply = visit.client.call("getUserSelf")
    row = _row(visit, reply)
    user = visit.need(reply, row.get("user"), dict, "`user` is no object")
    visit.known.user_id = visit.need(reply, user.get("id"), str, "`user.id` is no text")
    visit.known.balance = _balance(visit, reply, row)


def read_balance(visit: Visit) -> int:
    """The credits that pay for calls."""
    reply = visit.client.call("getUserSelf")
    return _balance(visit, reply, _row(visit, reply))


def _row(visit: Visit, reply: Reply) -> dict[str, Any]:
    rows = visit.need(reply, reply.told, list, "`user_details` is no list")
    visit.shape(
        reply, len(rows) == 1 and isinstance(rows[0], dict), "`user_details` has not exactly one account"
    )
    row: dict[str, Any] = rows[0]
    return row


def _balance(visit: Visit, reply: Reply, row: Mapping[str, Any]) -> int:
    counters = [row.get(name) for name in ("apiPaidTokens", "apiSubscriptionTokens")]
    given = [one for one in counters if isinstance(one, int)]
    visit.shape(reply, bool(given), "no balance is told: `apiPaidTokens` and `apiSubscriptionTokens`")
    balance = sum(given)
    visit.hold("balance-is-never-negative", balance >= 0, f"the balance is {balance}", reply=reply)
    return balance


def booked(
    visit: Visit,
    reply: Reply,
    *,
    shape: tuple[object, ...],
    service: Mapping[str, Any] | None = None,
    price: int | None = None,
) -> int:
    """Note what an accepted order has cost, in credits, and see whether the balance agrees.

    Orders of one `shape` have one price. `service` is the same order for the calculator, `price`
    what is published for it.
    """
    credits = _told_cost(visit, reply)
    known = visit.known
    if credits is None:
        # Told in dollars: how many credits that were, the balance alone can say.
        credits = known.balance - read_balance(visit)
        _dollars(visit, reply, credits)
    known.balance -= credits
    known.causes.append("order")
    agree(visit, operation=reply.operation)
    before = known.prices.setdefault((reply.operation, *shape), credits)
    message = f"the same order cost {before} credits first, and {credits} now"
    visit.hold("equal-orders-cost-equal", before == credits, message, reply=reply)
    if price is not None and visit.fast:
        message = f"the published price is {price} credits, {credits} were charged"
        visit.hold("price-as-published", credits == price, message, reply=reply)
    if service is not None:
        _calculated(visit, reply, credits, service)
    return credits


def _told_cost(visit: Visit, reply: Reply) -> int | None:
    """The credits that an answer tells; None where it tells dollars."""
    told = reply.told
    cost = told.get("cost")
    credits = told.get("apiCreditCost")
    amount = _amount(cost.get("amount")) if isinstance(cost, dict) else None
    unit = cost.get("unit") if isinstance(cost, dict) else None
    good = amount is not None and amount >= 0 and unit in {"CREDITS", "DOLLARS"}
    message = f"the cost is {cost!r}, apiCreditCost {credits!r}"
    visit.hold("cost-is-told", good or (cost is None and isinstance(credits, int)), message, reply=reply)
    if unit == "CREDITS" and isinstance(credits, int):
        visit.hold("cost-told-alike", amount == credits, message, reply=reply)
    if isinstance(credits, int):
        return credits
    return int(amount) if amount is not None and unit == "CREDITS" else None


def _amount(text: object) -> Decimal | None:
    try:
        return Decimal(str(text))
    except InvalidOperation:
        return None


@lru_cache
def _rate() -> Decimal:
    return Decimal(str(contracts.rules()["pricing"]["dollars_per_credit"]["value"]))


def _dollars(visit: Visit, reply: Reply, credits: int) -> None:
    cost = reply.told.get("cost")
    amount = _amount(cost.get("amount")) if isinstance(cost, dict) else None
    worth = (credits * _rate()).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    message = f"{credits} credits went from the balance, worth {worth} dollars; {amount} dollars were told"
    _hold(visit, "me-agrees-with-costs", amount == worth, message, operation=reply.operation)


def _calculated(visit: Visit, reply: Reply, credits: int, service: Mapping[str, Any]) -> None:
    ((name, _),) = service.items()
    asked = visit.client.call(_CALCULATOR, body={"service": name, "serviceParams": dict(service)})
    told = visit.need(asked, asked.told, dict, "`calculateProductionApiServiceCost` is no object")
    message = f"the calculator says {told.get('cost')} for {dict(service)}, the order was charged {credits}"
    visit.hold(
        "calculator-agrees", told.get("cost") == credits, message, operation=reply.operation, reply=asked
    )


def agree(visit: Visit, *, operation: str = "") -> None:
    """Compare the balance with what it must be; what has happened since names the check."""
    known = visit.known
    told = read_balance(visit)
    if not known.balance <= told <= known.balance + known.uncertain:
        # Something may have failed meanwhile, and given its credits back.
        for job in known.pending:
            looks.look(visit, job)
        told = read_balance(visit)
    wanted, most = known.balance, known.balance + known.uncertain
    names = [check for cause, check in _CHECKS if cause in known.causes] or ["me-agrees-with-costs"]
    message = f"the balance is {told} credits; by the costs that were told it must be {wanted}" + (
        f", or up to {most} if deleted jobs have failed" if most > wanted else ""
    )
    _hold(visit, names[0], wanted <= told <= most, message, operation=operation)
    if wanted <= told:
        known.uncertain = max(0, known.uncertain - (told - wanted))
    known.balance = told
    known.causes.clear()


def _hold(visit: Visit, check: str, good: bool, message: str, *, operation: str) -> None:
    if good or visit.alone:
        visit.hold(check, good, message, operation=operation)
    else:
        visit.doubt(check, f"{message}; somebody else may have used the account meanwhile")
