"""A job takes longer than it should."""

from __future__ import annotations

from mockleo.core.lifecycle import Fate
from mockleo.faults.fault import JobFault


class JobLate(JobFault, frozen=True, kw_only=True):
    """Let the job end `late_ms` of the service's time later."""

    late_ms: int = 600_000

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.late_ms < 1:
            raise ValueError(f"late_ms: {self.late_ms} is less than 1")

    def fate(self) -> Fate:
        return Fate(late_ms=self.late_ms)
