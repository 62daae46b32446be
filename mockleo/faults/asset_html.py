"""A page comes where a picture should."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.faults.fault import AssetFault
from mockleo.wire.errors import page
from mockleo.wire.http import HTML

if TYPE_CHECKING:
    from mockleo.faults.fault import Draw
    from mockleo.wire.sending import Sending


class AssetHtml(AssetFault, frozen=True, kw_only=True):
    """Answer 200 with a page of HTML, as a captive portal or a firewall does."""

    title: str = "Just a moment..."

    def apply(self, sending: Sending, *, draw: Draw) -> Sending:
        return msgspec.structs.replace(sending, status=200, body=page(self.title), content_type=HTML)
