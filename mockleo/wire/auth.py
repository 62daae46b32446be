"""From the Authorization header to the key, and so to the account.

`open` takes any non-empty bearer token as a key, and makes its account at first use. `strict`
takes keys that were made before and answers the others as the service does: 401 for a key that
nobody issued, and 500 for what is not even shaped like one, because the service's own hook trips
over it. Source: ERR; src 62155717861, 57357219554. A revoked key is as one that nobody issued.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

from mockleo.core.errors import MalformedKey, Unauthenticated
from mockleo.core.keys import digest_of
from mockleo.core.models import is_uuid

if TYPE_CHECKING:
    from mockleo.core.keys import ApiKey
    from mockleo.core.world import World
    from mockleo.redact import Redactor

_SCHEME = "bearer "

# What stands before a key in a header that was put together wrongly: `BearerKEY`, `token="KEY"`.
_BEFORE_KEY = re.compile(r"(?:bearer|basic|token|api[-_]?key)?[:=]?", re.IGNORECASE)

# A client calls with the same header again and again.
_REMEMBERED_MOST = 10_000


class Keys(Enum):
    OPEN = "open"
    STRICT = "strict"


class Doorkeeper:
    """Knows which keys are good, and tells `redactor` of each one that is shown.

    What opens an account is a secret for good, what is refused only while it is not long ago. An
    id of ours is none, although somebody may send it for a key: it was told to everybody.
    """

    def __init__(self, *, keys: Keys, redactor: Redactor) -> None:
        self._open = keys is Keys.OPEN
        self._redactor = redactor
        self._good: dict[bytes, ApiKey] = {}

    def key(self, world: World, authorization: bytes | None) -> ApiKey:
        """The key that a request with this header comes with."""
        if authorization is None:
            raise Unauthenticated
        found = self._good.get(authorization)
        if found is None:
            found = self._known(world, authorization.decode("latin-1"))
            if len(self._good) < _REMEMBERED_MOST:
                self._good[authorization] = found
        if found.revoked_ms is not None:
            raise Unauthenticated
        return found

    def forget(self) -> None:
        """Look at each key anew: another world has begun."""
        self._good.clear()

    def _known(self, world: World, authorization: str) -> ApiKey:
        """What is known of the key that the header carries, if it is a good one."""
        try:
            key = self._good_key(world, authorization)
        except (MalformedKey, Unauthenticated):
            # A bad key in the wrong place may be a good one elsewhere.
            self._redactor.suspect(*_shown(authorization))
            raise
        if key not in world.accounts:
            self._redactor.learn(key)
        return world.open_key(key)

    def _good_key(self, world: World, authorization: str) -> str:
        if authorization[:7].lower() != _SCHEME:
            raise MalformedKey
        key = authorization[7:]
        if self._open:
            key = key.strip()
            if not key:
                raise MalformedKey
            return key
        if not is_uuid(key):
            raise MalformedKey
        key = key.lower()
        if digest_of(key) not in world.keys:
            raise Unauthenticated
        return key


def _shown(authorization: str) -> set[str]:
    """What may be a key in a header that is no good one."""
    words = authorization.split()
    tails = (_BEFORE_KEY.sub("", word, count=1).strip("\"',<>{}") for word in words)
    return {*words, *tails}
