"""The command line: one module a command. Everything heavy is imported by the command that needs it."""

from __future__ import annotations

import click

from mockleo import __version__
from mockleo.cli.contract import contract
from mockleo.cli.env import env
from mockleo.cli.grade import grade
from mockleo.cli.ready import ready
from mockleo.cli.run import run
from mockleo.cli.scenarios import scenarios
from mockleo.cli.serve import serve

__all__ = ["contract", "env", "grade", "main", "ready", "run", "scenarios", "serve"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mockleo")
def main() -> None:
    """Leonardo.Ai's generation API, emulated on your own machine."""


for command in (serve, ready, env, contract, run, grade, scenarios):
    main.add_command(command)
