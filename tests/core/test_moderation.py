"""Which prompts are refused, and for which word."""

import pytest

from mockleo.core.errors import AgainstTerms, WordFiltered
from mockleo.core.moderation import moderate

from .worlds import the_rules


@pytest.mark.parametrize(
    ("prompt", "word"),
    [
        ("naked", "naked"),
        ("a naked mole rat", "naked"),
        ("NUDE portrait", "nude"),
        ("in the Nude.", "nude"),
    ],
)
def test_a_word_is_refused_and_told(prompt: str, word: str) -> None:
    with pytest.raises(WordFiltered) as caught:
        moderate(the_rules(), prompt)
    assert caught.value.facts == {"word": word}


@pytest.mark.parametrize("prompt", ["this is against the terms", "a TERMS violation, please"])
def test_what_is_said_is_refused_without_a_word(prompt: str) -> None:
    with pytest.raises(AgainstTerms) as caught:
        moderate(the_rules(), prompt)
    assert caught.value.facts == {}


def test_the_terms_come_before_the_words() -> None:
    with pytest.raises(AgainstTerms):
        moderate(the_rules(), "naked and against the terms")


@pytest.mark.parametrize("prompt", ["", "a cat", "nudetta", "snakednest", "denude", "nu de"])
def test_other_prompts_pass(prompt: str) -> None:
    moderate(the_rules(), prompt)
