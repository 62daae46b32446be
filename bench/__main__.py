"""The list of measurements, and the command that makes them."""

from __future__ import annotations

import argparse
import signal
import sys
from concurrent.futures import BrokenExecutor
from subprocess import SubprocessError
from typing import TYPE_CHECKING

import psutil

from bench import contract, grading, jobs, rehearsal, starting, throughput, webhooks
from bench.report import Result, document, table
from bench.setting import FULL, QUICK, Meaningless, Setting, prepared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MEASUREMENTS: tuple[Callable[[Setting], Iterator[Result]], ...] = (
    throughput.show_finished,
    throughput.create_queued,
    throughput.create_instant,
    starting.start,
    starting.help_text,
    jobs.weight,
    jobs.growth,
    webhooks.dispatch,
    rehearsal.day,
    rehearsal.journal,
    grading.graded,
    contract.generated_calls,
)

MET, MISSED, BROKEN = 0, 1, 2

# What can go wrong with processes and sockets. A missed target is none of these.
_BROKEN_BY = (Meaningless, OSError, BrokenExecutor, SubprocessError, psutil.Error)


def main() -> int:
    """Measure everything; return 1 when a target is missed, 2 when nothing could be measured."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="How fast the emulator is, in ratios."
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of the table")
    parser.add_argument("--only", metavar="NAME", help="the measurements whose function has this in its name")
    asked = parser.parse_args()
    chosen = [each for each in MEASUREMENTS if not asked.only or asked.only in each.__name__]
    if not chosen:
        parser.error(f"--only: none of {', '.join(each.__name__ for each in MEASUREMENTS)}")
    # So that servers are stopped when we are.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(BROKEN))
    results: list[Result] = []
    try:
        with prepared(QUICK if asked.quick else FULL) as setting:
            for measure in chosen:
                for result in measure(setting):
                    results.append(result)
                    if not asked.json:
                        _say(table(result))
    except _BROKEN_BY as error:
        sys.stderr.write(f"bench: {type(error).__name__}: {error}\n")
        return BROKEN
    if asked.json:
        _say(document(results))
    return MET if all(result.met for result in results) else MISSED


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
