"""The answer is lost: the connection is closed without a byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.faults.fault import AnswerFault

if TYPE_CHECKING:
    from mockleo.faults.fault import Draw
    from mockleo.wire.sending import Sending


class ConnectionClose(AnswerFault, frozen=True, kw_only=True):
    """Close the connection (FIN) instead of answering. With `commit` the job is booked and
    charged, and the client does not learn its id.
    """

    def apply(self, sending: Sending, *, draw: Draw) -> Sending:
        return msgspec.structs.replace(sending, cut_after=-1, reset=False)
