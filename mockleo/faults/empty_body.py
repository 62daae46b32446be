"""An answer with nothing in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.faults.fault import AnswerFault

if TYPE_CHECKING:
    from mockleo.faults.fault import Draw
    from mockleo.wire.sending import Sending


class EmptyBody(AnswerFault, frozen=True, kw_only=True):
    """Answer without a body, under the status that the answer has anyway."""

    def apply(self, sending: Sending, *, draw: Draw) -> Sending:
        return msgspec.structs.replace(sending, body=b"")
