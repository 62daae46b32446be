"""Which prompts are refused.

Two filters are documented: one for single words, which tells the word, and one for what the
prompt says as a whole. What triggers either is nowhere published; the lists are data.
"""

import re

from mockleo.core.errors import AgainstTerms, WordFiltered
from mockleo.core.rules import Rules


def moderate(rules: Rules, prompt: str) -> None:
    """Refuse `prompt` when one of the filters catches it."""
    lowered = prompt.lower()
    if _caught(lowered, rules.table("moderation.terms")["phrases"]) is not None:
        raise AgainstTerms(rule="moderation.terms")
    word = _caught(lowered, rules.table("moderation.words")["words"])
    if word is not None:
        raise WordFiltered(word=word)


def _caught(lowered: str, words: list[str]) -> str | None:
    """The first of `words` that stands in the text as a word of its own."""
    for word in words:
        # Most prompts have none of them, and a plain look costs a tenth of a pattern.
        if word in lowered and re.search(rf"\b{re.escape(word)}\b", lowered):
            return word
    return None
