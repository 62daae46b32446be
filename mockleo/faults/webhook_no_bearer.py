"""A webhook comes without the bearer that the receiver waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.faults.fault import WebhookFault

if TYPE_CHECKING:
    from mockleo.runtime.webhooks import Mischief


class WebhookNoBearer(WebhookFault, frozen=True, kw_only=True):
    """Leave the authorization header out."""

    def mischief(self) -> Mischief:
        from mockleo.runtime.webhooks import Mischief  # the sender is opened at first use

        return Mischief(bearer="")
