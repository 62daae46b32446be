"""`mockleo grade`: the verdict on a saved run, again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mockleo.cli.grading import reports, tell
from mockleo.cli.misuse import misuse


@click.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RUN.jsonl...")
@reports
def grade(runs: tuple[Path, ...], **asked: Any) -> None:
    """Grade saved runs (`mockleo run --report DIR`) again: the same verdict, without a server.

    Exit: 0 passed, 1 findings, 2 bad input, 3 something could not be decided.
    """
    from mockleo.harness import judged
    from mockleo.harness.run import BadRun

    found = []
    for path in runs:
        try:
            with path.open("rb") as lines:
                found.append(judged.of(lines))
        except OSError as error:
            misuse(f"{path}: {error.strerror}")
        except BadRun as error:
            misuse(f"{path}: {error}")
    tell(found, **asked)
