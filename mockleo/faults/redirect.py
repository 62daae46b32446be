"""The answer sends the client elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from mockleo.faults.fault import AnswerFault
from mockleo.faults.wording import check_header

if TYPE_CHECKING:
    from mockleo.faults.fault import Draw
    from mockleo.wire.sending import Sending

STATUSES = (301, 302, 303, 307, 308)


class Redirect(AnswerFault, frozen=True, kw_only=True):
    """Answer with a redirect to the URL `to`, which may be another host: does the key go along?

    The API itself does not redirect, as far as anybody has seen.
    """

    # The status itself tells.
    SPOILS: ClassVar[bool] = False

    to: str
    status: int = 307

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.status not in STATUSES:
            raise ValueError(f"status: {self.status} is none of {', '.join(map(str, STATUSES))}")
        check_header("to", self.to)

    def apply(self, sending: Sending, *, draw: Draw) -> Sending:
        headers = (*sending.headers, (b"location", self.to.encode()))
        return msgspec.structs.replace(sending, status=self.status, body=b"", headers=headers)
