"""A webhook comes more than once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.faults.fault import WebhookFault

if TYPE_CHECKING:
    from mockleo.runtime.webhooks import Mischief


# A receiver that has had so many has seen what it is like.
_COPIES_MOST = 1_000


class WebhookDoubled(WebhookFault, frozen=True, kw_only=True):
    """Send the same webhook `copies` times: the same bytes, in deliveries of their own."""

    copies: int = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.copies < 2:
            raise ValueError(f"copies: {self.copies} is less than 2")
        if self.copies > _COPIES_MOST:
            raise ValueError(f"copies: {self.copies} is more than {_COPIES_MOST}")

    def mischief(self) -> Mischief:
        from mockleo.runtime.webhooks import Mischief  # the sender is opened at first use

        return Mischief(copies=self.copies)
