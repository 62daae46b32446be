"""How a command says that it was asked for what cannot be."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

MISUSE = 2


def misuse(message: str) -> NoReturn:
    """Say so and end."""
    click.echo(f"mockleo: {message}", err=True)
    sys.exit(MISUSE)


@contextmanager
def own_mistakes() -> Iterator[None]:
    """What is raised by a mistake of ours is shown whole, and never looks like a verdict."""
    try:
        yield
    except Exception:
        import traceback  # needed only when something is wrong

        traceback.print_exc()
        misuse("this is a mistake of mockleo's own, and says nothing of the client")
