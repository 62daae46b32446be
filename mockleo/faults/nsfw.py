"""What a job brings is flagged as not safe for work."""

from __future__ import annotations

from mockleo.core.lifecycle import Fate
from mockleo.faults.fault import JobFault


class Nsfw(JobFault, frozen=True, kw_only=True):
    """Flag every image of the job. Source: ERR: it happens to ordinary pictures."""

    def fate(self) -> Fate:
        return Fate(nsfw=True)
