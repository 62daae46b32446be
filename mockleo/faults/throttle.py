"""Too many requests, whoever has sent how many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.faults.fault import AnswerFault
from mockleo.faults.status import KNOWN
from mockleo.faults.wording import check_header
from mockleo.wire.errors import Flat
from mockleo.wire.http import JSON

if TYPE_CHECKING:
    from mockleo.faults.fault import Draw
    from mockleo.wire.sending import Sending

_ERROR, _CODE = KNOWN[429]


class Throttle(AnswerFault, frozen=True, kw_only=True):
    """Answer 429 as the limits do; `first`: 5 makes a burst of them.

    retry_after     sent as that header, as it is given: seconds, a date, or nonsense
    """

    retry_after: int | str | None = None
    error: str = _ERROR
    code: str = _CODE

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.retry_after is not None:
            check_header("retry_after", str(self.retry_after))

    def apply(self, sending: Sending, *, draw: Draw) -> Sending:
        headers = sending.headers
        if self.retry_after is not None:
            headers = (*headers, (b"retry-after", str(self.retry_after).encode()))
        return msgspec.structs.replace(
            sending,
            status=429,
            body=msgspec.json.encode(Flat(self.error, "$", self.code)),
            content_type=JSON,
            headers=headers,
        )
