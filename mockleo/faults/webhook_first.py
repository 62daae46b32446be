"""The webhook of a job comes before the answer to its order."""

from __future__ import annotations

from mockleo.core.lifecycle import Fate
from mockleo.faults.fault import JobFault


class WebhookFirst(JobFault, frozen=True, kw_only=True):
    """Let the job end at once, and answer the order once its webhook has been sent.

    A job that has to wait for a slot, or whose key has no webhook, is answered as ever.
    """

    def fate(self) -> Fate:
        return Fate(at_once=True)
