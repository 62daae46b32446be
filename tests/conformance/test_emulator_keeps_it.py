"""The emulator keeps the contract: a short run of every part, with another seed each day."""

import json
import os

import pytest

from mockleo.conformance import suite
from mockleo.conformance.parts import PARTS, Plan
from mockleo.conformance.report import document, terminal
from mockleo.conformance.report.document import Report
from mockleo.proving import TheEmulator
from mockleo.settings import drawn_seed
from tests.conformance.test_suite import Told

# So few that all parts together take less than a minute on one core; `make contract` makes the rest.
EXAMPLES = 2
SEED_VARIABLE = "CONTRACT_SEED"


@pytest.fixture(scope="module")
def report() -> Report:
    seed = int(os.environ.get(SEED_VARIABLE) or drawn_seed())
    plan = Plan(seed=seed, examples=EXAMPLES, workers=os.cpu_count() or 1)
    outcome = suite.run(plan, TheEmulator(), Told(), parts=PARTS)
    return document.of(outcome, clean=str, with_traces=True)


def told(report: Report) -> str:
    """Everything, the seed among it, for whoever sees a test fail."""
    traces = "\n".join(part.trace for part in report.parts)
    return "\n".join(line for _, line in terminal.lines(report)) + traces


def test_it_keeps_it(report: Report) -> None:
    assert report.verdict == "passed", told(report)


def test_every_part_was_made_to_its_end(report: Report) -> None:
    assert {part.part: part.state for part in report.parts} == dict.fromkeys(PARTS, "made"), told(report)
    assert all(part.checks for part in report.parts)


def test_every_operation_was_called_and_has_succeeded(report: Report) -> None:
    assert len(report.operations) == 58
    assert not [each.operation for each in report.operations if "200" not in each.answers], told(report)


def test_every_operation_and_parameter_was_exercised(report: Report) -> None:
    for kind in ("operations", "parameters"):
        assert report.notes["coverage"][kind]["hit"] == report.notes["coverage"][kind]["total"], told(report)


def test_the_report_of_it_can_be_written(report: Report) -> None:
    assert json.loads(document.encoded(report))["seed"] == report.seed
