"""A job shows some of its images before it is COMPLETE."""

from __future__ import annotations

from typing import ClassVar

from mockleo.core.lifecycle import Fate
from mockleo.faults.fault import JobFault


class PartialResults(JobFault, frozen=True, kw_only=True):
    """Show the first `images` of the job (or of its maps) while it reads PENDING.

    They can be fetched, and nothing can be made of them yet. If the job fails they are taken back.
    """

    NOT_ZERO: ClassVar[tuple[str, ...]] = ("images",)

    images: int = 1

    def fate(self) -> Fate:
        return Fate(partial=self.images)
