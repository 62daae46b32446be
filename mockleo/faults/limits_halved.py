"""An account's limits are lower than its plan says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.faults.fault import AccountFault

if TYPE_CHECKING:
    from mockleo.core.account import Account
    from mockleo.core.keys import ApiKey
    from mockleo.wire.site import Site


class LimitsHalved(AccountFault, frozen=True, kw_only=True):
    """Let the account have `percent` of its limits: calls a minute, slots, places in queues.

    Calls that are met are counted against that much. A kind of job goes by what its newest
    order was met by: once one is not met, those that wait move up. One of each is always left.
    """

    percent: int = 50

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.percent <= 99:
            raise ValueError(f"percent: {self.percent} is not between 1 and 99")

    def strike(self, site: Site, account: Account, key: ApiKey) -> None:
        account.limit_percent = min(account.limit_percent, self.percent)
