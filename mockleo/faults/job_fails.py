"""A job that was accepted fails."""

from __future__ import annotations

from mockleo.core.lifecycle import Fate
from mockleo.faults.fault import JobFault


class JobFails(JobFault, frozen=True, kw_only=True):
    """End the job in FAILED; its price is paid back then."""

    def fate(self) -> Fate:
        return Fate(fails=True)
