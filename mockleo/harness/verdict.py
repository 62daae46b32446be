"""What the checks have found, and the grade that it comes to.

The first rule that holds makes the grade; `RULES` is the table.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Severity(Enum):
    """How much it matters.

    CRITICAL costs money that buys nothing, or gives a secret away. MAJOR loses what was paid for,
    or makes an outage worse. MINOR works today, and will not on a bad day. NOTE is a habit.
    """

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"
    NOTE = "note"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that the client did wrong, with the proof.

    `message` says in plain words what happened; `exchanges` are the numbers of the exchanges that
    show it, `jobs` the ids of the jobs it is about, `deliveries` the numbers of the webhooks.
    `at_ms` is when, on the clock of the run. `credits` is what it has cost, where it cost any.
    """

    check: str
    severity: Severity
    message: str
    at_ms: int
    exchanges: tuple[int, ...] = ()
    jobs: tuple[str, ...] = ()
    deliveries: tuple[int, ...] = ()
    credits: int = 0


class Unsure(msgspec.Struct, frozen=True, kw_only=True):
    """A check that could not be decided, and why."""

    check: str
    why: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What comes of one run. `made` are the names of the checks that were made."""

    scenario: str
    grade: str
    rule: str
    findings: tuple[Finding, ...]
    unsure: tuple[Unsure, ...]
    made: tuple[str, ...]

    @property
    def outcome(self) -> str:
        """ "findings", "inconclusive" or "passed". A note alone is no reason to fail."""
        if any(finding.severity is not Severity.NOTE for finding in self.findings):
            return "findings"
        return "inconclusive" if self.unsure else "passed"


def _count(severity: Severity) -> Callable[[Sequence[Finding]], int]:
    return lambda findings: sum(1 for finding in findings if finding.severity is severity)


_critical, _major, _minor = (
    _count(severity) for severity in (Severity.CRITICAL, Severity.MAJOR, Severity.MINOR)
)

RULES: tuple[tuple[str, str, Callable[[Sequence[Finding]], bool]], ...] = (
    ("F", "money was spent for nothing, or a secret was given away", lambda found: _critical(found) > 0),
    ("E", "three and more findings lose results or make an outage worse", lambda found: _major(found) > 2),
    ("D", "a result is lost, or an outage is made worse", lambda found: _major(found) > 0),
    ("C", "three and more things will go wrong on a bad day", lambda found: _minor(found) > 2),
    ("B", "something will go wrong on a bad day", lambda found: _minor(found) > 0),
    ("A", "nothing was found", lambda found: True),
)


# Whatever was found: no better where the client has not brought about what it was to.
AT_BEST = ("D", "what the client was to bring about is not there")


def grade(findings: Sequence[Finding], *, is_brought_about: bool = True) -> tuple[str, str]:
    """The grade from A to F, and the rule that made it."""
    letter, rule = next((letter, rule) for letter, rule, holds in RULES if holds(findings))
    return (letter, rule) if is_brought_about or letter >= AT_BEST[0] else AT_BEST
