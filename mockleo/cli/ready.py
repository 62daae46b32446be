"""`mockleo ready`: for health checks, and for whoever waits for a start."""

from __future__ import annotations

import json
import sys

import click

from mockleo.settings import DEFAULT_PORT


@click.command()
@click.option("--url", envvar="MOCKLEO_URL", default=f"http://127.0.0.1:{DEFAULT_PORT}", show_default=True)
@click.option("--wait", is_flag=True, help="Wait until it is, or until --timeout.")
@click.option("--timeout", "timeout_s", default=30.0, show_default=True, help="Seconds.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
def ready(*, url: str, wait: bool, timeout_s: float, as_json: bool) -> None:
    """Tell whether an emulator answers; exit 0 if so."""
    from mockleo.probing import is_ready

    answered = is_ready(url, patience_s=timeout_s if wait else 0)
    if as_json:
        click.echo(json.dumps({"ready": answered, "url": url}))
    elif not answered:
        click.echo(f"mockleo: nothing is ready at {url}", err=True)
    sys.exit(0 if answered else 1)
