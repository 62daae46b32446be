"""What each line of a record looks like; `lines` makes them of the entries, and the other way."""

from __future__ import annotations

from typing import Any

import msgspec

from mockleo.record.entries import Decision

FORMAT = 1


class Binary(msgspec.Struct, frozen=True):
    """Bytes that are no text."""

    base64: bytes


# How bytes are told: as text wherever they are.
Told = str | Binary


class Opening(msgspec.Struct, frozen=True):
    """What an account began with, in credits."""

    user_id: str
    opening: int


class Head(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="run"):
    """The first line: which emulator, with which settings, and what its accounts began with.

    `dropped` are the exchanges that are not in the record any more.
    """

    format: int = FORMAT
    version: str
    seed: int
    settings: dict[str, Any] = {}
    accounts: tuple[Opening, ...] = ()
    dropped: int = 0


class Booked(msgspec.Struct, frozen=True, gc=False, tag_field="kind", tag="booked"):
    """A job that was accepted and charged."""

    at_ms: int
    user_id: str
    job_id: str
    kind: str = msgspec.field(name="job_kind")
    lane: str
    cost: int
    key_id: str


class Moved(msgspec.Struct, frozen=True, gc=False, tag_field="kind", tag="moved"):
    """A job that has come into `state`."""

    at_ms: int
    user_id: str
    job_id: str
    kind: str = msgspec.field(name="job_kind")
    state: str


class Booking(msgspec.Struct, frozen=True, gc=False, tag_field="kind", tag="ledger"):
    """Credits of an account that came or went, and why."""

    at_ms: int
    user_id: str
    why: str
    credits: int
    job_id: str


class ExchangeLine(msgspec.Struct, kw_only=True, gc=False, tag_field="kind", tag="exchange"):
    """An exchange as it is told. `connection` counts those that the clients came by, from 1: their
    ports differ from run to run.
    """

    n: int
    at_ms: int
    answered_ms: int
    connection: int | None
    method: str
    path: str
    query: str
    operation: str
    user_id: str
    key_id: str
    scheme: str
    headers: dict[str, str]
    body: Told
    body_bytes: int
    status: int
    why: str
    answer: Told
    answer_bytes: int
    booked: tuple[str, ...]
    faults: tuple[str, ...]
    outcome: str
    retry_after: str


class AttemptLine(msgspec.Struct, kw_only=True, gc=False):
    """One attempt at a delivery, as it is told."""

    at_ms: int
    ended_ms: int
    address: str
    status: int | None
    error: str
    answer: Told


class DeliveryLine(msgspec.Struct, kw_only=True, tag_field="kind", tag="delivery"):
    """A delivery as it is told."""

    n: int
    at_ms: int
    user_id: str
    key_id: str
    job_id: str
    type: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: Told
    state: str
    attempts: list[AttemptLine]
    faults: tuple[str, ...]
    copy_of: int | None


Line = Head | ExchangeLine | Booked | Moved | Booking | DeliveryLine | Decision
