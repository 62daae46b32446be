"""The storage takes its time."""

from __future__ import annotations

from typing import ClassVar

from mockleo.faults.fault import UploadFault


class UploadSlow(UploadFault, frozen=True, kw_only=True):
    """Hold the answer back for `wait_ms` of the service's time. What was sent is stored before."""

    SPOILS: ClassVar[bool] = False

    wait_ms: int = 30_000

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.wait_ms < 1:
            raise ValueError(f"wait_ms: {self.wait_ms} is less than 1")

    def held_ms(self) -> int:
        return self.wait_ms
