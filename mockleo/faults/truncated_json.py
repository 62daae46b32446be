"""An answer that is whole HTTP, and half JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.faults.carried_out import CarriedOutFault

if TYPE_CHECKING:
    from mockleo.faults.fault import Draw
    from mockleo.wire.sending import Sending


class TruncatedJson(CarriedOutFault, frozen=True, kw_only=True):
    """Keep only the beginning of the body: `keep`, a share of it (by default one half), or
    `keep_bytes`. The content-length is that of what is kept; one byte at least is lost.
    """

    keep: float | None = None
    keep_bytes: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.keep is not None and not 0 <= self.keep < 1:
            raise ValueError(f"keep: {self.keep} is not a share from 0 to below 1")
        if self.keep is not None and self.keep_bytes is not None:
            raise ValueError("keep_bytes: say that or keep, not both")

    def apply(self, sending: Sending, *, draw: Draw) -> Sending:
        if not sending.body:
            return sending
        size = len(sending.body)
        share = 0.5 if self.keep is None else self.keep
        kept = int(size * share) if self.keep_bytes is None else self.keep_bytes
        return msgspec.structs.replace(sending, body=sending.body[: min(kept, size - 1)])
