"""The contract suite, taken apart: each way in which it can find something, for itself.

links       the schema part's walk along the contract's links, and its tries with keys
generated   the schema part's generated calls, of some operations
tour        the lifecycle part's one walk that is the same each time
walks       its walks that Hypothesis makes up
limits      its accounts with few credits and small limits
uploads     the part "uploads"
webhooks    the part "webhooks"
"""

from collections.abc import Callable, Mapping

from mockleo import contracts
from mockleo.conformance.door import Opener
from mockleo.conformance.lifecycle import limits
from mockleo.conformance.lifecycle.part import Lifecycle
from mockleo.conformance.parts import PARTS, Plan
from mockleo.conformance.schema import shares
from mockleo.conformance.schema.engine import _Desk
from mockleo.conformance.tally import Tally

Way = Callable[[Plan, Opener, Tally], None]


def _nothing(words: str) -> None:
    """Nobody wants to know how far it is."""


def _links(plan: Plan, opener: Opener, tally: Tally) -> None:
    chosen = shares.operations(contracts.openapi(), plan, reading_only=False)
    share = next(share for share in shares.shares(chosen, plan) if share.once)
    door = opener.open(seed=plan.seed)
    try:
        desk = _Desk(share, door)
        desk._walked()
        tally.add(desk._tally)
    finally:
        door.close()


def _lifecycle(make: Callable[[Lifecycle], object]) -> Way:
    def way(plan: Plan, opener: Opener, tally: Tally) -> None:
        from mockleo.conformance.lifecycle.part import _finding

        door = opener.open(seed=plan.seed)
        life = Lifecycle(plan, opener, door, tally, _nothing)
        try:
            make(life)
        finally:
            door.close()
            for failure in life.findings.failures.values():
                tally.found(_finding(failure, plan))

    return way


def _part(name: str) -> Way:
    def way(plan: Plan, opener: Opener, tally: Tally) -> None:
        PARTS[name][1](plan, opener, tally, _nothing)

    return way


WAYS: Mapping[str, Way] = {
    "links": _links,
    "generated": _part("schema"),
    "tour": _lifecycle(lambda life: life.make_tour()),
    "walks": _lifecycle(lambda life: life.make_walks()),
    "limits": _lifecycle(lambda life: limits.check_all(life._small_account, seed=life.plan.seed)),
    "uploads": _part("uploads"),
    "webhooks": _part("webhooks"),
}
