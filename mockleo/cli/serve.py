"""`mockleo serve`: the emulator, until it is interrupted."""

from __future__ import annotations

import gc
import json
import os
import sys
from typing import Any

import click

from mockleo import __version__
from mockleo.cli.misuse import misuse
from mockleo.settings import DEFAULT_PORT, BadSetting, read


def _pairs(_: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """NAME=VALUE flags as a mapping."""
    pairs = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{pair!r} is not NAME=VALUE", param=parameter)
        pairs[name] = value
    return pairs


def _counts(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, int]:
    """NAME=N flags as a mapping."""
    counts = {}
    for name, value in _pairs(context, parameter, given).items():
        if not value.isdecimal():
            raise click.BadParameter(f"{name}: {value!r} is no whole number", param=parameter)
        counts[name] = int(value)
    return counts


def _faults(
    _: click.Context, parameter: click.Parameter, given: tuple[str, ...]
) -> tuple[dict[str, Any], ...]:
    """Descriptions of faults, which are judged where the menu is known."""
    found = []
    for text in given:
        try:
            described = json.loads(text)
        except ValueError as error:
            raise click.BadParameter(f"{text!r} is no JSON: {error}", param=parameter) from None
        if not isinstance(described, dict):
            raise click.BadParameter(f"{text!r} is no JSON object", param=parameter)
        found.append(described)
    return tuple(found)


@click.command()
@click.option("--host", help="Where to listen; anything but loopback needs --control-token. [127.0.0.1]")
@click.option("--port", type=int, help=f"Where to listen; 0 takes a free one. [{DEFAULT_PORT}]")
@click.option(
    "--time",
    metavar="real|xN|manual|auto|instant",
    help="How time passes; auto jumps to the next event when nothing is going on. [real]",
)
@click.option("--keys", metavar="open|strict", help="Which keys are good: any, or declared ones. [open]")
@click.option("--api-key", "api_keys", multiple=True, metavar="UUID", help="Declare a key; repeatable.")
@click.option("--profile", metavar="sdk-safe|wire-true", help="Whose values answers have. [sdk-safe]")
@click.option("--plan", help="What accounts have bought: credits or payg. [credits]")
@click.option("--credits", type=int, help="What each account begins with. [the plan's]")
@click.option(
    "--slots", multiple=True, callback=_counts, metavar="KIND=N", help="Concurrency bought: image=20."
)
@click.option("--webhook", metavar="URL", help="Where each key's jobs are reported.")
@click.option("--webhook-key", help="The bearer that is sent along to --webhook.")
@click.option("--webhook-reach", metavar="local|public|any", help="Which addresses may be sent to. [local]")
@click.option("--fault", "faults", multiple=True, callback=_faults, metavar="JSON", help="What goes wrong.")
@click.option("--journal", type=int, help="How many exchanges are kept. [10000]")
@click.option("--seed", type=int, help="What all chance is drawn from. [drawn, and printed]")
@click.option("--cors/--no-cors", default=None, help="Let browsers' pages call the API. [on]")
@click.option("--real-cdn/--local-cdn", default=None, help="Hand out https://cdn.leonardo.ai URLs. [local]")
@click.option("--public-url", help="What URLs in answers begin with. [as the client called us]")
@click.option("--control-token", help="What /_mockleo/ wants to be told, as a bearer token.")
@click.option("--rule", "rules", multiple=True, callback=_pairs, metavar="NAME=VALUE", help="Change a rule.")
@click.option(
    "--refusal",
    "refusals",
    multiple=True,
    callback=_pairs,
    metavar="NAME.FIELD=VALUE",
    help="Change a refusal.",
)
@click.option("--json", "as_json", is_flag=True, help="One line of JSON when ready, instead of the banner.")
def serve(*, as_json: bool, **flags: Any) -> None:
    """Run the emulator until it is interrupted."""
    # What is made during the start stays: to look through it again and again only takes time.
    gc.disable()
    from mockleo.app import App
    from mockleo.runtime.server import PortTaken, Server, listen, tune_collector

    try:
        # click gives what was not said as None, or as an empty collection where there may be several.
        settings = read({name: value for name, value in flags.items() if value not in (None, (), {})})
        listener = listen(settings.host, settings.port)
        settings = settings.listening_on(listener.getsockname()[1])
        app = App.of(settings)
    except (BadSetting, PortTaken) as error:
        misuse(str(error))

    def ready(_: object) -> None:
        tune_collector()
        click.echo(_ready_line(app) if as_json else _banner(app))
        sys.stdout.flush()

    server = Server(app, on_ready=ready, on_stop=app.let_go)
    app.outage.door = server
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        # uvicorn has shut down in order and passes the signal on.
        sys.exit(130)


def _ready_line(app: Any) -> str:
    settings = app.settings
    return json.dumps(
        {
            "url": settings.url,
            "base_url": app.base_url,
            # A key that the operator has brought is his secret, and he knows it.
            "api_key": None if settings.api_keys else app.api_key,
            "pid": os.getpid(),
            "seed": settings.seed,
            "control_token": settings.control_token,
        }
    )


def _banner(app: Any) -> str:
    settings = app.settings
    # A key that the operator has brought is his secret, and he knows it.
    key = "$LEONARDO_API_KEY" if settings.api_keys else app.api_key
    curl = (
        f'curl -s {app.base_url}/generations -H "Authorization: Bearer {key}"'
        """ -H 'Content-Type: application/json' -d '{"prompt":"a cat in the snow"}'"""
    )
    return f"""mockleo {__version__}: Leonardo.Ai's API, emulated at {settings.url}
  seed {settings.seed}, time {settings.time}, keys {settings.keys}, profile {settings.profile}

Try it:
  {curl}

For a client: LEONARDO_BASE_URL={app.base_url} LEONARDO_API_KEY={key}
"""
