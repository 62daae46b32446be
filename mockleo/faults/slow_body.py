"""The body comes in small pieces, slowly."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from mockleo.faults.carried_out import CarriedOutFault

if TYPE_CHECKING:
    from mockleo.faults.fault import Draw
    from mockleo.wire.sending import Sending


class SlowBody(CarriedOutFault, frozen=True, kw_only=True):
    """Send `piece_bytes` of the body at a time, `piece_ms` apart; the first ones with the head."""

    # Who waits has a good answer, who does not is gone.
    SPOILS: ClassVar[bool] = False
    NOT_ZERO: ClassVar[tuple[str, ...]] = ("piece_bytes",)

    piece_bytes: int = 64
    piece_ms: int = 500

    def apply(self, sending: Sending, *, draw: Draw) -> Sending:
        return msgspec.structs.replace(sending, piece_bytes=self.piece_bytes, piece_wait_ms=self.piece_ms)
