"""A job that was accepted fails, since its prompt is not allowed."""

from __future__ import annotations

from mockleo.core.lifecycle import Fate
from mockleo.faults.fault import JobFault


class JobModerated(JobFault, frozen=True, kw_only=True):
    """End the job in FAILED for moderation; its price is paid back then.

    A run of a blueprint tells so. The other jobs have no place where a reason would stand: GET
    shows FAILED and no images. Source: OAS; which classes moderation knows is not published.
    """

    def fate(self) -> Fate:
        return Fate(fails=True, moderated=True)
