"""Everything that a client is graded on: writes docs/checks.md from the menu of checks.

python -m mockleo.harness.checks_page
"""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from mockleo.harness import scenario
from mockleo.harness.checks import MENU
from mockleo.harness.verdict import RULES, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.harness.checks.check import Check

COMMAND = "python -m mockleo.harness.checks_page"
PLACE = Path(__file__).resolve().parents[2] / "docs" / "checks.md"

_INTRODUCTION = f"""# What a client is graded on

`mockleo run` lets a client meet a scenario and then makes these {len(MENU)} checks on what it really did:
on the record of its calls, its jobs, its credits and its webhooks, never on what it says of itself. Each
check has a section here; reports lead to it.

Nothing found is a pass. What cannot be decided from the record is told as such, and is no pass.

This page is made from the checks by `{COMMAND}`, and a test keeps it true.
"""
_MEANS = {
    Severity.CRITICAL: "costs money that buys nothing, or gives a secret away",
    Severity.MAJOR: "loses what was paid for, or makes an outage worse",
    Severity.MINOR: "works today, and will not on a bad day",
    Severity.NOTE: "a habit; never makes a run fail, nor a grade worse",
}
_GRADES = """## Grades

The first of these rules that holds makes the grade.
"""
_SETTINGS = """## In a scenario of your own

A check that says nothing there is left out, and numbers of checks are changed, in the scenario's file:

```toml
[checks]
skip = ["polls-flat"]
[checks.thresholds]
polls-too-fast = { interval_ms = 2000 }
```
"""
_SHOWN = """The last line of a section names scenarios that come with mockleo in which the mistake shows, and
in brackets the switch of `scenarios/clients/careless.py` that makes it. To see one found:

    mockleo run SCENARIO -- python scenarios/clients/careless.py SWITCH
"""

# A mistake of the careless client's: its switch and the scenario in which it shows.
Shown = tuple[str, str]


def main() -> None:
    """Write the page."""
    PLACE.parent.mkdir(exist_ok=True)
    PLACE.write_text(written(), "utf-8")


def written() -> str:
    """The whole page, in Markdown."""
    shown = shown_by()
    sections = (
        (_INTRODUCTION, *_severities()),
        (_GRADES, *_grades()),
        ("## All checks", "", *_all()),
        (_SETTINGS,),
        (_SHOWN,),
        *((*_one(check, shown.get(check.name, [])),) for check in MENU),
    )
    return "\n\n".join("\n".join(lines).rstrip() for lines in sections) + "\n"


def shown_by() -> dict[str, list[Shown]]:
    """By check: the careless client's mistakes that it is for. Read, not imported: that client needs
    what mockleo does not.
    """
    source = (scenario.folder() / "clients" / "careless.py").read_text("utf-8")
    found: dict[str, list[Shown]] = {}
    for node in ast.parse(source).body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for decorator in node.decorator_list:
            match decorator:
                case ast.Call(
                    func=ast.Name(id="mistake"),
                    args=[ast.Constant(value=str(where)), ast.Constant(value=str(check))],
                ):
                    found.setdefault(check, []).append((node.name.replace("_", "-"), where))
    return found


def _severities() -> Iterator[str]:
    counts = Counter(check.severity for check in MENU)
    yield "| severity | means | checks |"
    yield "| --- | --- | ---: |"
    for severity, meaning in _MEANS.items():
        yield _row(severity.value, meaning, str(counts[severity]))


def _grades() -> Iterator[str]:
    yield "| grade | when |"
    yield "| --- | --- |"
    for letter, rule, _ in RULES:
        yield _row(letter, rule)


def _all() -> Iterator[str]:
    yield "| check | severity | what it finds |"
    yield "| --- | --- | --- |"
    for check in MENU:
        yield _row(f"[{check.name}](#{check.name})", check.severity.value, check.title)


def _one(check: Check, shown: list[Shown]) -> Iterator[str]:
    yield f"## {check.name}"
    yield ""
    yield f"**{check.title}** ({check.severity.value})"
    yield ""
    yield check.why
    yield ""
    yield f"- What to change: {check.fix}"
    if check.thresholds:
        numbers = ", ".join(f"`{name} = {value:g}`" for name, value in check.thresholds.items())
        yield f"- Thresholds: {numbers}"
    if check.is_last:
        yield "- Made only where no other check has found more than a habit."
    if shown:
        places = ", ".join(f"{where} (`{switch}`)" for switch, where in shown)
        yield f"- Shows in: {places}"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


if __name__ == "__main__":
    main()
