"""From the Authorization header to the account.

`open` takes any non-empty bearer token as a key, and makes its account at first use. `strict`
takes declared keys only and answers the others as the service does: 401 for a key that nobody
issued, and 500 for what is not even shaped like one, because the service's own hook trips
over it. Source: ERR; src 62155717861, 57357219554.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from mockleo.core.errors import MalformedKey, Unauthenticated
from mockleo.core.models import is_uuid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockleo.core.account import Account
    from mockleo.core.world import World

_SCHEME = "bearer "

# A client calls with the same header again and again.
_REMEMBERED_MOST = 10_000


class Keys(Enum):
    OPEN = "open"
    STRICT = "strict"


class Doorkeeper:
    """Knows which keys are good."""

    def __init__(self, *, keys: Keys, declared: Iterable[str] = ()) -> None:
        self._open = keys is Keys.OPEN
        self._declared = frozenset(key.lower() for key in declared)
        self._good: dict[bytes, str] = {}

    def account(self, world: World, authorization: bytes | None) -> Account:
        """The account that a request with this header acts for."""
        if authorization is None:
            raise Unauthenticated
        key = self._good.get(authorization)
        if key is None:
            key = self._key_in(authorization.decode("latin-1"))
            if len(self._good) < _REMEMBERED_MOST:
                self._good[authorization] = key
        return world.by_key.get(key) or world.open_account(key)

    def _key_in(self, authorization: str) -> str:
        """The key that the header carries, if it is a good one."""
        if authorization[:7].lower() != _SCHEME:
            raise MalformedKey
        key = authorization[7:]
        if self._open:
            key = key.strip()
            if not key:
                raise MalformedKey
        elif not is_uuid(key):
            raise MalformedKey
        elif key.lower() not in self._declared:
            raise Unauthenticated
        return key
