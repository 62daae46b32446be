"""An account's credits are used up, by somebody else it seems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.faults.fault import AccountFault

if TYPE_CHECKING:
    from mockleo.core.account import Account
    from mockleo.core.keys import ApiKey
    from mockleo.wire.site import Site


class CreditsGone(AccountFault, frozen=True, kw_only=True):
    """Leave `left` credits on the account, or as many as it has where that is less.

    What the call then costs is checked as ever. Refunds of jobs under way still come in.
    """

    left: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.left < 0:
            raise ValueError(f"left: {self.left} is below zero")

    def strike(self, site: Site, account: Account, key: ApiKey) -> None:
        ledger = account.ledger
        ledger.adjust(min(self.left, ledger.balance), at_ms=site.world.now_ms)
