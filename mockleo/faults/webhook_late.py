"""A webhook comes late."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from mockleo.faults.fault import WebhookFault

if TYPE_CHECKING:
    from mockleo.runtime.webhooks import Mischief


class WebhookLate(WebhookFault, frozen=True, kw_only=True):
    """Send it `late_ms` of the service's time after the job has ended."""

    NOT_ZERO: ClassVar[tuple[str, ...]] = ("late_ms",)

    late_ms: int = 60_000

    def mischief(self) -> Mischief:
        from mockleo.runtime.webhooks import Mischief  # the sender is opened at first use

        return Mischief(late_ms=self.late_ms)
