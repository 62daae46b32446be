"""The page: whole, safe, small, and with every finding pinned and told."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from mockleo.harness.checks import BY_NAME
from mockleo.harness.report import as_page
from mockleo.harness.report.page import FINDINGS_MOST
from mockleo.harness.verdict import Unsure
from tests.harness.report.runs import crowded, hostile, paid_twice, well_done, with_verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockleo.harness.judged import Judged

BYTES_MOST = 2_000_000
VOID = {"meta", "br", "hr", "img", "link", "input"}


class Reader(HTMLParser):
    """Every tag with its attributes, the text, and whether all that is opened is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, self.getpos()

    def handle_data(self, data: str) -> None:
        self.text += data


def read(*judged: Judged) -> Reader:
    return Reader(as_page(judged).decode())


PAGES: dict[str, Callable[[], list[Judged]]] = {
    "found": lambda: [paid_twice(), well_done()],
    "hostile": lambda: [hostile()],
    "many": lambda: [crowded(400, 300)],
    "none": list,
}


@pytest.mark.parametrize("name", PAGES)
def test_it_is_whole_and_needs_nothing_from_elsewhere(name: str) -> None:
    page = as_page(PAGES[name]()).decode()
    reader = Reader(page)
    assert reader.open == []
    assert "default-src 'none'" in page
    for tag, attributes in reader.tags:
        assert tag not in {"script", "img", "link", "iframe", "object"}
        for attribute, value in attributes.items():
            assert not attribute.startswith("on")
            if attribute in {"href", "src"}:
                assert str(value).startswith("#")
    for drawing in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        ElementTree.fromstring(drawing)  # noqa: S314  our own


@pytest.mark.parametrize("name", PAGES)
def test_every_link_has_its_one_target(name: str) -> None:
    reader = Reader(as_page(PAGES[name]()).decode())
    ids = [attributes["id"] for _, attributes in reader.tags if "id" in attributes]
    assert len(set(ids)) == len(ids)
    assert {str(each["href"])[1:] for tag, each in reader.tags if tag == "a"} <= set(ids)


def test_a_finding_is_pinned_and_told_with_why_and_fix() -> None:
    reader = read(paid_twice())
    check = BY_NAME["double-spend"]
    links = [attributes["href"] for tag, attributes in reader.tags if tag == "a"]
    assert links == ["#run1", "#run1-1"]
    for words in (check.title, check.why, check.fix, "docs/checks.md#double-spend", "exchange 2  +2.00 s"):
        assert words in reader.text, words


def test_the_table_has_a_line_for_each_run() -> None:
    reader = read(paid_twice(), well_done(), paid_twice())
    assert sum(tag == "tr" for tag, _ in reader.tags) == 4
    assert sum(tag == "svg" for tag, _ in reader.tags) == 3
    assert "Nothing was found." in reader.text


def test_hostile_text_is_text() -> None:
    page = as_page([hostile()]).decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert not {"\x00", "\x1b", "\u202e"} & set(page)


def test_what_could_not_be_decided_is_told() -> None:
    reader = read(with_verdict(well_done(), unsure=(Unsure(check="no-jitter", why="Too few of them."),)))
    assert "Could not be decided" in reader.text
    assert "Too few of them." in reader.text


def test_long_lists_are_cut_and_say_so() -> None:
    reader = read(crowded(400, 300))
    assert f"... and {75 - FINDINGS_MOST} more like these" in reader.text
    assert "... and 150 more (see --json)" in reader.text
    assert sum(each.get("class") == "found" for _, each in reader.tags) == 4 * FINDINGS_MOST


def test_ten_thousand_exchanges_stay_below_two_megabytes() -> None:
    page = as_page([crowded(10_000, 2_000)])
    assert len(page) < BYTES_MOST
    assert "Looks (GET) (9,500)" in Reader(page.decode()).text
