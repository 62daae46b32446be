"""A webhook tells of something that nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.faults.fault import WebhookFault

if TYPE_CHECKING:
    from mockleo.runtime.webhooks import Mischief


class WebhookUnknownType(WebhookFault, frozen=True, kw_only=True):
    """Say `type` in place of the event's own; all else stays."""

    type: str = "image_generation.archived"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.type:
            raise ValueError("type: must not be empty")

    def mischief(self) -> Mischief:
        from mockleo.runtime.webhooks import Mischief  # the sender is opened at first use

        return Mischief(type=self.type)
