"""The URL of an asset gives an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.faults.fault import AssetFault
from mockleo.faults.wording import phrase

PLAIN = b"text/plain; charset=utf-8"

if TYPE_CHECKING:
    from mockleo.faults.fault import Draw
    from mockleo.wire.sending import Sending


class AssetStatus(AssetFault, frozen=True, kw_only=True):
    """Answer with `status` and nothing worth having.

    A CDN that lags is 404 with `attempts`: each asset is missing for the first so many tries.
    Or with `until_ms`: whatever is asked for until then is.
    """

    status: int = 403

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 400 <= self.status <= 599:
            raise ValueError(f"status: {self.status} is not between 400 and 599")

    def apply(self, sending: Sending, *, draw: Draw) -> Sending:
        return msgspec.structs.replace(
            sending, status=self.status, body=phrase(self.status).encode(), content_type=PLAIN
        )
