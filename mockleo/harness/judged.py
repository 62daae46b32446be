"""A run and what came of it: what every report is made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.harness import run
from mockleo.harness.checks import judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mockleo.harness.verdict import Verdict

# Exit codes of whoever grades: a check that could not be decided is never green.
PASSED, FINDINGS, MISUSE, INCONCLUSIVE = range(4)


class Judged(msgspec.Struct, frozen=True):
    """One graded run."""

    run: run.Run
    verdict: Verdict


def of(lines: Iterable[bytes]) -> Judged:
    """The verdict on a run, from its lines and nothing else; raises `run.BadRun`."""
    read = run.read(lines)
    return Judged(read, judge(read))


def exit_code(judged: Sequence[Judged]) -> int:
    """What all of them come to: findings go before what could not be decided."""
    outcomes = {each.verdict.outcome for each in judged}
    if "findings" in outcomes:
        return FINDINGS
    return INCONCLUSIVE if "inconclusive" in outcomes or not outcomes else PASSED
