"""The connection is reset (RST), before the answer or in the middle of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.core.names import nearest
from mockleo.faults.fault import AnswerFault

if TYPE_CHECKING:
    from mockleo.faults.fault import Draw
    from mockleo.wire.sending import Sending

PLACES = ("before", "head", "body")
# What is begun where the call was not carried out, so that there is no answer to begin.
STAND_IN = b'{"error":"Service Error","path":"$","code":"unexpected"}'


class ConnectionReset(AnswerFault, frozen=True, kw_only=True):
    """Reset the connection.

    where           before the first byte, after the head, or in the middle of the body
    after_bytes     in the body: after so many bytes of it, half of them by default; one at least
                    is never sent
    """

    where: str = "before"
    after_bytes: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.where not in PLACES:
            raise ValueError(
                f"where: {self.where!r} is none of {', '.join(PLACES)}{nearest(self.where, PLACES)}"
            )
        if self.after_bytes is None:
            return
        if self.where != "body":
            raise ValueError(f"after_bytes: only with where 'body', not {self.where!r}")
        if self.after_bytes < 1:
            raise ValueError(f"after_bytes: {self.after_bytes} is less than 1")

    def apply(self, sending: Sending, *, draw: Draw) -> Sending:
        if self.where == "before":
            return msgspec.structs.replace(sending, cut_after=-1, reset=True)
        body = sending.body or STAND_IN
        return msgspec.structs.replace(sending, body=body, cut_after=self._cut_after(len(body)), reset=True)

    def _cut_after(self, size: int) -> int:
        if self.where == "head":
            return 0
        wanted = size // 2 if self.after_bytes is None else self.after_bytes
        return min(wanted, size - 1)
