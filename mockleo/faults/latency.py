"""The answer comes late."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from mockleo.faults.carried_out import CarriedOutFault

if TYPE_CHECKING:
    from mockleo.faults.fault import Draw
    from mockleo.wire.sending import Sending


class Latency(CarriedOutFault, frozen=True, kw_only=True):
    """Hold the answer back for `ms`, and for up to `spread_ms` more, as the seed draws it.

    Several of them add up.
    """

    # Who waits has a good answer, who does not is gone.
    SPOILS: ClassVar[bool] = False

    ms: int
    spread_ms: int = 0

    def apply(self, sending: Sending, *, draw: Draw) -> Sending:
        wait_ms = self.ms + (draw.below(self.spread_ms + 1) if self.spread_ms else 0)
        return msgspec.structs.replace(sending, wait_ms=sending.wait_ms + wait_ms)
