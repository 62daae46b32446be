"""Do the two ways in which a price is told agree?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mockleo.conformance.checks.seen import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.conformance.checks.promise import Promise
    from mockleo.conformance.checks.seen import Seen

_AMOUNT = {"CREDITS": re.compile(r"\d+"), "DOLLARS": re.compile(r"\d+(?:\.\d+)?")}


def prices_agree(promise: Promise, seen: Seen) -> Iterator[Wrong]:
    """Counted in credits, both numbers are one; paid in dollars, the older one is null."""
    content = seen.content
    if type(content) is not dict or type(content.get("cost")) is not dict:
        return
    amount, unit = content["cost"].get("amount"), content["cost"].get("unit")
    if type(amount) is not str or unit not in _AMOUNT:
        return
    assert seen.operation is not None, "a content belongs to an operation"
    root = seen.operation.root
    if _AMOUNT[unit].fullmatch(amount) is None:
        yield Wrong(
            message=f"{root}.cost.amount is no number of {unit.lower()}",
            expected="a decimal number as text; credits are whole (documented; source: OAS, PAYG)",
            fix="where the price is written",
            value=amount,
        )
    elif unit == "CREDITS":
        yield from _credits(root, content, amount)
    elif content.get("apiCreditCost") is not None:
        yield Wrong(
            message=f"{root} is paid in dollars, and has a price in credits",
            expected="apiCreditCost is null where the account pays in dollars (documented; source: PAYG)",
            fix="where the price is written: which of the two does the account's plan use?",
            value=f"{content['apiCreditCost']} credits and {amount} dollars",
        )


def _credits(root: str, content: dict[str, Any], amount: str) -> Iterator[Wrong]:
    if content.get("apiCreditCost") != int(amount):
        yield Wrong(
            message=f"{root} tells two prices",
            expected="apiCreditCost is cost.amount where the unit is CREDITS (documented; source: OAS)",
            fix="where the price is written: clients read either of them",
            value=f"apiCreditCost {content.get('apiCreditCost')}, cost.amount {amount}",
        )
