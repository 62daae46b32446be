"""What a check is: a plain function over the evidence, and the words that explain it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import msgspec

from mockleo.harness.verdict import Finding, Severity, Unsure

if TYPE_CHECKING:
    from mockleo.harness.evidence import Call, Evidence, Job

Look = Callable[["Evidence"], Iterator[Finding | Unsure]]


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """`name` is what reports and scenarios call it; `title` a few words; `why` why it matters (what
    it costs, what is lost); `fix` what to change in the client; `thresholds` its own numbers, by
    name, with their defaults. One that `is_last` is made only where no other check has found more
    than a habit.

    Nothing yielded is a pass.
    """

    name: str
    severity: Severity
    title: str
    why: str
    fix: str
    look: Look
    thresholds: dict[str, float] = {}
    is_last: bool = False

    def threshold(self, evidence: Evidence, name: str) -> float:
        """One of its thresholds, as the scenario has it."""
        return evidence.threshold(self.name, name, self.thresholds[name])

    def found(
        self,
        message: str,
        *,
        at_ms: int,
        calls: tuple[Call, ...] = (),
        jobs: tuple[Job, ...] = (),
        deliveries: tuple[int, ...] = (),
        credits: int = 0,
    ) -> Finding:
        """A finding of this check's."""
        return Finding(
            check=self.name,
            severity=self.severity,
            message=message,
            at_ms=at_ms,
            exchanges=tuple(call.n for call in calls),
            jobs=tuple(job.id for job in jobs),
            deliveries=deliveries,
            credits=credits,
        )

    def unsure(self, why: str) -> Unsure:
        """The check could not be decided."""
        return Unsure(check=self.name, why=why)
