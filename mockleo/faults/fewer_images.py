"""A job is COMPLETE, and brings less than was ordered."""

from __future__ import annotations

from mockleo.core.lifecycle import Fate
from mockleo.faults.fault import JobFault


class FewerImages(JobFault, frozen=True, kw_only=True):
    """Bring `images` of the images (or maps, or videos) at most; 0 for none. The price stays.

    What is one thing by itself, such as a variation, comes anyway.
    """

    images: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.images < 0:
            raise ValueError(f"images: {self.images} is below zero")

    def fate(self) -> Fate:
        return Fate(images=self.images)
