"""What stands before the service fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.faults.fault import AnswerFault
from mockleo.faults.wording import phrase
from mockleo.wire.errors import Flat, page
from mockleo.wire.http import HTML, JSON

if TYPE_CHECKING:
    from mockleo.faults.fault import Draw
    from mockleo.wire.sending import Sending

# The gateway that asks for keys, in its own words. Source: ERR; src 62155717861.
HOOK = "Invalid response from authorization hook"
# The front, which is another machine: it answers with pages. Source: inferred from its 403.
FRONT = (502, 503, 504)


class GatewayError(AnswerFault, frozen=True, kw_only=True):
    """Answer as the gateway does when it is in trouble itself (500, JSON), or the front when it
    does not reach the gateway (502, 503, 504: a page).
    """

    status: int = 502

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.status not in {500, *FRONT}:
            raise ValueError(f"status: {self.status} is none of 500, 502, 503, 504")

    def apply(self, sending: Sending, *, draw: Draw) -> Sending:
        if self.status in FRONT:
            body, content_type = page(f"{self.status} {phrase(self.status)}"), HTML
        else:
            body, content_type = msgspec.json.encode(Flat(HOOK, "$", "unexpected")), JSON
        return msgspec.structs.replace(sending, status=self.status, body=body, content_type=content_type)
