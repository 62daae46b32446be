"""The client has printed a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """What the client wrote to stdout and stderr, as it was looked through when it was caught."""
    leaks = evidence.client.leaks
    if leaks:
        first = leaks[0]
        yield CHECK.found(
            f"Line {first.line} of {first.stream} shows {first.what}: {first.text!r}. {len(leaks)} such"
            " lines in all.",
            at_ms=evidence.client.ended_ms,
        )


CHECK = Check(
    name="key-printed",
    severity=Severity.CRITICAL,
    title="A key in the output",
    why="Output ends in logs, in CI, in reports of bugs. Whoever reads them can spend the account's credits.",
    fix="Print no headers and no settings as they are; let keys show four signs at most. Replace the key"
    " that was shown.",
    look=look,
)
