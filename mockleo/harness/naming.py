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

_HEAD = re.compile(rb"[0-9A-Fa-f]{8}")
_HEAD_SIGNS = 8
# Looked for by its first dash, which is rare. Where two run into each other, it is by their ends.
_TAIL = re.compile(rb"-[0-9A-Fa-f]{4}(?:-[0-9A-Fa-f]{4}){2}-[0-9A-Fa-f]{12}")


def uuids_in(raw: bytes) -> set[bytes]:
    """Every UUID that stands in `raw`, as it is written there."""
    found = set()
    for tail in _TAIL.finditer(raw):
        head = raw[max(0, tail.start() - _HEAD_SIGNS) : tail.start()]
        if _HEAD.fullmatch(head):
            found.add(head + tail[0])
    return found


def is_uuid(name: str) -> bool:
    raw = name.encode()
    return raw in uuids_in(raw)


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
