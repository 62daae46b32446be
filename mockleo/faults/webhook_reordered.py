"""Webhooks come in another order than their jobs have ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.faults.fault import WebhookFault

if TYPE_CHECKING:
    from mockleo.runtime.webhooks import Mischief


class WebhookReordered(WebhookFault, frozen=True, kw_only=True):
    """Hold it back until the key's next one has been sent, or for `hold_ms` if none comes."""

    hold_ms: int = 60_000

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.hold_ms < 1:
            raise ValueError(f"hold_ms: {self.hold_ms} is less than 1")

    def mischief(self) -> Mischief:
        from mockleo.runtime.webhooks import Mischief  # the sender is opened at first use

        return Mischief(hold_ms=self.hold_ms)
