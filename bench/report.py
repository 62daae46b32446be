"""Results, targets, and the table of both."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One ratio and what it has to be.

    `spread` is the smallest and the largest ratio of any single round; `beside` is what helps
    to read the ratio, such as the medians it was made of.
    """

    name: str
    over: str
    ratio: float
    spread: tuple[float, float]
    at_least: float | None = None
    at_most: float | None = None
    beside: Mapping[str, float | str] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        """Whether the target is reached."""
        if self.at_least is not None and self.ratio < self.at_least:
            return False
        return self.at_most is None or self.ratio <= self.at_most

    @property
    def target(self) -> str:
        if self.at_least is not None:
            return f">= {self.at_least:.2f}"
        return f"<= {self.at_most:.2f}"


def compared(
    name: str,
    *,
    over: str,
    ours: Sequence[float],
    theirs: Sequence[float],
    at_least: float | None = None,
    at_most: float | None = None,
    beside: Mapping[str, float | str],
) -> Result:
    """The median of `ours` over the median of `theirs`; both by round, in the same order."""
    by_round = [our / their for our, their in zip(ours, theirs, strict=True)]
    return Result(
        name=name,
        over=over,
        ratio=median(ours) / median(theirs),
        spread=(min(by_round), max(by_round)),
        at_least=at_least,
        at_most=at_most,
        beside=beside,
    )


def table(results: Iterable[Result]) -> str:
    """The results for people: a line each, and below it what helps to read it."""
    lines = []
    for result in results:
        low, high = result.spread
        lines.append(
            f"{'ok    ' if result.met else 'MISSED'}  {result.ratio:5.2f}  {result.target:>7}"
            f"  ({low:.2f} to {high:.2f})  {result.name}, over {result.over}"
        )
        beside = "; ".join(f"{name} {_told(value)}" for name, value in result.beside.items())
        lines.append(f"{'':25}{beside}")
    return "\n".join(lines)


def document(results: Iterable[Result]) -> str:
    """The results for programs."""
    rows = [{**asdict(result), "met": result.met} for result in results]
    return json.dumps({"met": all(row["met"] for row in rows), "results": rows})


def _told(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
