"""Results, targets, and how both are told."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One ratio and what it has to be.

    `spread` is the smallest and the largest ratio of any single turn; `beside` are words that
    help to read the ratio.
    """

    name: str
    over: str
    ratio: float
    spread: tuple[float, float]
    at_least: float | None = None
    at_most: float | None = None
    beside: str = ""

    @property
    def met(self) -> bool:
        """Whether the target is reached."""
        if self.at_least is not None and self.ratio < self.at_least:
            return False
        return self.at_most is None or self.ratio <= self.at_most

    @property
    def target(self) -> str:
        """The target in words; none for what is only told."""
        if self.at_least is None and self.at_most is None:
            return ""
        return f">= {self.at_least:.2f}" if self.at_least is not None else f"<= {self.at_most:.2f}"


def compared(
    name: str,
    *,
    over: str,
    ours: Sequence[float],
    theirs: Sequence[float],
    unit: str,
    at_least: float | None = None,
    at_most: float | None = None,
    beside: str = "",
) -> Result:
    """The median, over the turns, of what was ours over what was theirs.

    Turn by turn, and not median over median: what else the machine did was the same for both.
    """
    by_turn = [our / their for our, their in zip(ours, theirs, strict=True)]
    medians = f"{_told(median(ours))} and {_told(median(theirs))} {unit}, {len(by_turn)} turns"
    return Result(
        name=name,
        over=over,
        ratio=median(by_turn),
        spread=(min(by_turn), max(by_turn)),
        at_least=at_least,
        at_most=at_most,
        beside=f"{medians}; {beside}" if beside else medians,
    )


def table(result: Result) -> str:
    """A result for people: the ratio, and below it what helps to read it."""
    low, high = result.spread
    verdict = ("ok" if result.met else "MISSED") if result.target else "told"
    return (
        f"{verdict:6}  {result.ratio:5.2f}  {result.target:>7}"
        f"  {result.name}, over {result.over}\n"
        f"{'':24}  {low:.2f} to {high:.2f}; {result.beside}"
    )


def document(results: Iterable[Result]) -> str:
    """The results for programs."""
    rows = [{**asdict(result), "met": result.met} for result in results]
    return json.dumps({"met": all(row["met"] for row in rows), "results": rows})


def _told(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
