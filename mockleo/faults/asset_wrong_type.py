"""An asset calls itself something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.faults.fault import AssetFault
from mockleo.faults.wording import check_header

if TYPE_CHECKING:
    from mockleo.faults.fault import Draw
    from mockleo.wire.sending import Sending


class AssetWrongType(AssetFault, frozen=True, kw_only=True):
    """Send the same bytes under another content type."""

    content_type: str = "application/octet-stream"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_header("content_type", self.content_type)

    def apply(self, sending: Sending, *, draw: Draw) -> Sending:
        return msgspec.structs.replace(sending, content_type=self.content_type.encode())
