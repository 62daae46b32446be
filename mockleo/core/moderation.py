"""Which prompts are refused.

Two filters are documented: one for single words, which tells the word, and one for what the
prompt says as a whole. What triggers either is nowhere published; the lists are data.
"""

import re
from functools import lru_cache

from mockleo.core.errors import AgainstTerms, WordFiltered
from mockleo.core.rules import Rules


def moderate(rules: Rules, prompt: str) -> None:
    """Refuse `prompt` when one of the filters catches it."""
    terms = _any_of(tuple(rules.table("moderation.terms")["phrases"]))
    if terms.search(prompt):
        raise AgainstTerms(rule="moderation.terms")
    words = _any_of(tuple(rules.table("moderation.words")["words"]))
    if caught := words.search(prompt):
        raise WordFiltered(word=caught[0].lower())


@lru_cache(maxsize=16)
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b", re.IGNORECASE)
