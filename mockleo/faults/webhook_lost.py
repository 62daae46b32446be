"""A webhook is never sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.faults.fault import WebhookFault

if TYPE_CHECKING:
    from mockleo.runtime.webhooks import Mischief


class WebhookLost(WebhookFault, frozen=True, kw_only=True):
    """Send nothing. It is logged as lost, and is not tried again."""

    def mischief(self) -> Mischief:
        from mockleo.runtime.webhooks import Mischief  # the sender is opened at first use

        return Mischief(lost=True)
