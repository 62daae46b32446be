"""Ten thousand exchanges, graded and reported: what somebody waits for, in seconds, and the page's
size. Both are told as they are, not in ratios. The run is read from bytes, as `mockleo grade` does it;
nothing is measured that found nothing.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from bench.report import Result
from bench.setting import Meaningless
from mockleo.harness import judged, report
from tests.harness.report.crowd import a_crowd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.setting import Setting

EXCHANGES = 10_000
SECONDS_MOST = 3.0
PAGE_MB_MOST = 2.0
_MB = 1_000_000


def graded(setting: Setting) -> Iterator[Result]:
    """From a saved run to the verdict in all four forms."""
    turns = [setting.in_a_process_of_its_own(_turn) for _ in range(setting.effort.repeats)]
    seconds = sorted(took_s for took_s, _ in turns)
    yield Result(
        name=f"{EXCHANGES:,} exchanges graded and reported in all forms, seconds",
        over="nothing",
        ratio=seconds[len(seconds) // 2],
        spread=(seconds[0], seconds[-1]),
        at_most=SECONDS_MOST,
        beside="a saved run, in a process of its own",
    )
    megabytes = max(size for _, size in turns) / _MB
    yield Result(
        name="the page of that run, MB",
        over="nothing",
        ratio=megabytes,
        spread=(megabytes, megabytes),
        at_most=PAGE_MB_MOST,
    )


def _turn() -> tuple[float, int]:
    lines = a_crowd(EXCHANGES)
    began_s = perf_counter()
    runs = [judged.of(lines)]
    report.as_text(runs, colours=False)
    report.as_json(runs)
    report.as_junit(runs)
    page = report.as_page(runs)
    took_s = perf_counter() - began_s
    if not runs[0].verdict.findings:
        raise Meaningless("nothing was found in a run that is full of mistakes")
    return took_s, len(page)
