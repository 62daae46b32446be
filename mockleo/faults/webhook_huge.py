"""A webhook is larger than anybody expects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.faults.fault import WebhookFault

if TYPE_CHECKING:
    from mockleo.runtime.webhooks import Mischief


class WebhookHuge(WebhookFault, frozen=True, kw_only=True):
    """Make the body `pad_bytes` longer; it stays JSON, and says the same."""

    pad_bytes: int = 5_000_000

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.pad_bytes < 1:
            raise ValueError(f"pad_bytes: {self.pad_bytes} is less than 1")

    def mischief(self) -> Mischief:
        from mockleo.runtime.webhooks import Mischief  # the sender is opened at first use

        return Mischief(pad_bytes=self.pad_bytes)
