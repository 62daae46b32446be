"""A form is used for a second file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.forms import value_of
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Call, Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Two files under one key, both stored."""
    seen: dict[str, Call] = {}
    for call in evidence.uploads:
        key = value_of(call, "key")
        if key is None or not call.succeeded:
            continue
        if key in seen and call.exchange.body != seen[key].exchange.body:
            yield CHECK.found(
                f"Exchanges {seen[key].n} and {call.n} post two files with one form: the second has"
                " replaced the first.",
                at_ms=call.at_ms,
                calls=(seen[key], call),
            )
            return
        seen.setdefault(key, call)


CHECK = Check(
    name="upload-reused",
    severity=Severity.MINOR,
    title="One form for two files",
    why="A form is for one object: the second file takes the place of the first, and both jobs use it.",
    fix="Ask for a form for each file.",
    look=look,
)
