"""`mockleo scenarios`: what a client can be made to meet."""

from __future__ import annotations

import json
import textwrap

import click

from mockleo.cli.misuse import misuse

_WIDTH = 100


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME...]")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of words.")
def scenarios(names: tuple[str, ...], *, as_json: bool) -> None:
    """List the scenarios that come with mockleo; explain those that are named."""
    import msgspec

    from mockleo.core.names import nearest
    from mockleo.harness.scenario import read, shipped

    known = shipped()
    for name in names:
        if name not in known:
            misuse(f"{name}: there is no such scenario{nearest(name, known)}")
    found = [read(known[name]) for name in names or known]
    if as_json:
        click.echo(json.dumps([msgspec.to_builtins(each) for each in found], indent=1))
        return
    widest = max(len(name) for name in known)
    for each in found:
        if not names:
            click.echo(f"{each.name:{widest}}  {each.title}")
            continue
        click.echo(f"{each.name}: {each.title}\n")
        click.echo(textwrap.fill(" ".join(each.story.split()), _WIDTH) + "\n")
        wanted = msgspec.to_builtins(each.client)
        click.echo(
            "The client: "
            + ", ".join(f"{name} {value}" for name, value in wanted.items() if value is not None)
        )
        for fault in each.faults:
            click.echo("A fault: " + json.dumps(fault))
        click.echo("")
