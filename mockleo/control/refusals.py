"""The one shape in which the operator is told "no": {"error": ..., "field": ...}."""

from __future__ import annotations

import msgspec


class Refused(Exception):
    """`field` is what was wrong: a field of the body, a query parameter, a header, a part of the path."""

    def __init__(
        self, status: int, error: str, *, field: str | None, headers: tuple[tuple[bytes, bytes], ...] = ()
    ) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.field = field
        self.headers = headers


class Refusal(msgspec.Struct, frozen=True):
    """What the operator reads."""

    error: str
    field: str | None


def missing(what: str, *, field: str) -> Refused:
    """There is no such thing."""
    return Refused(404, f"{field}: there is no {what}", field=field)


def bad(error: str, *, field: str) -> Refused:
    """What was given for `field` cannot be."""
    return Refused(400, f"{field}: {error}", field=field)
