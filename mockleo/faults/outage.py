"""Nobody listens for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from mockleo.faults.fault import AnswerFault
from mockleo.runtime.clock import Mode

if TYPE_CHECKING:
    from mockleo.faults.fault import Draw
    from mockleo.wire.sending import Sending


class Outage(AnswerFault, frozen=True, kw_only=True):
    """The call is cut off without a byte, and from then on connections are refused for `for_ms`,
    those to the operator's API as well. In process, without a server, only the call is cut.
    """

    NOT_ZERO: ClassVar[tuple[str, ...]] = ("for_ms",)

    for_ms: int = 5_000

    def check(self, mode: Mode) -> None:
        """Refuse to be put in force under a clock that does not pass by itself."""
        if mode is Mode.MANUAL:
            raise ValueError(
                "fault: an outage would never end on a clock that is moved by hand,"
                " since nobody could reach the emulator to move it"
            )

    def apply(self, sending: Sending, *, draw: Draw) -> Sending:
        longest_ms = max(self.for_ms, sending.outage_ms)
        return msgspec.structs.replace(sending, cut_after=-1, reset=True, outage_ms=longest_ms)
