"""A server without a memory, as mock tools make one from the contract: the suite fails it, and says
in words what is missing.
"""

import jsonschema_rs
import pytest

from mockleo import contracts
from mockleo.conformance import suite
from mockleo.conformance.parts import Plan
from mockleo.conformance.report import document, terminal
from mockleo.conformance.report.document import Report
from tests.conformance.stateless import TheStateless, answers
from tests.conformance.test_suite import Told


def test_each_of_its_answers_is_valid() -> None:
    """So nothing but its lack of memory can be found fault with by a schema."""
    openapi = contracts.openapi()
    bodies = iter(answers(openapi))
    for path in sorted(openapi["paths"], key=lambda path: path.count("{")):
        for operation in openapi["paths"][path].values():
            if isinstance(operation, dict) and "operationId" in operation:
                schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
                validator = jsonschema_rs.Draft202012Validator(
                    {**schema, "components": openapi["components"]}, validate_formats=True
                )
                assert not list(validator.iter_errors(next(bodies)[2])), operation["operationId"]


@pytest.fixture(scope="module")
def report() -> Report:
    plan = Plan(seed=3, examples=2, only=frozenset({"lifecycle", "uploads"}))
    outcome = suite.run(plan, TheStateless(), Told())
    return document.of(outcome, clean=str, with_traces=True)


def test_it_fails(report: Report) -> None:
    assert report.verdict == "failed"
    assert not [part.trace for part in report.parts if part.trace]


@pytest.mark.parametrize(
    ("check", "words"),
    [
        ("ends-in-time", "after the latest time at which it could be done"),
        ("deleted-stays-gone", "was deleted, and "),
        ("unknown-id-tells-nothing", "nothing has the id"),
        ("ids-are-unique", "was given before"),
        ("wrong-order-is-refused", "is answered with 200"),
        ("told-back-as-ordered", "prompt was ordered as"),
        ("in-the-list-once", "more than once"),
        ("form-given", "gives no form that can be used"),
    ],
)
def test_it_says_in_words_what_is_missing(report: Report, check: str, words: str) -> None:
    found = [finding for finding in report.findings if finding.check == check]
    assert any(words in finding.message for finding in found), sorted(
        {each.check for each in report.findings}
    )
    assert all(finding.expected and finding.fix and finding.curl for finding in found)


def test_what_is_missing_is_told_before_what_is_wrong_in_single_answers(report: Report) -> None:
    text = "\n".join(line for _, line in terminal.lines(report))
    short = text.partition("In short")[2].partition("In several operations")[0]
    assert short.index("deleted-stays-gone") < short.index("headers-sound")
