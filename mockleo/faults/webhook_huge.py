"""A webhook is larger than anybody expects."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from mockleo.faults.fault import WebhookFault

if TYPE_CHECKING:
    from mockleo.runtime.webhooks import Mischief


class WebhookHuge(WebhookFault, frozen=True, kw_only=True):
    """Make the body `pad_bytes` longer; it stays JSON, and says the same."""

    NOT_ZERO: ClassVar[tuple[str, ...]] = ("pad_bytes",)

    pad_bytes: int = 5_000_000

    def mischief(self) -> Mischief:
        from mockleo.runtime.webhooks import Mischief  # the sender is opened at first use

        return Mischief(pad_bytes=self.pad_bytes)
