"""One operation of the operator's API, and one request for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mockleo.app import App

Given = TypeVar("Given")

MEBIBYTE = 1 << 20


# How much of a list is shown at once, and how much of it is left out before.
Limit = Annotated[int, msgspec.Meta(ge=1, le=1_000)]
Offset = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """What is given to an operation that needs nothing."""


class Ask(Generic[Given]):
    """One request that has come through the door.

    `path` are the values of the path's placeholders, `given` is the body or the query, as the
    operation's `takes` wants it. `base` is what the operator has reached us under.
    """

    __slots__ = ("app", "base", "given", "menu", "path")

    def __init__(
        self,
        *,
        app: App,
        menu: tuple[Operation, ...],
        path: Mapping[str, str],
        given: Given,
        base: str,
    ) -> None:
        self.app = app
        self.menu = menu
        self.path = path
        self.given = given
        self.base = base


class Stream:
    """An answer that is sent line by line, as JSON Lines."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self.lines = lines


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """What the menu says of an operation; routing and the OpenAPI document are made of it.

    takes           the shape of the query where the method is GET, else of the body
    answer          the shape of what `handle` returns, at once or when it is awaited
    raw             `handle` is given the body as it was decoded, and judges it itself
    waits           breaks off when the operator hangs up
    shows_secrets   the operator asks for a secret of his own, and gets it
    for_anybody     no token is asked for
    """

    method: str
    path: str
    summary: str
    handle: Callable[[Ask[Any]], Any]
    answer: Any
    takes: Any = Nothing
    status: int = 200
    raw: bool = False
    waits: bool = False
    shows_secrets: bool = False
    for_anybody: bool = False
    is_stream: bool = False
    body_bytes_max: int = MEBIBYTE

    @property
    def id(self) -> str:
        """`keys.create`: the noun's module and what is done there."""
        return f"{self.handle.__module__.rpartition('.')[2]}.{self.handle.__name__}"
