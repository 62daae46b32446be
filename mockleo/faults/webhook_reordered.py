"""Webhooks come in another order than their jobs have ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from mockleo.faults.fault import WebhookFault

if TYPE_CHECKING:
    from mockleo.runtime.webhooks import Mischief


class WebhookReordered(WebhookFault, frozen=True, kw_only=True):
    """Hold it back until the key's next one has been sent, or for `hold_ms` if none comes."""

    NOT_ZERO: ClassVar[tuple[str, ...]] = ("hold_ms",)

    hold_ms: int = 60_000

    def mischief(self) -> Mischief:
        from mockleo.runtime.webhooks import Mischief  # the sender is opened at first use

        return Mischief(hold_ms=self.hold_ms)
