"""What clients get wrong: one module for each check, and the one list of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.harness.checks import double_spend
from mockleo.harness.evidence import Evidence
from mockleo.harness.verdict import Finding, Unsure, Verdict, grade

if TYPE_CHECKING:
    from mockleo.harness.checks.check import Check
    from mockleo.harness.run import Run

MENU: tuple[Check, ...] = (double_spend.CHECK,)
BY_NAME = {check.name: check for check in MENU}


def judge(run: Run) -> Verdict:
    """Make every check that the scenario does not leave out."""
    evidence = Evidence(run)
    findings: list[Finding] = []
    unsure: list[Unsure] = []
    made = [check for check in MENU if check.name not in run.scenario.checks.skip]
    for check in made:
        for found in check.look(evidence):
            if isinstance(found, Finding):
                findings.append(found)
            else:
                unsure.append(found)
    findings.sort(key=lambda finding: (finding.at_ms, finding.check, finding.exchanges))
    letter, rule = grade(findings)
    return Verdict(
        scenario=run.scenario.name,
        grade=letter,
        rule=rule,
        findings=tuple(findings),
        unsure=tuple(unsure),
        made=tuple(check.name for check in made),
    )
