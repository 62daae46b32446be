"""A model that was there is not offered any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.faults.fault import AccountFault

if TYPE_CHECKING:
    from mockleo.core.account import Account
    from mockleo.core.keys import ApiKey
    from mockleo.wire.site import Site


class ModelRetired(AccountFault, frozen=True, kw_only=True):
    """Refuse orders of images that run on `model_id`, named or by default, and list it no more.

    They are refused where other unusable models are, after credits and prompt were looked at.
    """

    model_id: str

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.model_id:
            raise ValueError("model_id: must not be empty")

    def strike(self, site: Site, account: Account, key: ApiKey) -> None:
        account.retired = (*account.retired, self.model_id)
