"""Prompts made and improved: what they cost, and what is refused."""

import pytest

from mockleo.core.errors import (
    AgainstTerms,
    ImprovePromptTooLong,
    InvalidValue,
    LeoError,
    OutOfCredits,
    WordFiltered,
)
from mockleo.core.ledger import Why
from mockleo.core.prompts import improve_prompt, random_prompt

from .worlds import START_MS, a_place

PRICE = 4


def test_a_prompt_costs_four_credits_and_is_drawn_from_the_account() -> None:
    world, account = a_place(credits=100)
    given = [random_prompt(world, account), random_prompt(world, account)]
    improved = improve_prompt(world, account, "a cat")

    assert [idea.cost for idea in (*given, improved)] == [PRICE] * 3
    assert account.ledger.balance == 100 - 3 * PRICE
    assert [(entry.why, entry.at_ms) for entry in account.ledger.entries] == [(Why.CHARGE, START_MS)] * 3
    assert len({idea.seed for idea in (*given, improved)}) == 3
    assert (given[0].given, improved.given) == ("", "a cat")


@pytest.mark.parametrize(
    ("credits", "prompt", "refusal"),
    [
        (PRICE, "x" * 200, None),
        (PRICE, "x", None),
        (PRICE, "x" * 201, ImprovePromptTooLong),
        (PRICE, "", InvalidValue),
        (PRICE, "nude " + "x" * 200, WordFiltered),
        (PRICE, "against the terms", AgainstTerms),
        (PRICE - 1, "nude " + "x" * 200, OutOfCredits),
    ],
)
def test_a_prompt_is_improved_or_refused(credits: int, prompt: str, refusal: type[LeoError] | None) -> None:
    world, account = a_place(credits=credits)
    if refusal is None:
        assert improve_prompt(world, account, prompt).given == prompt
        assert account.ledger.balance == credits - PRICE
    else:
        with pytest.raises(refusal):
            improve_prompt(world, account, prompt)
        assert (account.ledger.balance, account.serial) == (credits, 0)


def test_a_random_prompt_has_its_price_too() -> None:
    world, account = a_place(credits=PRICE - 1)
    with pytest.raises(OutOfCredits):
        random_prompt(world, account)
