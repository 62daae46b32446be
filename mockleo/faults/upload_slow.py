"""The storage takes its time."""

from __future__ import annotations

from typing import ClassVar

from mockleo.faults.fault import UploadFault


class UploadSlow(UploadFault, frozen=True, kw_only=True):
    """Hold the answer back for `wait_ms` of the service's time. What was sent is stored before."""

    SPOILS: ClassVar[bool] = False
    NOT_ZERO: ClassVar[tuple[str, ...]] = ("wait_ms",)

    wait_ms: int = 30_000

    def held_ms(self) -> int:
        return self.wait_ms
