"""`mockleo grade`: the verdict on a saved run, again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockleo.cli.grading import reports, tell
from mockleo.cli.misuse import misuse, own_mistakes

if TYPE_CHECKING:
    from mockleo.harness.judged import Judged


@click.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RUN.jsonl...")
@reports
def grade(runs: tuple[Path, ...], **asked: Any) -> None:
    """Grade saved runs (`mockleo run --report DIR`) again: the same verdict, without a server.

    Exit: 0 passed, 1 findings, 2 bad input, 3 something could not be decided.
    """
    with own_mistakes():
        tell([_judged(path) for path in runs], **asked)


def _judged(path: Path) -> Judged:
    from mockleo.harness import judged
    from mockleo.harness.run import BadRun

    try:
        with path.open("rb") as lines:
            return judged.of(lines)
    except OSError as error:
        misuse(f"{path}: {error.strerror}")
    except BadRun as error:
        misuse(f"{path}: {error}")
