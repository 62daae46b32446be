"""What an endpoint is given, and what it returns."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockleo.core.account import Account
    from mockleo.core.lifecycle import Job
    from mockleo.core.world import World
    from mockleo.wire.contract import Operation
    from mockleo.wire.links import Links
    from mockleo.wire.site import Site

Order = TypeVar("Order")


class Profile(Enum):
    """Whose values an answer has: what the official SDKs accept, or what was seen in the wild."""

    SDK_SAFE = "sdk-safe"
    WIRE_TRUE = "wire-true"


class Call:
    """One request that has come through the door.

    `args` are its variables, checked against the contract, nulls left out. `links` makes URLs
    that work from where the client is.
    """

    __slots__ = ("account", "args", "links", "operation", "site", "world")

    def __init__(
        self, *, site: Site, account: Account, operation: Operation, args: dict[str, Any], links: Links
    ) -> None:
        self.site = site
        self.world: World = site.world
        self.account = account
        self.operation = operation
        self.args = args
        self.links = links

    def order(self, shape: type[Order]) -> Order:
        """The variables as an order of the core."""
        return msgspec.convert(self.args, shape)

    @property
    def true_to_the_wire(self) -> bool:
        return self.site.profile is Profile.WIRE_TRUE

    def reply(self, body: Any) -> Reply:
        """`body` under the operation's root key."""
        return Reply({self.operation.root: body})

    def remembered(self, job: Job, render: Callable[[], Any]) -> Reply:
        """The answer for one job: rendered when it has changed, else the bytes of last time."""
        bodies = self.site.bodies
        place = (self.operation.id, job.id, self.links.base)
        encoded = bodies.get(place, job.revision)
        if encoded is None:
            encoded = msgspec.json.encode({self.operation.root: render()})
            if job.ended:
                bodies.put(place, job.revision, encoded)
        return Reply(encoded)


class Reply:
    """What an endpoint answers: bytes that are JSON already, or something to be made JSON."""

    __slots__ = ("body",)

    def __init__(self, body: Any) -> None:
        self.body = body

    def encoded(self) -> bytes:
        return self.body if type(self.body) is bytes else msgspec.json.encode(self.body)


class Bodies:
    """Encoded answers of finished jobs, the oldest forgotten first."""

    __slots__ = ("_bodies", "_most")

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._bodies: dict[tuple[str, str, str], tuple[int, bytes]] = {}

    def get(self, place: tuple[str, str, str], revision: int) -> bytes | None:
        """The body as of `revision`; None when there is none, or an older one."""
        found = self._bodies.get(place)
        return found[1] if found is not None and found[0] == revision else None

    def put(self, place: tuple[str, str, str], revision: int, body: bytes) -> None:
        self._bodies[place] = revision, body
        if len(self._bodies) > self._most:
            del self._bodies[next(iter(self._bodies))]

    def clear(self) -> None:
        self._bodies.clear()
