"""What a run has made on the real service, so that nothing else is deleted, and all of it is.

Which operation makes what, and which deletes it, is in the contract: a link from the answer of the
one to the other.
"""

from __future__ import annotations

import json
from threading import Lock
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockleo.conformance.door import Answer

_POINTER = "$response.body#/"


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was made. `delete` is the operation that deletes it, `path` what it is called at."""

    operation: str
    id: str
    delete: str
    path: str


class _Link(msgspec.Struct, frozen=True, kw_only=True):
    delete: str
    path: str
    parameter: str
    pointer: tuple[str, ...]


class Made:
    """Remembers what was made, by the contract `openapi`. Safe to be used by several threads at once."""

    def __init__(self, openapi: Mapping[str, Any]) -> None:
        self._links = _links(openapi)
        self._without = _without_deletion(openapi, self._links)
        self._staying: list[str] = []
        self._things: dict[str, Thing] = {}
        self._lost: list[str] = []
        self._lock = Lock()

    def note(self, operation: str, answer: Answer) -> str | None:
        """Remember what `operation` has made, if its answer says so; the id that it has."""
        link = self._links.get(operation)
        if answer.status != 200:
            return None
        if link is None:
            with self._lock:
                if operation in self._without:
                    self._staying.append(operation)
            return None
        found = _at(answer.body, link.pointer)
        # Elements have numbers.
        if isinstance(found, bool) or not isinstance(found, (str, int)) or not str(found):
            return None
        name = str(found)
        thing = Thing(
            operation=operation,
            id=name,
            delete=link.delete,
            path=link.path.replace(f"{{{link.parameter}}}", name),
        )
        with self._lock:
            self._things[name] = thing
        return name

    def note_lost(self, operation: str) -> None:
        """`operation` was not answered: what it has made, if anything, nobody knows by name."""
        with self._lock:
            if operation in self._links:
                self._lost.append(operation)

    def is_ours(self, name: str) -> bool:
        with self._lock:
            return name in self._things

    def forget(self, name: str) -> None:
        """It is deleted."""
        with self._lock:
            self._things.pop(name, None)

    def things(self) -> tuple[Thing, ...]:
        """What is there, the newest first."""
        with self._lock:
            return tuple(reversed(self._things.values()))

    def left_behind(self) -> list[str]:
        """What a user may have to delete himself, each in a few words."""
        known = [f"{thing.id}, made by {thing.operation}" for thing in self.things()]
        with self._lock:
            staying = [f"what {operation} has made: the API cannot delete it" for operation in self._staying]
            lost = [
                f"what {operation} has made, if anything: its answer was lost" for operation in self._lost
            ]
        return known + staying + lost


def is_deleted(answer: Answer) -> bool:
    """Whether the answer to a deletion says that the thing was there and is gone."""
    try:
        said = json.loads(answer.body)
    except ValueError:
        return False
    return answer.status == 200 and isinstance(said, dict) and any(said.values())


def _links(openapi: Mapping[str, Any]) -> dict[str, _Link]:
    """By the operation that makes something, how it is deleted."""
    deleting = {
        item["delete"]["operationId"]: path for path, item in openapi["paths"].items() if "delete" in item
    }
    found = {}
    for item in openapi["paths"].values():
        # What a GET shows may be anybody's.
        post = item.get("post", {})
        for link in _links_of(post):
            path = deleting.get(link.get("operationId"))
            if path is None:
                continue
            ((parameter, pointer),) = link["parameters"].items()
            assert pointer.startswith(_POINTER), pointer
            found[post["operationId"]] = _Link(
                delete=link["operationId"],
                path=path,
                parameter=parameter,
                pointer=tuple(pointer.removeprefix(_POINTER).split("/")),
            )
    return found


def _without_deletion(openapi: Mapping[str, Any], links: Mapping[str, _Link]) -> frozenset[str]:
    """Operations that make something which can be read, and not deleted."""
    posts = [item["post"] for item in openapi["paths"].values() if "post" in item]
    reading = {item["get"]["operationId"] for item in openapi["paths"].values() if "get" in item}
    return frozenset(
        post["operationId"]
        for post in posts
        if post["operationId"] not in links
        and any(link.get("operationId") in reading and _names_it(link) for link in _links_of(post))
    )


def _names_it(link: Mapping[str, Any]) -> bool:
    """Whether the link leads to what the answer has named, and not to what the call had."""
    return any(str(value).startswith(_POINTER) for value in link.get("parameters", {}).values())


def _links_of(described: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(described.get("responses", {}).get("200", {}).get("links", {}).values())


def _at(body: bytes, pointer: tuple[str, ...]) -> object:
    try:
        found: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    for step in pointer:
        if isinstance(found, dict):
            found = found.get(step)
        elif isinstance(found, list) and step.isdigit() and int(step) < len(found):
            found = found[int(step)]
        else:
            return None
    return found
