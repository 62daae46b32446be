"""The tree of refusals, as its docstring draws it."""

import re
from collections.abc import Iterator

import pytest

from mockleo.core import errors
from mockleo.core.errors import (
    AtTheDoor,
    BlueprintBadRequest,
    InvalidValue,
    LeoError,
    ModelNotUsable,
    OutOfCredits,
    PromptTooLong,
    WordFiltered,
)


def drawn() -> Iterator[tuple[int, str]]:
    """Depth and name of each class in the drawing."""
    assert errors.__doc__ is not None
    for line in errors.__doc__.splitlines():
        if branch := re.match(r"    ([|` ]*)-- (.*?)(?:  |$)", line):
            for name in branch[2].split(", "):
                yield (len(branch[1]) // 4) + 1, name


def defined(cls: type[LeoError] = LeoError, depth: int = 0) -> Iterator[tuple[int, str]]:
    for child in cls.__subclasses__():
        if child.__module__ == errors.__name__:
            yield depth + 1, child.__name__
            yield from defined(child, depth + 1)


def test_the_drawing_shows_every_refusal_where_it_stands() -> None:
    assert sorted(drawn()) == sorted(defined())


@pytest.mark.parametrize(
    ("refusal", "facts", "rule"),
    [
        (InvalidValue(field="seed", rule="generation.seed"), {"field": "seed"}, "generation.seed"),
        (InvalidValue(field="seed"), {"field": "seed"}, None),
        (PromptTooLong(limit=1500, rule="generation.prompt"), {"limit": 1500}, "generation.prompt"),
        (WordFiltered(word="nude"), {"word": "nude"}, None),
        (ModelNotUsable(model_id="x"), {"model_id": "x"}, None),
        (OutOfCredits(user_id="me"), {"user_id": "me"}, None),
        (BlueprintBadRequest(root="a", detail="b"), {"root": "a", "detail": "b"}, None),
    ],
)
def test_a_refusal_carries_what_its_text_needs(
    refusal: LeoError, facts: dict[str, object], rule: str | None
) -> None:
    assert (refusal.facts, refusal.rule) == (facts, rule)
    assert all(str(fact) in str(refusal) for fact in facts.values())


def test_a_refusal_is_no_assertion_and_knows_no_status() -> None:
    assert not issubclass(LeoError, AssertionError)
    assert not hasattr(AtTheDoor(), "status")
