"""The verdicts of the benchmark: what is met, what is missed, what is only told."""

import json

import pytest

from bench.report import Result, compared, document, table


def a_result(ratio: float, *, at_least: float | None = None, at_most: float | None = None) -> Result:
    return Result(
        name="answers",
        over="a bare one",
        ratio=ratio,
        spread=(ratio, ratio),
        at_least=at_least,
        at_most=at_most,
    )


@pytest.mark.parametrize(
    ("result", "word"),
    [
        (a_result(0.5, at_least=0.5), "ok"),
        (a_result(0.49, at_least=0.5), "MISSED"),
        (a_result(2.0, at_most=2.0), "ok"),
        (a_result(2.01, at_most=2.0), "MISSED"),
        (a_result(0.1), "told"),
    ],
)
def test_a_verdict(result: Result, word: str) -> None:
    assert table(result).startswith(word)
    assert result.met is (word != "MISSED")


def test_one_missed_target_is_enough() -> None:
    met, missed = a_result(1, at_least=0.5), a_result(0.4, at_least=0.5)
    assert json.loads(document([met]))["met"] is True
    assert json.loads(document([met, missed]))["met"] is False


def test_turns_are_compared_one_by_one() -> None:
    """A turn in which the machine was slow for both counts as much as any other."""
    result = compared("x", over="y", ours=[10, 1, 10], theirs=[20, 2, 20], unit="a second")
    assert result.ratio == 0.5
    assert result.spread == (0.5, 0.5)
