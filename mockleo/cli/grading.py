"""What `run` and `grade` have in common: the reports that can be asked for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

import click

from mockleo.cli.misuse import misuse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mockleo.harness.judged import Judged

Command = TypeVar("Command", bound="Callable[..., None]")


def reports(command: Command) -> Command:
    """The options that say in which forms the verdict is wanted."""
    for option in (
        click.option(
            "--html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Also as a page."
        ),
        click.option(
            "--junit",
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="FILE",
            help="Also as JUnit XML.",
        ),
        click.option("--json", "as_json", is_flag=True, help="One JSON document instead of words."),
    ):
        command = option(command)
    return command


def tell(judged: Sequence[Judged], *, as_json: bool, junit: Path | None, html: Path | None) -> NoReturn:
    """Tell the verdicts in every form that was asked for, and end with what they come to."""
    from mockleo.harness import report
    from mockleo.harness.judged import exit_code

    if as_json:
        click.echo(report.as_json(judged).decode())
    else:
        click.echo(report.as_text(judged, colours=sys.stdout.isatty()))
    for path, write in ((junit, report.as_junit), (html, report.as_page)):
        if path is not None:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(write(judged))
            except OSError as error:
                misuse(f"{path}: {error.strerror}")
    sys.exit(exit_code(judged))
