"""Does an answer tell what nobody outside should know?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mockleo.conformance.checks.seen import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.conformance.checks.promise import Promise
    from mockleo.conformance.checks.seen import Seen

# What it is -> what it looks like.
_INSIDES = {
    "a Python traceback": re.compile(
        rb"Traceback \(most recent call last\)|File \\?\"[^\"]+\.py\\?\", line \d"
    ),
    "a JavaScript stack": re.compile(rb"(?:\\n|\n)\s*at [^\n\\]{1,200}\(?[^\s()]+\.[cm]?[jt]s:\d+:\d+"),
    "a Java stack": re.compile(rb"(?:\\n|\n|\\t|\t)at [\w.$]+\([\w$]+\.(?:java|kt|scala):\d+\)"),
    "a Go stack": re.compile(rb"goroutine \d+ \[running\]"),
    "an SQL statement or state": re.compile(
        rb"SQLSTATE|psycopg|\b(?:SELECT|INSERT INTO|UPDATE) .{1,200}\bFROM\b"
    ),
    "a framework's debugging page": re.compile(rb"Werkzeug Debugger|DEBUG = True|Whitelabel Error Page"),
}


def insides_hidden(promise: Promise, seen: Seen) -> Iterator[Wrong]:
    """No refusal shows stacks, statements of a database, or a framework's own pages."""
    for name, looks in _INSIDES.items():
        # What the client has sent itself is no secret.
        found = looks.search(seen.answer.body)
        if found is not None and found[0] not in seen.request.body:
            yield Wrong(
                message=f"a refusal shows {name}",
                expected="a refusal says its reason in the texts of contracts/errors.toml, and no more"
                " (observed; source: ERR, HAS)",
                fix="whether a debugging mode is on, and what writes errors that nobody has caught",
                value=found[0][:80].decode("utf-8", "replace"),
            )
