"""The page: one file, nothing fetched, nothing obeyed."""

import re
from html.parser import HTMLParser

from mockleo.conformance.report import document, page
from mockleo.conformance.report.document import Report
from mockleo.conformance.tally import Tally
from tests.conformance.report.tallies import HOSTILE, a_report, a_tally, keep
from tests.conformance.report.test_document import everywhere

VOID = {"meta"}


class Reader(HTMLParser):
    """Which tags with which attributes, what text; and whether all that is opened is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(report: Report) -> Reader:
    return Reader(page.document(report).decode("utf-8"))


def test_nothing_is_run_and_nothing_fetched() -> None:
    for report in (a_report(), document.of(everywhere(HOSTILE), clean=keep, with_traces=True)):
        reader = read(report)
        assert not reader.open
        assert {tag for tag, _ in reader.tags} <= {
            "html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "pre", "code", "span",
            "table", "tr", "th", "td", "details", "summary", "dl", "dt", "dd",
        }  # fmt: skip
        names = {name for _, attributes in reader.tags for name in attributes}
        assert names <= {"lang", "charset", "http-equiv", "content", "name", "class", "open"}
        assert not re.search(r"@import|url\(", page.document(report).decode("utf-8"))


def test_hostile_text_is_shown_as_text() -> None:
    reader = read(document.of(everywhere(HOSTILE), clean=keep))
    assert "<script>alert('x')</script> & \"q\" ]]> \\x1b[2J" in reader.text


def test_it_tells_what_is_wrong_and_what_was_looked_at() -> None:
    text = read(a_report()).text
    for told in (
        "FAILED: a server of the tests does not keep the contract: 3 findings in 1 operation.",
        "the answer has no id (3 times)",
        "generationId is required (documented)",
        "Look at what the order answers.",
        "curl one\ncurl two",
        "mockleo contract --seed 7 --max-examples 5 --only schema --operation createGeneration",
        "no receiver was given: --receiver URL",
        "they cost credits; say --spend",
        "POST /generations",
        "200: 9, 400: 3",
        "Operations (2 of 58 called)",
        "1.25",
    ):
        assert told in text


def test_every_operation_has_a_row() -> None:
    report = a_report(Tally())
    text = read(report).text
    assert all(each.operation in text for each in report.operations)
    assert "INCONCLUSIVE: nothing was looked at" in text


def test_our_own_mistake_is_told_as_such() -> None:
    text = read(a_report(a_tally(), broken="KeyError: 'id'")).text
    assert "A mistake of mockleo's own, in schema" in text
    assert "KeyError: 'id'" in text
