"""JUnit: what a CI server reads, by the rules of the strictest schema in use (Ant's)."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from mockleo.conformance.report import document, junit
from mockleo.conformance.suite import Outcome
from mockleo.conformance.tally import Doubt, Tally
from tests.conformance.report.tallies import HOSTILE, a_finding, a_report, a_tally, an_outcome, keep
from tests.conformance.report.test_document import everywhere

_ANY = re.compile(r".*", re.DOTALL)
_TOKEN = re.compile(r"\S.*", re.DOTALL)
_WHOLE = re.compile(r"[0-9]+")
_SECONDS = re.compile(r"[0-9]+(\.[0-9]{1,3})?")

# element -> (attributes that must be there, attributes that may be, children in their order)
SCHEMA: dict[str, tuple[dict[str, re.Pattern[str]], dict[str, re.Pattern[str]], str]] = {
    "testsuites": ({}, {}, r"(testsuite )*"),
    "testsuite": (
        {
            "id": _WHOLE,
            "package": _TOKEN,
            "name": _TOKEN,
            "timestamp": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"),
            "hostname": _TOKEN,
            "tests": _WHOLE,
            "failures": _WHOLE,
            "errors": _WHOLE,
            "time": _SECONDS,
        },
        {"skipped": _WHOLE},
        r"properties (testcase )*system-out system-err ",
    ),
    "properties": ({}, {}, r"(property )*"),
    "property": ({"name": _TOKEN, "value": _ANY}, {}, ""),
    "testcase": (
        {"name": _TOKEN, "classname": _TOKEN, "time": _SECONDS},
        {},
        r"((skipped|error|failure) )?",
    ),
    "failure": ({"type": _ANY}, {"message": _ANY}, ""),
    "error": ({"type": _ANY}, {"message": _ANY}, ""),
    "skipped": ({}, {"message": _ANY}, ""),
    "system-out": ({}, {}, ""),
    "system-err": ({}, {}, ""),
}


def wrong(element: Element) -> Iterator[str]:
    """Where the document is not as the schema says."""
    must, may, children = SCHEMA[element.tag]
    if must.keys() - element.keys() or element.keys() - must.keys() - may.keys():
        yield f"{element.tag} has {sorted(element.keys())}"
    for name, value in element.items():
        if not {**must, **may}.get(name, _ANY).fullmatch(value):
            yield f"{element.tag}.{name} is {value!r}"
    if not re.fullmatch(children, "".join(f"{child.tag} " for child in element)):
        yield f"{element.tag} holds {[child.tag for child in element]}"
    for child in element:
        yield from wrong(child)
    if element.tag == "testsuite":
        for name, tag in (
            ("tests", "testcase"),
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ):
            there = len(list(element.iter(tag)))
            if int(element.get(name, "0")) != there:
                yield f"{name} is {element.get(name)}, and there are {there}"


def parsed(outcome: Outcome) -> Element:
    written = junit.document(document.of(outcome, clean=keep))
    return ElementTree.fromstring(written)  # noqa: S314  our own


def case(root: Element, name: str) -> Element:
    (found,) = (each for each in root.iter("testcase") if each.get("name") == name)
    return found


@pytest.mark.parametrize(
    "outcome",
    [
        an_outcome(a_tally()),
        an_outcome(Tally()),
        an_outcome(a_tally(), broken="ValueError: \x00"),
        everywhere(HOSTILE),
        everywhere("\r\n\t"),
    ],
)
def test_it_is_as_the_schema_says(outcome: Outcome) -> None:
    assert not list(wrong(parsed(outcome)))


def test_the_rules_above_see_what_breaks_them() -> None:
    root = parsed(an_outcome(a_tally()))
    suite = root[0]
    suite.set("failures", "9")
    suite.set("colour", "red")
    suite.append(Element("testcase"))
    del suite.attrib["hostname"]
    assert len(list(wrong(root))) >= 4


def test_a_suite_for_each_part_and_a_case_for_each_check_of_each_operation() -> None:
    root = parsed(an_outcome(a_tally()))
    assert [suite.get("name") for suite in root] == ["schema", "lifecycle", "webhooks"]
    names = [each.get("name") for each in root[0].iter("testcase")]
    assert names == ["body-conforms [createGeneration]", "status-listed [getUserSelf]"]
    assert not list(case(root, "status-listed [getUserSelf]"))


def test_what_is_wrong_is_a_failure_what_is_open_an_error_what_was_not_asked_for_skipped() -> None:
    root = parsed(an_outcome(a_tally()))
    (failure,) = case(root, "body-conforms [createGeneration]")
    assert (failure.tag, failure.get("message")) == ("failure", "the answer has no id")
    assert "again: mockleo contract --seed 7" in (failure.text or "")
    (error,) = case(root, "payload")
    assert (error.tag, error.get("message")) == (
        "error",
        "could not be decided: no receiver was given: --receiver URL",
    )
    (skipped,) = case(root, "orders")
    assert (skipped.tag, skipped.get("message")) == ("skipped", "they cost credits; say --spend")


def test_a_mistake_of_our_own_is_an_error() -> None:
    (error,) = case(parsed(an_outcome(Tally(), broken="KeyError: 'id'")), "the-suite-itself")
    assert error.tag == "error"
    assert "KeyError: 'id'" in (error.get("message") or "")


def test_several_findings_of_one_check_are_one_failure_that_tells_them_all() -> None:
    tally = Tally()
    for nth in range(3):
        tally.found(a_finding(f"wrong in way {nth}"))
    tally.doubt(Doubt(part="schema", check="body-conforms", operation="createGeneration", why="and open too"))
    (failure,) = case(parsed(an_outcome(tally)), "body-conforms [createGeneration]")
    assert failure.get("message") == "wrong in way 0 (and 2 more)"
    for text in ("wrong in way 1", "wrong in way 2", "and open too"):
        assert text in (failure.text or "")


def test_a_part_that_nobody_has_announced_is_told_too() -> None:
    tally = Tally()
    tally.found(a_finding(part="unheard"))
    assert a_report(tally).parts[-1].part == "unheard"
    assert parsed(an_outcome(tally))[-1].get("failures") == "1"
