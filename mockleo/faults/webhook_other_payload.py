"""A webhook comes in the words of another year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.core.keys import PAYLOADS
from mockleo.faults.fault import WebhookFault

if TYPE_CHECKING:
    from mockleo.runtime.webhooks import Mischief


class WebhookOtherPayload(WebhookFault, frozen=True, kw_only=True):
    """Send the payload's other generation, `payload`: seeds and prices change from numbers to text."""

    payload: str = "legacy2023"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.payload not in PAYLOADS:
            raise ValueError(f"payload: {self.payload!r} is none of {', '.join(PAYLOADS)}")

    def mischief(self) -> Mischief:
        from mockleo.runtime.webhooks import Mischief  # the sender is opened at first use

        return Mischief(payload=self.payload)
