"""A job was run by a model that no client's list has."""

from __future__ import annotations

from mockleo.core.lifecycle import Fate
from mockleo.faults.fault import JobFault


class UnknownModel(JobFault, frozen=True, kw_only=True):
    """Tell `sd_version` as the version of the model: in images, videos, trained models and elements."""

    sd_version: str = "NOVA_1_0"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.sd_version:
            raise ValueError("sd_version: must not be empty")

    def fate(self) -> Fate:
        return Fate(sd_version=self.sd_version)
