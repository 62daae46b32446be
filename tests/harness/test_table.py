"""The table of what the official SDKs do has a row for each scenario, and the README its summary."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from mockleo.harness.checks import BY_NAME
from mockleo.harness.scenario import shipped
from mockleo.harness.verdict import Verdict
from tests.harness.playing import module

if TYPE_CHECKING:
    from pathlib import Path

table = module("table")

LINES = table.PLACE.read_text("utf-8").partition(table.BEGIN)[2].partition(table.END)[0].splitlines()
ROWS = {line.split("`")[1]: line for line in LINES if line.startswith("| `")}


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("|").split("|")][1:]


def test_there_is_a_row_for_each_scenario_that_the_clients_know() -> None:
    assert list(ROWS) == table.names()
    for name in set(shipped()) - set(ROWS):
        text = shipped()[name].read_text("utf-8")
        assert name in table.LEFT_OUT or f'task = "{table.TASK}"' not in text, name


@pytest.mark.parametrize("name", ROWS)
def test_each_row_has_a_grade_for_each_client_and_names_checks_that_there_are(name: str) -> None:
    assert len(cells(ROWS[name])) == len(table.CLIENTS)
    for cell in cells(ROWS[name]):
        assert re.fullmatch(r"[A-F](: .+)?", cell), cell
        assert set(re.findall(r"\[([\w-]+)\]\(checks\.md#\1\)", cell)) <= set(BY_NAME)


def test_the_summary_counts_the_rows_and_the_readme_has_it() -> None:
    for nth, client in enumerate(table.CLIENTS):
        grades = [cells(row)[nth][0] for row in ROWS.values()]
        counted = f"| {client} | " + " | ".join(str(grades.count(grade)) for grade in "ABCDEF") + " |"
        assert counted in LINES
        assert counted in table.README.read_text("utf-8").splitlines()


def test_only_what_is_between_the_marks_is_written(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{table.BEGIN}\nold\n{table.END}\nafter\n", "utf-8")
    table.write(page, ["| new |"])
    assert page.read_text("utf-8") == f"before\n{table.BEGIN}\n| new |\n{table.END}\nafter\n"
    page.write_text("no marks", "utf-8")
    with pytest.raises(SystemExit, match="marks"):
        table.write(page, [])


def test_a_cell_has_the_grade_and_what_it_was_given_for() -> None:
    verdict = Verdict(scenario="x", grade="A", rule="", findings=(), unsure=(), made=())
    assert table.cell(verdict) == "A"
