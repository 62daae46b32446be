"""Entries that are numbered as they come: a choice of them, one of them, or so many once they are there."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

from mockleo.control.reading import whole_number
from mockleo.control.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mockleo.app import App
    from mockleo.control.operation import Ask, Nothing

Found = TypeVar("Found")

Order = Literal["newest", "oldest"]


class Numbered(Protocol):
    @property
    def n(self) -> int: ...


class Choice(Protocol):
    """How many, and from which end."""

    @property
    def limit(self) -> int: ...
    @property
    def order(self) -> Order: ...


class Wish(Protocol):
    """How many, and how long somebody waits for them, in real milliseconds."""

    @property
    def count(self) -> int: ...
    @property
    def timeout_ms(self) -> int: ...


Entry = TypeVar("Entry", bound=Numbered)


def chosen(newest_first: Iterator[Found], choice: Choice) -> list[Found]:
    """As many as are wanted, in the order that is wanted."""
    if choice.order == "newest":
        return list(islice(newest_first, choice.limit))
    return list(newest_first)[::-1][: choice.limit]


async def awaited(
    app: App, wish: Wish, newest_first: Callable[[], Iterator[Found]], *, what: str
) -> list[Found]:
    """The newest of them, the oldest first, as soon as there are so many."""
    found = await until(
        app,
        lambda: list(islice(newest_first(), wish.count)),
        count=wish.count,
        timeout_ms=wish.timeout_ms,
        what=what,
    )
    return found[::-1]


def number_in(ask: Ask[Nothing]) -> int:
    """The number that the path asks for."""
    return whole_number(ask.path["n"], field="n")


def numbered(entries: Iterable[Entry], n: int) -> Entry | None:
    """The entry of that number, if it is kept."""
    return next((entry for entry in entries if entry.n == n), None)
