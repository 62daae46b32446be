"""Which of many ids stand in some bytes, found without looking for each of them.

Nearly all ids are UUIDs: those that stand there are read off, and only ids of another shape are
looked for one by one. So ten thousand exchanges are matched with thousands of jobs in a moment.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Thing = TypeVar("Thing")

_UUID = re.compile(rb"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")
# At every place, not only behind the one before: two may run into each other.
_ANYWHERE = re.compile(b"(?=(" + _UUID.pattern + b"))")


def uuids_in(raw: bytes) -> set[bytes]:
    """Every UUID that stands in `raw`, as it is written there."""
    return set(_ANYWHERE.findall(raw))


def is_uuid(name: str) -> bool:
    return _UUID.fullmatch(name.encode()) is not None


class Named(Generic[Thing]):
    """Things by their ids; one id may be that of several."""

    def __init__(self, things: Iterable[tuple[str, Thing]]) -> None:
        self._uuids: dict[bytes, list[Thing]] = defaultdict(list)
        self._others: dict[bytes, list[Thing]] = defaultdict(list)
        for name, thing in things:
            (self._uuids if is_uuid(name) else self._others)[name.encode()].append(thing)

    def within(self, raw: bytes) -> Iterator[Thing]:
        """The things whose ids stand in `raw`."""
        if self._uuids:
            for found in uuids_in(raw):
                yield from self._uuids.get(found, ())
        for name, things in self._others.items():
            if name in raw:
                yield from things
