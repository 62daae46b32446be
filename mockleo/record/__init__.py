"""What happened in a run: its entries and who keeps them, and the run as JSON Lines (`lines`)."""

from mockleo.record.entries import (
    BODY_BYTES_MOST,
    CUT_MARGIN_BYTES,
    DECISIONS_MOST,
    DELIVERIES_MOST,
    EXCHANGES_MOST,
    TRANSITIONS_MOST,
    Attempt,
    Decision,
    Delivery,
    Exchange,
    Happened,
    Record,
)

__all__ = [
    "BODY_BYTES_MOST",
    "CUT_MARGIN_BYTES",
    "DECISIONS_MOST",
    "DELIVERIES_MOST",
    "EXCHANGES_MOST",
    "TRANSITIONS_MOST",
    "Attempt",
    "Decision",
    "Delivery",
    "Exchange",
    "Happened",
    "Record",
]
