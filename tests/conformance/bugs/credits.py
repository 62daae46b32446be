"""Credits: charged twice, not given back, told otherwise than charged; and what a calculator says."""

from collections.abc import Mapping
from typing import Any

from mockleo.core.ledger import Ledger
from mockleo.core.lifecycle import State
from mockleo.core.world import World
from mockleo.wire.call import Call
from tests.conformance.bugs.planting import Bug, Planted, answer, both, function, instead, method, with_field


def _charge(change: Any) -> Planted:
    """Charge what `change` makes of the price; it is given what was charged so far, too."""

    def make(true: Any) -> Any:
        def charge(ledger: Ledger, credits: int, *, job_id: str, at_ms: int) -> None:
            true(ledger, change(credits, len(ledger.entries)), job_id=job_id, at_ms=at_ms)

        return charge

    return method(Ledger, "charge", make)


def _refund(change: Any) -> Planted:
    def make(true: Any) -> Any:
        def refund(ledger: Ledger, credits: int, *, job_id: str, at_ms: int) -> None:
            true(ledger, change(credits), job_id=job_id, at_ms=at_ms)

        return refund

    return method(Ledger, "refund", make)


def _unguarded(true: Any) -> Any:
    def charge(ledger: Ledger, credits: int, *, job_id: str, at_ms: int) -> None:
        ledger.balance -= credits

    return charge


def _charges_refusals(true: Any) -> Any:
    """Take the price before an order is looked at."""

    def order(world: World, account: Any, given: Any) -> Any:
        try:
            return true(world, account, given)
        except Exception:
            account.ledger.balance -= min(account.ledger.balance, 7)
            raise

    return order


def _pays_for_done(true: Any) -> Any:
    """Give the price back when all went well."""

    def settle(world: World, account: Any, job: Any) -> None:
        true(world, account, job)
        if job.state is State.COMPLETE:
            account.ledger.refund(job.cost, job_id=job.id, at_ms=world.now_ms)

    return settle


def _pays_for_deleted(true: Any) -> Any:
    def delete(account: Any, generation_id: str) -> Any:
        gone = true(account, generation_id)
        if gone is not None:
            account.ledger.refund(gone.cost, job_id=gone.id, at_ms=gone.changed_ms)
        return gone

    return delete


def _opening(told: Any, call: Call) -> Any:
    told[0]["apiPaidTokens"] = call.account.ledger.opening
    return told


def _late_balance() -> Planted:
    last: dict[str, int] = {}

    def change(told: Any, call: Call) -> Any:
        now = told[0]["apiPaidTokens"]
        told[0]["apiPaidTokens"] = last.get(call.account.user_id, now)
        last[call.account.user_id] = now
        return told

    return answer("getUserSelf", change)


def _named(true: Any) -> Any:
    return lambda rules, name: true(rules, name) + 1


BUGS: Mapping[str, Bug] = {
    "lost-refund": Bug("a job that fails is not paid back", lambda: _refund(lambda credits: 0)),
    "double-refund": Bug("a job that fails is paid back twice", lambda: _refund(lambda credits: 2 * credits)),
    "charged-twice": Bug("every job is charged twice", lambda: _charge(lambda credits, nth: 2 * credits)),
    "third-charged-twice": Bug(
        "every third job is charged twice",
        lambda: _charge(lambda credits, nth: credits * (2 if nth % 3 == 2 else 1)),
    ),
    "free": Bug("nothing is charged", lambda: _charge(lambda credits, nth: 0)),
    "rounded-up": Bug("to each price one credit is added", lambda: _charge(lambda credits, nth: credits + 1)),
    "overdrawn": Bug(
        "an account without credits goes on ordering",
        lambda: both(method(Ledger, "require", instead(None)), method(Ledger, "charge", _unguarded)),
    ),
    "refusals-are-charged": Bug(
        "an order that is refused is charged",
        lambda: function("mockleo.wire.endpoints.generations.order_generation", _charges_refusals),
    ),
    "done-is-paid-back": Bug(
        "a job that is done is paid back", lambda: method(World, "_settle", _pays_for_done)
    ),
    "deleted-is-paid-back": Bug(
        "a generation that is deleted is paid back",
        lambda: function("mockleo.wire.endpoints.generations.delete_generation", _pays_for_deleted),
    ),
    "balance-stands-still": Bug(
        "the balance told is the opening one", lambda: answer("getUserSelf", _opening)
    ),
    "balance-is-late": Bug("the balance told is that of the last time", _late_balance),
    "calculator-too-low": Bug(
        "the calculator says one credit less",
        lambda: answer("pricingCalculator", with_field("cost", lambda cost: cost - 1)),
    ),
    "calculator-knows-one-price": Bug(
        "the calculator says the same price for everything",
        lambda: answer("pricingCalculator", with_field("cost", 7)),
    ),
    "services-cost-more": Bug(
        "an upscale costs more than is documented",
        lambda: function("mockleo.core.pricing.service", _named),
    ),
    "realtime-is-free": Bug(
        "a realtime picture is not charged",
        lambda: function("mockleo.core.pricing.realtime", instead(0)),
    ),
    "prompt-tells-no-cost": Bug(
        "a random prompt says that it costs nothing",
        lambda: answer("promptRandom", with_field("apiCreditCost", 0)),
    ),
}
