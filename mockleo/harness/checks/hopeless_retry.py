"""The same again after a refusal that will not change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.evidence import MASK
from mockleo.harness.trouble import is_final
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Call, Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Repeated calls after a final refusal; and whole rows of calls after one that refuses them all."""
    yield from _repeated(evidence)
    yield from _all_refused(evidence)


def _repeated(evidence: Evidence) -> Iterator[Finding]:
    for attempts in evidence.attempts.values():
        refused = next((call for call in attempts if is_known_final(call)), None)
        if (
            refused is None
            or MASK in refused.exchange.query
            or evidence.is_poll(refused)
            or refused.refusal in _FOR_ALL
        ):
            continue
        again = [
            call
            for call in attempts
            if call.at_ms >= refused.answered_ms and call is not refused and is_known_final(call)
        ]
        if len(again) >= CHECK.threshold(evidence, "repeats"):
            yield CHECK.found(
                f"Exchange {refused.n} was refused with {refused.status} ({refused.exchange.why}), and the"
                " same was"
                f" sent {len(again)} times more.",
                at_ms=again[0].at_ms,
                calls=(refused, *again[:3]),
            )


def _all_refused(evidence: Evidence) -> Iterator[Finding]:
    for why in sorted(_FOR_ALL):
        refused = [call for call in evidence.calls if is_final(call) and call.refusal == why]
        later = [
            call
            for call in refused[1:]
            # Whoever goes on looking at a job takes the refusal for PENDING, which others look for.
            if refused[0].answered_ms <= call.at_ms and not evidence.is_poll(call)
        ]
        if len(later) >= CHECK.threshold(evidence, "calls"):
            yield CHECK.found(
                f"Exchange {refused[0].n} was refused ({why}), which holds for all others too;"
                f" {len(later)} more"
                " calls were sent and refused.",
                at_ms=later[0].at_ms,
                calls=(refused[0], *later[:3]),
            )


def is_known_final(call: Call) -> bool:
    """Whether the client could tell: a 4xx of the API. A 500 may pass, and a file may come yet."""
    return is_final(call) and call.is_api and call.status < _SERVICES_FAULT


_SERVICES_FAULT = 500
# Refusals that are not about the one call.
_FOR_ALL = frozenset({"unauthenticated", "malformed-key", "out-of-credits", "blueprint-out-of-credits"})

CHECK = Check(
    name="hopeless-retry",
    severity=Severity.MINOR,
    title="Repeats what cannot succeed",
    why="A call that is wrong, or whose key or credits are gone, is refused each time. The attempts count"
    " against"
    " the limits, and the user waits for an error that was known at once.",
    fix="Retry only 429, 502, 503, 504 and lost answers. Give any other 4xx to the user, with its text.",
    look=look,
    thresholds={"repeats": 1, "calls": 3},
)
