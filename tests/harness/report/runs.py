"""Graded runs to report on: what a test needs of one, made with a stage or by hand."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from mockleo.harness import run
from mockleo.harness.checks import judge
from mockleo.harness.judged import Judged
from mockleo.harness.verdict import Finding, Severity, Unsure, Verdict
from tests.harness.report.crowd import BEGAN_MS, a_crowd, job_id
from tests.harness.stage import Stage

LOST = [{"fault": "connection-close", "commit": True, "nth": [1]}]
# What somebody may smuggle in: markup, escapes, signs that XML does not take or that turn the writing.
HOSTILE = "<script>alert('x')</script>\"&]]>\x1b[31m\x00\u202e"


@cache
def paid_twice() -> Judged:
    """The answer to an order is lost, and the client orders again: two jobs, one finding."""
    with Stage(faults=LOST) as stage:
        stage.order()
        stage.wait(2_000)
        stage.collect(stage.order())
        return judged(stage, exit_code=0)


@cache
def well_done() -> Judged:
    with Stage() as stage:
        stage.collect(stage.order())
        return judged(stage)


def judged(stage: Stage, **client: Any) -> Judged:
    made = stage.run(**client)
    return Judged(made, judge(made))


def with_verdict(of: Judged, **changed: Any) -> Judged:
    return Judged(of.run, msgspec.structs.replace(of.verdict, **changed))


def a_finding(check: str = "double-spend", severity: Severity = Severity.CRITICAL, **more: Any) -> Finding:
    return Finding(
        **{"check": check, "severity": severity, "message": f"{check} it was.", "at_ms": BEGAN_MS, **more}
    )


def hostile() -> Judged:
    """Every text that can come from outside is made to harm."""
    made = paid_twice()
    record = made.run.record.record
    for exchange in record.exchanges:
        exchange.path = HOSTILE
        exchange.why = HOSTILE
    told = run.Run(
        scenario=msgspec.structs.replace(made.run.scenario, name=HOSTILE, title=HOSTILE, story=HOSTILE),
        client=msgspec.structs.replace(
            made.run.client, command=(HOSTILE,), exit_code=1, stdout_tail=HOSTILE, stderr_tail=HOSTILE
        ),
        record=made.run.record,
    )
    paid_twice.cache_clear()
    findings = tuple(msgspec.structs.replace(each, message=HOSTILE) for each in made.verdict.findings)
    unsure = (Unsure(check=HOSTILE, why=HOSTILE),)
    return Judged(
        told, msgspec.structs.replace(made.verdict, scenario=HOSTILE, findings=findings, unsure=unsure)
    )


def crowded(exchanges: int, findings: int) -> Judged:
    """A run with so many exchanges, and so many findings of four checks."""
    severities = ("double-spend", "orphaned-job", "polls-too-fast", "polls-flat")
    found = tuple(
        a_finding(
            severities[nth % 4],
            list(Severity)[nth % 4],
            message=f"Something happened to job {job_id(nth)}, for the {nth}th time.",
            at_ms=BEGAN_MS + nth * 1_500,
            exchanges=(nth * 2 + 1, nth * 2 + 2),
            jobs=(job_id(nth % 40),),
        )
        for nth in range(findings)
    )
    verdict = Verdict(
        scenario="crowd",
        grade="F",
        rule="money was spent",
        findings=found,
        unsure=tuple(Unsure(check="no-jitter", why=f"reason {nth}") for nth in range(200)),
        made=(*severities, "no-jitter"),
    )
    return Judged(run.read(a_crowd(exchanges)), verdict)
