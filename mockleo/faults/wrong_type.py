"""An answer that calls itself something else than JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.faults.carried_out import CarriedOutFault
from mockleo.faults.wording import check_header

if TYPE_CHECKING:
    from mockleo.faults.fault import Draw
    from mockleo.wire.sending import Sending


class WrongType(CarriedOutFault, frozen=True, kw_only=True):
    """Send the same body under another content type."""

    content_type: str = "text/plain"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_header("content_type", self.content_type)

    def apply(self, sending: Sending, *, draw: Draw) -> Sending:
        return msgspec.structs.replace(sending, content_type=self.content_type.encode())
