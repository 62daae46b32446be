"""A webhook comes from a stranger who says that he is somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.faults.fault import WebhookFault
from mockleo.faults.wording import check_header

if TYPE_CHECKING:
    from mockleo.runtime.webhooks import Mischief


class WebhookForged(WebhookFault, frozen=True, kw_only=True):
    """Send the webhook without the receiver's key, and with headers by which a proxy would tell that
    it comes from `address`: whoever goes by these can be told anything by anybody.
    """

    address: str = "127.0.0.1"
    bearer: str = "not-the-webhook-key"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_header("address", self.address)
        check_header("bearer", self.bearer)

    def mischief(self) -> Mischief:
        from mockleo.runtime.webhooks import Mischief  # the sender is opened at first use

        return Mischief(bearer=self.bearer, forwarded_for=self.address)
