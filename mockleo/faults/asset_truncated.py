"""An asset ends too early."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.faults.fault import AssetFault

if TYPE_CHECKING:
    from mockleo.faults.fault import Draw
    from mockleo.wire.sending import Sending


class AssetTruncated(AssetFault, frozen=True, kw_only=True):
    """Send only the beginning of the asset: `keep`, a share of it.

    The connection then ends before the announced length, unless `quiet`: then the shorter
    length is announced, and only who looks at the bytes can tell.
    """

    keep: float = 0.5
    quiet: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.keep < 1:
            raise ValueError(f"keep: {self.keep} is not a share from 0 to below 1")

    def apply(self, sending: Sending, *, draw: Draw) -> Sending:
        kept = int(len(sending.body) * self.keep)
        if self.quiet:
            return msgspec.structs.replace(sending, body=sending.body[:kept])
        return msgspec.structs.replace(sending, cut_after=kept)
