"""An asset's bytes are not what they should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.faults.fault import AssetFault

if TYPE_CHECKING:
    from mockleo.faults.fault import Draw
    from mockleo.wire.sending import Sending


# So far apart are the bytes that are turned over: a decoder trips, the kind can still be told.
_APART = 64


class AssetCorrupt(AssetFault, frozen=True, kw_only=True):
    """Turn over one byte in 64, from a drawn one on; length and content type stay."""

    def apply(self, sending: Sending, *, draw: Draw) -> Sending:
        if not sending.body:
            return sending
        spoilt = bytearray(sending.body)
        first = draw.below(min(_APART, len(spoilt)))
        for place in range(first, len(spoilt), _APART):
            spoilt[place] ^= 0xFF
        return msgspec.structs.replace(sending, body=bytes(spoilt))
