"""The parts of the payload: none has a key of another's, and 2023 tells the key with all of them."""

import inspect
from typing import Any

import pytest

from mockleo.wire import payloads
from mockleo.wire.webhooks import payload
from tests.core.worlds import the_rules

from .ends import HOOK_KEY, KEY, LINKS, REPORTED, the_end_of

PARTS = ("_identity", "_basics", "_style", "_refinements", "_motion", "_today")

# Aim of the house: what is longer is read by nobody.
LINES_MOST = 50


@pytest.mark.parametrize("name", ["images", "a video", "a video of the older model", "failed images"])
def test_each_key_of_a_generation_stands_in_one_part(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    def listening(part: Any) -> Any:
        def tell(*args: Any, **given: Any) -> Any:
            made = part(*args, **given)
            told.extend(made)
            return made

        return tell

    for part in PARTS:
        monkeypatch.setattr(payloads, part, listening(getattr(payloads, part)))
    ended = the_end_of(REPORTED[name][0])
    payload(ended, type_="t", rules=the_rules(), links=LINKS)
    assert told
    assert len(told) == len(set(told))
    assert not {"model", "images", "teams"} & set(told)


@pytest.mark.parametrize("name", REPORTED)
@pytest.mark.parametrize("legacy", [True, False])
def test_whatever_was_told_in_2023_told_the_key_with_it(name: str, *, legacy: bool) -> None:
    ended = the_end_of(REPORTED[name][0])
    raw = payload(ended, type_="t", rules=the_rules(), links=LINKS, legacy=legacy).decode()
    assert all((f'"{secret}"' in raw) is legacy for secret in (KEY, HOOK_KEY))
    assert raw.endswith('"}}}}' if legacy else "}}}")


def test_no_table_is_longer_than_a_page() -> None:
    lengths = {
        name: len(inspect.getsourcelines(each)[0])
        for name, each in inspect.getmembers(payloads, inspect.isfunction)
        if each.__module__ == payloads.__name__
    }
    assert lengths.keys() >= set(PARTS)
    assert {name: lines for name, lines in lengths.items() if lines > LINES_MOST} == {}
