"""What clients are graded on is written up: the page is what the menu says, and reports lead to it."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from mockleo.harness import checks_page
from mockleo.harness.checks import BY_NAME, MENU
from mockleo.harness.report.document import FACTS
from mockleo.harness.scenario import folder, shipped
from mockleo.harness.verdict import RULES

if TYPE_CHECKING:
    from mockleo.harness.checks.check import Check

PAGE = checks_page.PLACE.read_text("utf-8")


def test_the_page_is_what_the_checks_say() -> None:
    assert checks_page.written() == PAGE, f"the checks have changed; write it anew: {checks_page.COMMAND}"


def test_each_check_has_its_section_once() -> None:
    sections = Counter(re.findall(r"^## ([a-z0-9-]+)$", PAGE, re.MULTILINE))
    assert sections == Counter(check.name for check in MENU)
    assert checks_page.PLACE.as_posix().endswith(FACTS)


@pytest.mark.parametrize("check", MENU, ids=lambda check: check.name)
def test_a_section_has_all_its_words(check: Check) -> None:
    section = PAGE.partition(f"\n## {check.name}\n")[2].partition("\n## ")[0]
    for words in (check.title, check.why, check.fix, check.severity.value, *check.thresholds):
        assert words in section, words


def test_every_mistake_of_the_careless_client_is_on_it() -> None:
    shown = checks_page.shown_by()
    source = (folder() / "clients" / "careless.py").read_text("utf-8")
    assert sum(map(len, shown.values())) == source.count("\n@mistake(") > 40
    for check, places in shown.items():
        assert check in BY_NAME
        for switch, where in places:
            assert where in shipped(), where
            assert f"{where} (`{switch}`)" in PAGE


def test_every_rule_of_the_grades_is_on_it() -> None:
    for letter, rule, _ in RULES:
        assert f"| {letter} | {rule} |" in PAGE


def test_no_cell_breaks_a_table() -> None:
    for table in re.findall(r"(?:^\|.*\n)+", PAGE, re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}) == 1, table


def test_every_link_leads_somewhere() -> None:
    headings = {each.lower() for each in re.findall(r"^## (.+)$", PAGE, re.MULTILINE)}
    targets = re.findall(r"\]\(#([^)]+)\)", PAGE)
    assert set(targets) == set(BY_NAME) <= headings
