"""`mockleo env`: what a client of a running emulator needs."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

import click

from mockleo.cli.misuse import misuse
from mockleo.settings import DEFAULT_PORT

if TYPE_CHECKING:
    from collections.abc import Callable

_FORMATS: dict[str, Callable[[str, str], str]] = {
    "sh": lambda name, value: f"export {name}={shlex.quote(value)}",
    "dotenv": lambda name, value: f"{name}={value}",
    "github": lambda name, value: f"{name}={value}",
}


@click.command()
@click.option("--url", envvar="MOCKLEO_URL", default=f"http://127.0.0.1:{DEFAULT_PORT}", show_default=True)
@click.option("--format", "shape", type=click.Choice([*_FORMATS]), default="sh", show_default=True)
@click.option("--control-token", envvar="MOCKLEO_CONTROL_TOKEN", help="If the emulator was started with one.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
def env(*, url: str, shape: str, control_token: str | None, as_json: bool) -> None:
    """Print the variables that a client of a running emulator needs."""
    from mockleo.probing import NotRunning, client_environment

    try:
        variables = client_environment(url, control_token=control_token)
    except NotRunning as error:
        misuse(str(error))
    if as_json:
        click.echo(json.dumps(variables))
        return
    for name, value in variables.items():
        click.echo(_FORMATS[shape](name, value))
