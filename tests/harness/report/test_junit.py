"""What CI servers read: found is failed, a note is not, undecided is an error and never green."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

import msgspec

from mockleo.harness.report import as_junit, document, junit
from mockleo.harness.verdict import Severity, Unsure
from tests.harness.report.runs import a_finding, crowded, hostile, paid_twice, well_done, with_verdict

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from mockleo.harness.judged import Judged


def read(*judged: Judged) -> Element:
    return ElementTree.fromstring(as_junit(judged))  # noqa: S314  our own


def suites(*judged: Judged) -> list[Element]:
    return read(*judged).findall("testsuite")


def case(suite: Element, name: str) -> Element:
    (found,) = [each for each in suite.findall("testcase") if each.get("name") == name]
    return found


def test_a_suite_for_each_run_and_a_case_for_each_check() -> None:
    judged = [paid_twice(), well_done()]
    first, second = suites(*judged)
    assert [each.get("name") for each in second.findall("testcase")] == list(judged[1].verdict.made)
    assert (first.get("failures"), second.get("failures")) == ("1", "0")
    assert first.get("tests") == str(len(judged[0].verdict.made))
    root = read(*judged)
    assert (root.get("failures"), root.get("errors")) == ("1", "0")


def test_a_finding_is_a_failure_with_its_words() -> None:
    judged = paid_twice()
    (suite,) = suites(judged)
    failure = case(suite, "double-spend").find("failure")
    assert failure is not None
    assert failure.get("message") == judged.verdict.findings[0].message
    assert failure.text is not None
    assert "What to change: After a lost answer" in failure.text
    assert "exchange 2  +2.00 s  POST" in failure.text
    assert [each.get("name") for each in suite.findall("testcase") if len(each)] == ["double-spend"]


def test_a_note_is_no_failure_and_is_told() -> None:
    note = a_finding("polls-flat", Severity.NOTE)
    (suite,) = suites(with_verdict(well_done(), findings=(note,)))
    assert (suite.get("failures"), suite.get("errors")) == ("0", "0")
    found = case(suite, "polls-flat")
    assert found.find("failure") is None
    assert "polls-flat it was." in str(found.findtext("system-out"))


def test_what_could_not_be_decided_is_an_error() -> None:
    (suite,) = suites(with_verdict(well_done(), unsure=(Unsure(check="no-jitter", why="Too few."),)))
    assert (suite.get("failures"), suite.get("errors")) == ("0", "1")
    error = case(suite, "no-jitter").find("error")
    assert error is not None
    assert error.get("message") == "Too few."


def test_counts_are_those_of_the_cases() -> None:
    (suite,) = suites(crowded(100, 40))
    assert suite.get("failures") == str(len(suite.findall("testcase/failure"))) == "3"
    assert suite.get("errors") == str(len(suite.findall("testcase/error"))) == "1"
    assert suite.get("tests") == str(len(suite.findall("testcase"))) == "5"


def test_whatever_comes_it_is_xml() -> None:
    (suite,) = suites(hostile())
    failure = case(suite, "double-spend").find("failure")
    assert failure is not None
    assert "<script>" in str(failure.get("message"))
    assert not {"\x00", "\x1b"} & set(as_junit([hostile()]).decode())


def test_what_xml_cannot_hold_is_left_out() -> None:
    report = msgspec.structs.replace(document.of(well_done()), scenario="a\x00b\x1b\ufffe")
    (suite,) = ElementTree.fromstring(junit.written([report])).findall("testsuite")  # noqa: S314  our own
    assert suite.get("name") == "ab"


def test_no_run_is_a_document_too() -> None:
    assert suites() == []
