"""The division of the work."""

from itertools import pairwise

import pytest

from mockleo import contracts
from mockleo.conformance.parts import Plan
from mockleo.conformance.schema import shares

OPENAPI = contracts.openapi()
ALL = {
    described["operationId"]
    for item in OPENAPI["paths"].values()
    for described in item.values()
    if "operationId" in described
}


def division(plan: Plan, *, reading_only: bool = False) -> tuple[shares.Share, ...]:
    return shares.shares(shares.operations(OPENAPI, plan, reading_only=reading_only), plan)


def of_phases(made: tuple[shares.Share, ...], phases: tuple[str, ...]) -> list[shares.Share]:
    return [share for share in made if share.phases == phases]


def test_each_operation_is_tried_in_one_share() -> None:
    tried = [name for share in of_phases(division(Plan(seed=1)), shares.EACH) for name in share.operations]
    assert sorted(tried) == sorted(ALL)
    assert len(ALL) == 58


@pytest.mark.parametrize("examples", [1, 2, 3, 100, 101])
def test_sequences_are_shared_out_and_none_is_lost(examples: int) -> None:
    together = of_phases(division(Plan(seed=1, examples=examples)), shares.TOGETHER)
    assert sum(share.examples for share in together) == examples
    assert len({share.seed for share in together}) == len(together)
    assert [share.once for share in together] == [True, *[False] * (len(together) - 1)]


@pytest.mark.parametrize("workers", [2, 64])
def test_the_division_does_not_hang_on_the_workers(workers: int) -> None:
    assert division(Plan(seed=1)) == division(Plan(seed=1, workers=workers))


def test_the_shares_weigh_about_the_same() -> None:
    weights = shares.operations(OPENAPI, Plan(seed=1), reading_only=False)
    heaps = sorted(
        sum(weights[name] for name in share.operations)
        for share in of_phases(division(Plan(seed=1)), shares.EACH)
    )
    assert all(more < 1.5 * less for less, more in pairwise(heaps))


def test_who_may_not_spend_only_reads() -> None:
    made = division(Plan(seed=1), reading_only=True)
    assert {name for share in made for name in share.known} == {
        item["get"]["operationId"] for item in OPENAPI["paths"].values() if "get" in item
    }


def test_only_the_operations_that_are_asked_for() -> None:
    made = division(Plan(seed=1, operations=frozenset({"createGeneration", "getUserSelf"})))
    assert {name for share in made for name in share.known} == {"createGeneration", "getUserSelf"}
