"""Who the key belongs to, and what is left on the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.wire.words import user_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockleo.wire.call import Call, Reply


def show(call: Call) -> Reply:
    """The account. Only the two `api...Tokens` pay for calls; the first counters are the web
    app's. Source: OAS, FAQ.
    """
    account = call.account
    return call.reply(
        [
            {
                "user": {
                    "id": account.user_id,
                    "username": user_name(account.chance.below(2**32, "user-name")),
                },
                "tokenRenewalDate": None,
                "paidTokens": 0,
                "subscriptionTokens": 0,
                "subscriptionGptTokens": 0,
                "subscriptionModelTokens": 0,
                "apiConcurrencySlots": account.lanes["image"].slots,
                "apiPaidTokens": account.ledger.balance,
                "apiSubscriptionTokens": 0,
                "apiPlanTokenRenewalDate": None,
            }
        ]
    )


HANDLERS: Mapping[str, Callable[[Call], Reply]] = {"getUserSelf": show}
