"""Secrets in what a client prints: found in every shape, however it is cut, and never kept."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from mockleo.core.chance import Chance
from mockleo.harness.runner.leaks import Printed
from mockleo.redact import Redactor

if TYPE_CHECKING:
    from mockleo.harness.run import Leak

KEY = Chance(b"a key of a test's").uuid4("key")
OTHER = Chance(b"a key of a test's").uuid4("another")


def leaks(*chunks: bytes) -> list[Leak]:
    printed = Printed("stdout", {"the API key": KEY, "the webhook key": "a+b/c d&e=f"})
    for chunk in chunks:
        printed.feed(chunk)
    printed.close()
    found = list(printed.leaks(Redactor()))
    told = repr(found) + printed.tail(Redactor())
    assert KEY not in told
    assert KEY.upper() not in told
    return found


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "line",
    [
        KEY,
        f"Authorization: Bearer {KEY}",
        KEY.upper(),
        f'{{"key":"{KEY}"}}',
        coded(KEY),
        coded(f"Bearer {KEY}"),
        coded(f"x{KEY}"),
        coded(f"xx{KEY}yy"),
        coded(f"user:{KEY}\n"),
        "x" * 200_000 + KEY,
        "x" * 65_520 + KEY + "y" * 70_000,
    ],
)
def test_the_key_in_every_shape_is_found(line: str) -> None:
    (found,) = leaks(f"one\ntwo\n{line}\nfour".encode())
    assert (found.stream, found.line, found.what) == ("stdout", 3, "the API key")
    assert "[redacted]" in found.text
    assert len(found.text) <= 200


@pytest.mark.parametrize("line", ["a+b/c d&e=f", quote("a+b/c d&e=f", safe=""), coded("a+b/c d&e=f")])
def test_other_secrets_are_found_as_well(line: str) -> None:
    assert [found.what for found in leaks(line.encode())] == ["the webhook key"]


@pytest.mark.parametrize("line", ["", "nothing", KEY[:8], KEY[:-4] + "0000", OTHER, coded(OTHER)])
def test_what_is_no_secret_is_left_alone(line: str) -> None:
    assert leaks(line.encode()) == []


@pytest.mark.parametrize("size", [1, 7, 36, 1_000])
def test_it_makes_no_difference_how_it_comes(size: int) -> None:
    raw = f"one\n{KEY}\nthree {KEY}\r\n\nfive".encode()
    chunks = [raw[at : at + size] for at in range(0, len(raw), size)]
    assert leaks(*chunks) == leaks(raw)
    assert [found.line for found in leaks(*chunks)] == [2, 3]


@pytest.mark.parametrize("before", [0, 65_499, 65_500, 65_520, 65_535, 65_536, 131_060, 140_000])
def test_a_line_that_does_not_end_is_looked_at_all_through(before: int) -> None:
    raw = b"x" * before + KEY.encode() + b"y" * 140_000
    (found,) = leaks(*(raw[at : at + 4_096] for at in range(0, len(raw), 4_096)))
    assert found.line == 1


def test_lines_are_counted_through_everything() -> None:
    (found,) = leaks(*[b"line\n" * 1_000] * 50, KEY.encode())
    assert found.line == 50_001


def test_of_many_leaks_the_first_are_told() -> None:
    assert [found.line for found in leaks(f"{KEY}\n".encode() * 500)] == list(range(1, 101))


def test_the_tail_is_cut_where_no_secret_is_in_half() -> None:
    for more in range(60):
        printed = Printed("stdout", {"the API key": KEY})
        printed.feed((f"{KEY} " * 200 + "x" * (3_990 + more)).encode())
        told = printed.tail(Redactor())
        assert len(told) == 4_000
        assert not any(KEY[at : at + 9] in told for at in range(len(KEY) - 8))


def test_the_redactor_knows_others() -> None:
    redactor = Redactor()
    redactor.learn(OTHER)
    printed = Printed("stderr", {})
    printed.feed(OTHER.encode())
    assert printed.tail(redactor) == "[redacted]"
