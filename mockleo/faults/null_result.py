"""A job is gone once it has ended."""

from __future__ import annotations

from mockleo.core.lifecycle import Fate
from mockleo.faults.fault import JobFault


class NullResult(JobFault, frozen=True, kw_only=True):
    """Answer as if there were no such job, from its end on: null, an empty list, or not found.

    It was carried out and paid for, and what it has brought can be fetched by who knows the URL.
    """

    def fate(self) -> Fate:
        return Fate(null=True)
