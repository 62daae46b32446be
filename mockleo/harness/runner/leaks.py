"""Secrets in what a client has printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.run import Leak

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockleo.redact import Redactor

# What is kept of a line, in signs.
_LINE_MOST = 200


def leaks(stream: str, printed: str, *, secrets: Mapping[str, str], redactor: Redactor) -> Iterator[Leak]:
    """Each line in which a secret stands, as it is or in part: a third of a key is no key, but who
    prints it will print the rest. `secrets` are by what they are ("the API key").
    """
    for number, line in enumerate(printed.splitlines(), 1):
        for what, secret in secrets.items():
            if secret and secret in line:
                yield Leak(stream=stream, line=number, what=what, text=redactor.text(line)[:_LINE_MOST])
