"""What the URL of an asset gives, as faults let it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.faults.fault import AssetFault
from mockleo.faults.flow import ASSET, MET, owner_of, why_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import Receive, Scope, Send

    from mockleo.core.world import World
    from mockleo.faults.plan import LogicalCall, Plan
    from mockleo.wire.sending import Sending

    Transmit = Callable[[Sending, Scope, Receive, Send], Awaitable[object]]


class AtTheCdn:
    """Decides which requests of assets meet faults, and lets `transmit` send what comes of it."""

    def __init__(
        self, *, plan: Plan, world: Callable[[], World], now_ms: Callable[[], int], transmit: Transmit
    ) -> None:
        self._plan = plan
        self._world = world
        self._now_ms = now_ms
        self._transmit = transmit

    def meet(
        self, path: str, scope: Scope, receive: Receive, send: Send
    ) -> Callable[[Sending], Awaitable[None]] | None:
        """How the answer to a request of `path` is to be sent; None for as ever."""
        if self._plan.is_empty:
            return None
        asked = dict(scope["headers"]).get(b"range", b"")
        call = self._plan.open(
            ASSET,
            user_id=owner_of(path, self._world()),
            sent=b"%s %s %s" % (scope["method"].encode(), path.encode("utf-8", "surrogateescape"), asked),
            now_ms=self._now_ms(),
        )
        faults = scope[MET] = [fault for fault in call.faults if isinstance(fault, AssetFault)]
        if not faults:
            self._plan.close(call, failed=False)
            return None

        async def spoil(sending: Sending) -> None:
            try:
                await self._transmit(self._spoilt(sending, call, faults), scope, receive, send)
            finally:
                self._plan.close(call, failed=any(fault.SPOILS for fault in faults))

        return spoil

    def _spoilt(self, sending: Sending, call: LogicalCall, faults: list[AssetFault]) -> Sending:
        for fault in faults:
            sending = fault.apply(sending, draw=self._plan.draw(fault, call))
        return msgspec.structs.replace(sending, why=why_of(faults, beside=sending.why))
