"""A webhook comes with a bearer that is not the receiver's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.faults.fault import WebhookFault
from mockleo.faults.wording import check_header

if TYPE_CHECKING:
    from mockleo.runtime.webhooks import Mischief


class WebhookWrongBearer(WebhookFault, frozen=True, kw_only=True):
    """Send `bearer` in place of the webhook's key, also where it has none, as a stranger would."""

    bearer: str = "not-the-webhook-key"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.bearer:
            raise ValueError("bearer: must not be empty; webhook-no-bearer leaves it out")
        check_header("bearer", self.bearer)

    def mischief(self) -> Mischief:
        from mockleo.runtime.webhooks import Mischief  # the sender is opened at first use

        return Mischief(bearer=self.bearer)
