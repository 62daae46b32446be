"""Everything that the operator can ask for: the nouns, and no other list of their operations.

Where two paths fit, the one that is written out goes before the one with a placeholder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.control import (
    accounts,
    bucket,
    clock,
    document,
    faults,
    health,
    jobs,
    keys,
    record,
    requests,
    reset,
    state,
    webhooks,
)

if TYPE_CHECKING:
    from mockleo.control.operation import Operation

NOUNS = (
    health,
    document,
    reset,
    keys,
    accounts,
    clock,
    faults,
    requests,
    webhooks,
    bucket,
    jobs,
    state,
    record,
)

OPERATIONS: tuple[Operation, ...] = tuple(operation for noun in NOUNS for operation in noun.OPERATIONS)
