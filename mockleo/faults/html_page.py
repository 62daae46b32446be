"""A page where JSON is expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.faults.fault import AnswerFault
from mockleo.faults.status import BODILESS
from mockleo.wire.errors import page
from mockleo.wire.http import HTML

if TYPE_CHECKING:
    from mockleo.faults.fault import Draw
    from mockleo.wire.sending import Sending


class HtmlPage(AnswerFault, frozen=True, kw_only=True):
    """Answer with a page of HTML, as a proxy or a firewall does; also under 200."""

    status: int = 200
    title: str = "Just a moment..."

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 200 <= self.status <= 599:
            raise ValueError(f"status: {self.status} is not between 200 and 599")
        if self.status in BODILESS:
            raise ValueError(f"status: an answer of status {self.status} has no body")

    def apply(self, sending: Sending, *, draw: Draw) -> Sending:
        return msgspec.structs.replace(sending, status=self.status, body=page(self.title), content_type=HTML)
