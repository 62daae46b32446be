"""Findings of one check, told together: its words stand once, and each of its proofs below."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.harness.report.document import FindingTold  # noqa: TC001  a struct's fields are looked up
from mockleo.harness.report.words import after, count, duration
from mockleo.harness.verdict import Severity

if TYPE_CHECKING:
    from mockleo.harness.report.document import ExchangeTold, JobTold, Report

_ORDER = {severity.value: nth for nth, severity in enumerate(Severity)}


class Mistake(msgspec.Struct, frozen=True, kw_only=True):
    """What one check has found in a run. `nth` is its number in every report; `labels` name the
    findings: "3" for the only one, else "3.1", "3.2".
    """

    nth: int
    findings: tuple[FindingTold, ...]

    @property
    def first(self) -> FindingTold:
        return self.findings[0]

    @property
    def credits(self) -> int:
        return sum(finding.credits for finding in self.findings)

    @property
    def labels(self) -> tuple[str, ...]:
        if len(self.findings) == 1:
            return (str(self.nth),)
        return tuple(f"{self.nth}.{one}" for one in range(1, len(self.findings) + 1))


def mistakes(report: Report) -> tuple[Mistake, ...]:
    """By check: the gravest first, then in the order in which they were first made."""
    by_check: dict[str, list[FindingTold]] = {}
    for finding in report.findings:
        by_check.setdefault(finding.check, []).append(finding)
    gravest = sorted(by_check.values(), key=lambda found: _ORDER[found[0].severity])
    return tuple(Mistake(nth=nth, findings=tuple(found)) for nth, found in enumerate(gravest, 1))


def severities(report: Report) -> str:
    """How many findings of each severity: "1 critical, 2 minor"."""
    found = [finding.severity for finding in report.findings]
    counted = ((severity, found.count(severity)) for severity in _ORDER)
    return ", ".join(f"{times} {severity}" for severity, times in counted if times) or "none"


def proof(finding: FindingTold) -> list[str]:
    """Each exchange, job and webhook that shows it, in a line; exchanges in the order of time."""
    exchanges = sorted(finding.exchanges, key=lambda exchange: (exchange.at_ms, exchange.n))
    return [
        *(_exchange(each) for each in exchanges),
        *(_job(each) for each in finding.jobs),
        *(
            f"webhook {each.n}  {after(each.at_ms)}  {each.type} of job {each.job_id}: {each.state}"
            for each in finding.deliveries
        ),
    ]


def answer(exchange: ExchangeTold) -> str:
    """What came back, in words."""
    if exchange.outcome == "gone":
        told = "the client hung up before the answer"
    elif exchange.status == 0:
        told = "no answer: the connection was cut"
    elif exchange.outcome == "cut":
        told = f"{exchange.status}, cut off on the way"
    else:
        told = str(exchange.status)
    return f"{told} ({reason(exchange.why)})" if exchange.why else told


def reason(why: str) -> str:
    """Why an exchange ended as it did, in words: a refusal's name, or the scenario's fault."""
    told: list[str] = []
    is_kind = False
    for part in why.split("; "):
        if part.startswith("fault="):
            is_kind = True
        else:
            told.append(f"the scenario's {part}" if is_kind else part)
            is_kind = False
    return "; ".join(told) or "a fault of the scenario's"


def _exchange(exchange: ExchangeTold) -> str:
    took = f" after {duration(exchange.took_ms)}" if exchange.took_ms >= _WORTH_TELLING_MS else ""
    return (
        f"exchange {exchange.n}  {after(exchange.at_ms)}  {exchange.method} {exchange.path}"
        f"  -> {answer(exchange)}{took}"
    )


# An answer that comes sooner has taken no time that anybody would notice.
_WORTH_TELLING_MS = 1_000


def _job(job: JobTold) -> str:
    end = f", {job.state} {after(job.ended_ms)}" if job.ended_ms is not None else f", still {job.state}"
    return f"job {job.id}  booked {after(job.booked_ms)}{end}, {count(job.credits, 'credit')}"
