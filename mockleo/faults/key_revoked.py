"""A key is good no longer, from one call to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.core.errors import Unauthenticated
from mockleo.faults.fault import AccountFault

if TYPE_CHECKING:
    from mockleo.core.account import Account
    from mockleo.core.keys import ApiKey
    from mockleo.wire.site import Site


class KeyRevoked(AccountFault, frozen=True, kw_only=True):
    """Revoke the key that the call comes with: this call is refused, and all that follow.

    Jobs that it has ordered go on. Lifting the fault does not bring the key back.
    """

    def strike(self, site: Site, account: Account, key: ApiKey) -> None:
        site.world.revoke(key)
        raise Unauthenticated
