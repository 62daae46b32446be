"""The part of the suite: divides the work, adds up what came of it, and sets the gates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mockleo import contracts
from mockleo.conformance.schema import shares, workers
from mockleo.conformance.schema.coverage import Coverage
from mockleo.conformance.schema.engine import document
from mockleo.conformance.schema.words import PART
from mockleo.conformance.tally import Doubt, Omission

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockleo.conformance.door import Opener
    from mockleo.conformance.parts import Plan
    from mockleo.conformance.tally import Tally

Json = Any


def run(plan: Plan, opener: Opener, tally: Tally, progress: Callable[[str], None]) -> None:
    """Try every operation. Raises `OutOfBudget` or `NoAnswer` where it had to stop before its end,
    after all that was seen until then is written down.
    """
    door = opener.open(seed=plan.seed)
    reading_only = "spend" not in door.abilities
    base_url = door.base_url
    if opener.divisible:
        door.close()
    chosen = shares.operations(contracts.openapi(), plan, reading_only=reading_only)
    coverage = Coverage(document(base_url), base_path=urlsplit(base_url).path)
    works = workers.made(shares.shares(chosen, plan), opener, door, plan.workers, progress)
    ended = None
    unfollowed: set[str] = set()
    for work in works:
        tally.add(work.tally)
        coverage.add(work.coverage)
        unfollowed.update(work.unfollowed)
        ended = ended or work.ended
    if reading_only:
        why = "they cost credits or change something: --spend allows them"
        tally.omit(Omission(part=PART, what="all operations but those that read", why=why))
    summary = coverage.summary()
    tally.notes["coverage"] = summary
    if ended is not None:
        raise ended
    if not reading_only and not plan.operations:
        gate(summary, chosen, unfollowed, tally)


def gate(summary: Mapping[str, Json], chosen: Mapping[str, int], unfollowed: set[str], tally: Tally) -> None:
    """What a whole run has not tried, and what it has never seen succeed, is not proved."""
    for kind in ("operations", "parameters"):
        for name in summary[kind]["missed"]:
            why = f"{name} was in none of the calls: more examples may reach it"
            tally.doubt(Doubt(part=PART, check=f"{kind}-exercised", operation=name, why=why))
    for name in sorted(unfollowed):
        why = f"{name}: the call that the link leads to was refused, or its answer never had what it takes"
        tally.doubt(Doubt(part=PART, check="link-followed", operation=name.partition(" ")[0], why=why))
    taken = {operation for (operation, status), _ in tally.statuses.items() if 200 <= status < 300}
    for name in sorted(chosen.keys() - taken):
        why = "no call of it has succeeded, so only its refusals were looked at: more examples may"
        tally.doubt(Doubt(part=PART, check="ever-succeeded", operation=name, why=why))
