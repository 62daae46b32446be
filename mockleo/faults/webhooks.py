"""What several faults do to one webhook together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockleo.faults.fault import Fault, WebhookFault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockleo.runtime.webhooks import Mischief


def mischief_of(faults: Iterable[Fault]) -> Mischief:
    """All that is to go wrong; times add up, and where faults differ the last one counts."""
    from mockleo.runtime.webhooks import HARMLESS, Mischief  # the sender is opened at first use

    told: dict[str, Any] = {"faults": tuple(fault.id for fault in faults if isinstance(fault, WebhookFault))}
    for fault in faults:
        if isinstance(fault, WebhookFault):
            mischief = fault.mischief()
            for field in Mischief.__struct_fields__:
                value = getattr(mischief, field)
                if value != getattr(HARMLESS, field):
                    told[field] = value + told.get(field, 0) if field == "late_ms" else value
    return Mischief(**told)
