"""Pages as the front of the service makes them, and the text that an answer's fields may hold."""

from __future__ import annotations

from html import escape
from http import HTTPStatus


def page(title: str) -> bytes:
    """Source: src 67634005917, as the pages of `wire/errors.py`."""
    text = escape(title, quote=False)
    return (
        f"<html>\r\n<head><title>{text}</title></head>\r\n<body>\r\n"
        f"<center><h1>{text}</h1></center>\r\n</body>\r\n</html>\r\n"
    ).encode()


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
