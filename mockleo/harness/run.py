"""A run as it is saved: one line of the harness's own, then the record as the emulator writes it.

{"kind":"graded", "scenario":{...}, "client":{...}}
{"kind":"run", ...}          and so on: see `mockleo.record.lines`
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.harness.scenario import Scenario  # noqa: TC001  a struct's fields are looked up
from mockleo.record import lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FORMAT = 1


class Leak(msgspec.Struct, frozen=True, kw_only=True):
    """A secret that the client has printed: where, and the line without it."""

    stream: str
    line: int
    what: str
    text: str


class SavedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that the client has left: `kind` is what its bytes are ("jpg", ...), "" for nothing
    known; `is_whole` whether they can be shown from the first to the last; `digest` their SHA-256.
    """

    name: str
    bytes: int
    kind: str
    is_whole: bool
    digest: str


class ClientRun(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the client itself. Times are of the run's clock, in epoch milliseconds.

    `exit_code` is None where it was stopped because its time was over. `speed` is how many times
    faster its clock went. `receiver` is the URL of its webhook receiver, if it has one.
    """

    command: tuple[str, ...]
    started_ms: int
    ended_ms: int
    exit_code: int | None
    speed: float = 1.0
    receiver: str | None = None
    leaks: tuple[Leak, ...] = ()
    files: tuple[SavedFile, ...] = ()
    stdout_tail: str = ""
    stderr_tail: str = ""


class Graded(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="graded"):
    """The first line."""

    format: int = FORMAT
    scenario: Scenario
    client: ClientRun


class Run(msgspec.Struct):
    """All of it."""

    scenario: Scenario
    client: ClientRun
    record: lines.Run


class BadRun(ValueError):
    """Lines that are no run of the harness's; the message names the line."""


def write(graded: Graded, record: Iterable[bytes]) -> Iterator[bytes]:
    """The run's lines; `record` are those of the emulator, without secrets."""
    yield msgspec.json.encode(graded) + b"\n"
    yield from record


def read(told: Iterable[bytes]) -> Run:
    """The run that these lines tell; raises `BadRun`."""
    rest = iter(told)
    try:
        graded = msgspec.json.decode(next(rest, b""), type=Graded)
    except msgspec.DecodeError as error:
        raise BadRun(f"line 1: {error}") from None
    if graded.format != FORMAT:
        raise BadRun(f"line 1: format {graded.format} is not {FORMAT}")
    try:
        record = lines.read(rest, first=2)
    except lines.BadRecord as error:
        raise BadRun(str(error)) from None
    return Run(scenario=graded.scenario, client=graded.client, record=record)
