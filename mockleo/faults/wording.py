"""What a field of a fault may hold as a header, and the words that stand beside a status."""

from __future__ import annotations

from http import HTTPStatus


def phrase(status: int) -> str:
    """The words that stand beside a status; of one that has none, its number."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"


def check_header(field: str, value: str) -> None:
    """Refuse what no header can hold."""
    if not value or not value.isascii() or not value.isprintable():
        raise ValueError(f"{field}: {value!r} is not what a header can hold")
