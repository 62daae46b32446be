"""What the official SDKs do in each scenario: plays them all, and writes docs/sdks.md and its summary in
README.md.

    python -m scenarios.clients.table [--jobs 3] [--speed 15]

Needs libfaketime and the TypeScript SDK in tests/sdk/typescript (`make demo` sees to both). Only the
tables between two marks are written; the words around them stay.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mockleo.harness import judged
from mockleo.harness.runner.play import Options, play
from mockleo.harness.runner.process import CannotStart
from mockleo.harness.runner.speed import NoSpeed
from mockleo.harness.scenario import read, shipped
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mockleo.harness.scenario import Scenario
    from mockleo.harness.verdict import Verdict

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PLACE = ROOT / "docs" / "sdks.md"
README = ROOT / "README.md"
SDK = ROOT / "tests" / "sdk" / "typescript"
BEGIN, END = "<!-- the table begins -->", "<!-- the table ends -->"
TASK = "generate"

PYTHON = (sys.executable, str(HERE / "python_sdk.py"))
TYPESCRIPT = ("node", str(HERE / "typescript_sdk.mjs"))
CLIENTS = {
    "Python": PYTHON,
    "Python, retries": (*PYTHON, "--retry"),
    "TypeScript": TYPESCRIPT,
    "TypeScript, retries": (*TYPESCRIPT, "--retry"),
}
# They order one after the other: a thousand images are beyond the time that there is, and prove nothing.
LEFT_OUT = frozenset({"batch"})
# What is only waited for.
FASTER = {"never-ending-job": 60.0, "slow-jobs": 60.0, "no-answer": 40.0}


class Row(NamedTuple):
    """One scenario, and what came of each client in it."""

    scenario: str
    verdicts: tuple[Verdict, ...]


def names() -> list[str]:
    """The scenarios that are played: those with the one task that these clients know."""
    return [
        name for name, path in shipped().items() if name not in LEFT_OUT and read(path).client.task == TASK
    ]


def rows(*, jobs: int, speed: float) -> Iterator[Row]:
    """Let every client meet every scenario, so many at once."""
    wanted = [(read(shipped()[name]), command) for name in names() for command in CLIENTS.values()]

    def one(pair: tuple[Scenario, Sequence[str]]) -> Verdict:
        scenario, command = pair
        options = Options(speed=FASTER.get(scenario.name, speed), environment={"MOCKLEO_SDK": str(SDK)})
        return judged.of(list(play(scenario, command, options))).verdict

    with ThreadPoolExecutor(jobs) as pool:
        verdicts = pool.map(one, wanted)
        for name in names():
            row = Row(name, tuple(next(verdicts) for _ in CLIENTS))
            print(line(row), file=sys.stderr, flush=True)
            yield row


def line(row: Row) -> str:
    """The scenario's line of the table."""
    return f"| `{row.scenario}` | " + " | ".join(cell(verdict) for verdict in row.verdicts) + " |"


def cell(verdict: Verdict) -> str:
    """The grade, and what it was given for; habits are left out."""
    found = sorted({each.check for each in verdict.findings if each.severity is not Severity.NOTE})
    told = [f"[{check}](checks.md#{check})" for check in found]
    told += [f"{each.check}?" for each in verdict.unsure]
    return f"{verdict.grade}: {', '.join(told)}" if told else verdict.grade


def summary(made: Sequence[Row]) -> Iterator[str]:
    """How often each client was given each grade."""
    yield "| client | " + " | ".join("ABCDEF") + " |"
    yield "| --- |" + " ---: |" * 6
    for nth, client in enumerate(CLIENTS):
        grades = Counter(row.verdicts[nth].grade for row in made)
        yield f"| {client} | " + " | ".join(str(grades[grade]) for grade in "ABCDEF") + " |"


def table(made: Sequence[Row]) -> Iterator[str]:
    """A line for each scenario."""
    yield "| scenario | " + " | ".join(CLIENTS) + " |"
    yield "| --- |" + " --- |" * len(CLIENTS)
    yield from map(line, made)


def write(place: Path, lines: Iterable[str]) -> None:
    """Put these lines between the marks of a page."""
    before, _, rest = place.read_text("utf-8").partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise SystemExit(f"{place}: the marks of the table are not there any more")
    place.write_text("\n".join([before + BEGIN, *lines, END]) + after, "utf-8")


def main() -> None:
    asked = argparse.ArgumentParser(description="What the official SDKs do in each scenario.")
    asked.add_argument("--jobs", type=int, default=3, help="scenarios at once")
    asked.add_argument("--speed", type=float, default=15.0, help="how many times faster the clients live")
    told = asked.parse_args()
    try:
        made = list(rows(jobs=told.jobs, speed=told.speed))
    except (NoSpeed, CannotStart) as error:
        raise SystemExit(str(error)) from None
    write(PLACE, [*summary(made), "", *table(made)])
    write(README, summary(made))
    print("\n".join(summary(made)))


if __name__ == "__main__":
    main()
