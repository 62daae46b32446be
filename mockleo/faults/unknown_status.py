"""A job ends in a status that nobody knows."""

from __future__ import annotations

from mockleo.core.lifecycle import STATUS, Fate
from mockleo.faults.fault import JobFault


class UnknownStatus(JobFault, frozen=True, kw_only=True):
    """Tell `status` of the job from its end on, whichever that was; what it has brought is there."""

    status: str = "ARCHIVED"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.status:
            raise ValueError("status: must not be empty")
        if self.status in STATUS.values():
            raise ValueError(f"status: {self.status} is one that every client knows")

    def fate(self) -> Fate:
        return Fate(status=self.status)
