"""How a command says that it was asked for what cannot be."""

from __future__ import annotations

import sys
from typing import NoReturn

import click

MISUSE = 2


def misuse(message: str) -> NoReturn:
    """Say so and end."""
    click.echo(f"mockleo: {message}", err=True)
    sys.exit(MISUSE)
