"""Numbers, times and lists as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_SECOND_MS = 1_000
_MINUTE_S = 60
_HOUR_S = 3_600


def visible(text: str) -> str:
    """`text` with every sign that cannot be seen, but for line ends and tabs, as an escape: so that
    neither a terminal nor a browser obeys what somebody has smuggled in.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(sign if sign.isprintable() or sign in "\n\t" else _escape(ord(sign)) for sign in text)


def _escape(code: int) -> str:
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def one_line(text: str) -> str:
    """`text` with its white space, line ends among it, as single spaces."""
    return " ".join(text.split())


def count(number: int, noun: str) -> str:
    """ "1 call", "1,200 calls"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def some(names: Sequence[str], most: int) -> str:
    """The first of them, and how many there are beyond."""
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most:,} more" if len(names) > most else shown


def duration(ms: int) -> str:
    """ "0.25 s", "12.3 s", "4 min 05 s", "2 h 03 min"."""
    if abs(ms) < 10 * _SECOND_MS:
        return f"{ms / _SECOND_MS:.2f} s"
    if abs(ms) < 2 * _MINUTE_S * _SECOND_MS:
        return f"{ms / _SECOND_MS:.1f} s"
    sign, seconds = ("-" if ms < 0 else ""), abs(ms) // _SECOND_MS
    if seconds < _HOUR_S:
        return f"{sign}{seconds // _MINUTE_S} min {seconds % _MINUTE_S:02} s"
    return f"{sign}{seconds // _HOUR_S} h {seconds % _HOUR_S // _MINUTE_S:02} min"


def after(ms: int) -> str:
    """An instant, by how long the run had gone on: "+12.3 s"."""
    return duration(ms) if ms < 0 else f"+{duration(ms)}"
