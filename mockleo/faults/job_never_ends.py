"""A job that was accepted never ends."""

from __future__ import annotations

from mockleo.core.lifecycle import Fate
from mockleo.faults.fault import JobFault


class JobNeverEnds(JobFault, frozen=True, kw_only=True):
    """Keep the job PENDING for ever, with its slot and its price."""

    def fate(self) -> Fate:
        return Fate(never=True)
