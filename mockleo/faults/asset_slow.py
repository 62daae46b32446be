"""An asset comes slowly."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from mockleo.faults.fault import AssetFault

if TYPE_CHECKING:
    from mockleo.faults.fault import Draw
    from mockleo.wire.sending import Sending


class AssetSlow(AssetFault, frozen=True, kw_only=True):
    """Begin after `wait_ms`, then send `piece_bytes` at a time, `piece_ms` apart; 0 for all at once."""

    # Who waits has the asset, who does not is gone.
    SPOILS: ClassVar[bool] = False

    wait_ms: int = 0
    piece_bytes: int = 4_096
    piece_ms: int = 500

    def apply(self, sending: Sending, *, draw: Draw) -> Sending:
        return msgspec.structs.replace(
            sending,
            wait_ms=sending.wait_ms + self.wait_ms,
            piece_bytes=self.piece_bytes,
            piece_wait_ms=self.piece_ms,
        )
