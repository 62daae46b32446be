"""What is wrong in the same way, told once: a mistake in one place shows in many operations."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import msgspec

from mockleo.conformance.checks import CHECKS
from mockleo.conformance.report.document import BY_OPERATION, DoubtTold, FindingTold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# What any part looks at in any answer: it is wrong in many, and seldom tells what is missing.
_OF_ANY_ANSWER = frozenset(check.name for check in CHECKS)


class Mistake(msgspec.Struct, frozen=True, kw_only=True):
    """Findings of one check with the same message: the first of them, where they were met ("" is
    no operation), and how often in all.
    """

    finding: FindingTold
    operations: tuple[str, ...]
    times: int


class Heading(msgspec.Struct, frozen=True, kw_only=True):
    """Mistakes that are told together: of one operation, of none (""), or of several (None)."""

    operation: str | None
    mistakes: tuple[Mistake, ...]


class Short(msgspec.Struct, frozen=True, kw_only=True):
    """What one check has found, in a line: how many findings, in how many operations."""

    part: str
    check: str
    message: str
    findings: int
    operations: int


def mistakes(findings: Iterable[FindingTold]) -> list[Mistake]:
    """What is wrong, each thing once, in the order of the findings."""
    alike: dict[tuple[str, str, str], list[FindingTold]] = {}
    for finding in findings:
        alike.setdefault((finding.part, finding.check, finding.message), []).append(finding)
    return [
        Mistake(
            finding=group[0],
            operations=tuple(finding.operation for finding in group),
            times=sum(finding.times for finding in group),
        )
        for group in alike.values()
    ]


def chosen(found: Sequence[Mistake], most: int) -> list[Mistake]:
    """The first `most`, if each check has its turn before any of them has a second one.

    What a part has found by walks of its own goes before what any single answer shows.
    """
    turns: dict[tuple[str, str], int] = {}
    ranked = []
    for nth, mistake in enumerate(found):
        name = mistake.finding.part, mistake.finding.check
        turns[name] = turns.get(name, 0) + 1
        ranked.append((turns[name], _weight(*name), nth))
    return [found[nth] for nth in sorted(nth for _, _, nth in sorted(ranked)[:most])]


def _weight(part: str, check: str) -> tuple[bool, bool]:
    """What a walk has found is light, and rises."""
    return check in _OF_ANY_ANSWER, part in BY_OPERATION


def headings(found: Iterable[Mistake]) -> list[Heading]:
    """What is wrong in several operations first, then operation by operation, in their order."""
    several: list[Mistake] = []
    single: list[Mistake] = []
    for mistake in found:
        (several if len(mistake.operations) > 1 else single).append(mistake)
    # In general last: what is of no operation.
    single.sort(key=lambda mistake: not mistake.operations[0])
    made = [Heading(operation=None, mistakes=tuple(several))] if several else []
    for operation, group in groupby(single, key=lambda mistake: mistake.operations[0]):
        made.append(Heading(operation=operation, mistakes=tuple(group)))
    return made


def in_short(findings: Iterable[FindingTold]) -> list[Short]:
    """A line for each check that has found something, what walks have found first."""
    by_check: dict[tuple[str, str], list[FindingTold]] = {}
    for finding in findings:
        by_check.setdefault((finding.part, finding.check), []).append(finding)
    made = [
        Short(
            part=part,
            check=check,
            message=group[0].message,
            findings=len(group),
            operations=len({finding.operation for finding in group if finding.operation}),
        )
        for (part, check), group in by_check.items()
    ]
    return sorted(
        made,
        key=lambda short: (_weight(short.part, short.check), short.part, -short.findings, short.check),
    )


def doubts_gathered(doubts: Iterable[DoubtTold]) -> list[tuple[str, str]]:
    """Doubts as (what, why); of those that differ in the operation alone one is made."""
    alike: dict[tuple[str, str, str], list[str]] = {}
    for doubt in doubts:
        alike.setdefault((doubt.part, doubt.check, doubt.why), []).append(doubt.operation)
    return [
        (", ".join(filter(None, (part, check, *operations))), why)
        for (part, check, why), operations in alike.items()
    ]
