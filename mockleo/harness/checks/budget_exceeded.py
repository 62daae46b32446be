"""More was spent than was to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """The order that brought the costs above what the scenario allows; what failed is paid back."""
    most = evidence.scenario.client.credits_most
    if most is None:
        return
    spent = 0
    for job in evidence.jobs.values():
        spent += job.net_cost
        if spent > most:
            total = sum(each.net_cost for each in evidence.jobs.values())
            yield CHECK.found(
                f"{total} credits were spent, {most} were to be. Job {job.id} ({job.cost} credits) was the"
                " one that went beyond.",
                at_ms=job.booked_ms,
                calls=(job.order,) if job.order is not None else (),
                jobs=(job,),
                credits=total - most,
            )
            return


CHECK = Check(
    name="budget-exceeded",
    severity=Severity.CRITICAL,
    title="More spent than allowed",
    why="Each job is charged when it is accepted. Nobody but the client knows when to stop.",
    fix="Add up what orders are answered with (cost, or apiCreditCost), ask POST /pricing-calculator"
    " before an"
    " order, and stop before the sum goes beyond the budget. Say how many images you want: four are the"
    " default.",
    look=look,
)
