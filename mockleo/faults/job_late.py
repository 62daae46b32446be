"""A job takes longer than it should."""

from __future__ import annotations

from typing import ClassVar

from mockleo.core.lifecycle import Fate
from mockleo.faults.fault import JobFault


class JobLate(JobFault, frozen=True, kw_only=True):
    """Let the job end `late_ms` of the service's time later."""

    NOT_ZERO: ClassVar[tuple[str, ...]] = ("late_ms",)

    late_ms: int = 600_000

    def fate(self) -> Fate:
        return Fate(late_ms=self.late_ms)
