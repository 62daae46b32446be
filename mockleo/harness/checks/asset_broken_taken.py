"""A broken file is taken for a good one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks.check import Check
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.evidence import Call, Evidence
    from mockleo.harness.verdict import Finding


def look(evidence: Evidence) -> Iterator[Finding]:
    """Files that cannot be shown; and fetches that brought something broken, with which the client
    was content: it has neither fetched it again nor said that anything was wrong.
    """
    if evidence.client.exit_code != 0:
        return
    broken = [file for file in evidence.client.files if not file.is_whole]
    if broken:
        yield CHECK.found(
            f"{len(broken)} of {len(evidence.client.files)} files cannot be shown, {broken[0].name} the"
            " first of them;"
            " the client ended as if all was well.",
            at_ms=evidence.client.ended_ms,
        )
        return
    spoilt = evidence.faults_of(*_SPOILING)
    for fetches in evidence.attempts.values():
        last = fetches[-1]
        if last.operation != "cdn.get" or _was_ordered_again(evidence, last):
            continue
        if spoilt & set(last.exchange.faults):
            yield CHECK.found(
                f"Exchange {last.n} brought a broken file ({last.exchange.why}), and the client never"
                " fetched it again;"
                " it ended as if all was well.",
                at_ms=last.at_ms,
                calls=(last,),
            )
            return


def _was_ordered_again(evidence: Evidence, fetch: Call) -> bool:
    """Whether the client knew that the file was broken, and paid for another one."""
    return any(evidence.was_ordered_again(job) for job in evidence.jobs_in(fetch.exchange.path))


_SPOILING = ("asset-truncated", "asset-corrupt", "asset-html", "asset-wrong-type")


CHECK = Check(
    name="asset-broken-taken",
    severity=Severity.MAJOR,
    title="A broken file is kept",
    why="Nobody notices until it is opened; then the original may be gone.",
    fix="Look at the status, the type and the length, and open the file; fetch it again when it is not"
    " whole.",
    look=look,
)
