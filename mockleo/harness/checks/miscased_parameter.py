"""A parameter in other letters than the API's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.parameters import near, unexpected
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Names that are known once their capitals and underscores are taken away."""
    for call in evidence.calls:
        name = unexpected(call)
        meant = None if name is None else near(call.operation, name)
        if meant is not None:
            yield CHECK.found(
                f"Exchange {call.n} ({call.operation}) sends {name!r}; the API calls it {meant!r}. It"
                " refuses the"
                " whole call (400).",
                at_ms=call.at_ms,
                calls=(call,),
            )


CHECK = Check(
    name="miscased-parameter",
    severity=Severity.MINOR,
    title="A parameter in the wrong letters",
    why="The service has both kinds of names: guidance_scale, but presetStyle. A slip of case refuses the"
    " whole call.",
    fix="Take the names from the contract, letter by letter.",
    look=look,
)
