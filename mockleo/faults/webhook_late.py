"""A webhook comes late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.faults.fault import WebhookFault

if TYPE_CHECKING:
    from mockleo.runtime.webhooks import Mischief


class WebhookLate(WebhookFault, frozen=True, kw_only=True):
    """Send it `late_ms` of the service's time after the job has ended."""

    late_ms: int = 60_000

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.late_ms < 1:
            raise ValueError(f"late_ms: {self.late_ms} is less than 1")

    def mischief(self) -> Mischief:
        from mockleo.runtime.webhooks import Mischief  # the sender is opened at first use

        return Mischief(late_ms=self.late_ms)
