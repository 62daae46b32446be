"""Everything that the operator can ask for, noun by noun, and no other list of the operations.

Where two paths fit, the one that is written out goes before the one with a placeholder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.control.accounts import OPERATIONS as ACCOUNTS
from mockleo.control.bucket import OPERATIONS as BUCKET
from mockleo.control.clock import OPERATIONS as CLOCK
from mockleo.control.document import OPERATIONS as DOCUMENT
from mockleo.control.faults import OPERATIONS as FAULTS
from mockleo.control.health import OPERATIONS as HEALTH
from mockleo.control.jobs import OPERATIONS as JOBS
from mockleo.control.keys import OPERATIONS as KEYS
from mockleo.control.record import OPERATIONS as RECORD
from mockleo.control.requests import OPERATIONS as REQUESTS
from mockleo.control.reset import OPERATIONS as RESET
from mockleo.control.state import OPERATIONS as STATE
from mockleo.control.webhooks import OPERATIONS as WEBHOOKS

if TYPE_CHECKING:
    from mockleo.control.operation import Operation

OPERATIONS: tuple[Operation, ...] = (
    *HEALTH,
    *DOCUMENT,
    *RESET,
    *KEYS,
    *ACCOUNTS,
    *CLOCK,
    *FAULTS,
    *REQUESTS,
    *WEBHOOKS,
    *BUCKET,
    *JOBS,
    *STATE,
    *RECORD,
)
