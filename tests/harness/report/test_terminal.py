"""What a client's author reads first."""

from __future__ import annotations

import re

from mockleo.harness.checks import BY_NAME
from mockleo.harness.report import as_text
from mockleo.harness.report.terminal import FINDINGS_MOST, PROOFS_MOST, WIDTH
from mockleo.harness.verdict import Unsure
from tests.harness.report.runs import a_finding, crowded, hostile, paid_twice, well_done, with_verdict


def flat(text: str) -> str:
    return " ".join(text.split())


def test_a_finding_is_told_whole() -> None:
    judged = paid_twice()
    text = flat(as_text([judged], colours=False))
    check, (finding,) = BY_NAME["double-spend"], judged.verdict.findings
    for words in (
        f"Grade F: {judged.verdict.rule}.",
        f"1. {check.title} [critical, double-spend, cost {finding.credits} credits]",
        f"+2.00 s: {flat(finding.message)}",
        "exchange 1 +0.00 s POST /api/rest/v1/generations -> no answer",
        f"Why it matters: {check.why}",
        f"What to change: {check.fix}",
        "docs/checks.md#double-spend",
        "mockleo run stage.toml --seed 1 -- client",
    ):
        assert words in text, words


def test_the_table_comes_first_with_a_line_for_each_run() -> None:
    head, first, second, *rest = as_text([paid_twice(), well_done()], colours=False).splitlines()
    assert head.split() == ["scenario", "grade", "outcome", "jobs", "spent", "refunded", "findings"]
    assert first.split()[:4] == ["stage", "F", "findings", "2"]
    assert second.split()[:4] == ["stage", "A", "passed", "1"]
    assert second.endswith("none")
    # Who has done well is told in the table, and that is all.
    assert sum(line.startswith("Grade ") for line in rest) == 1


def test_what_could_not_be_decided() -> None:
    unsure = tuple(Unsure(check="no-jitter", why=f"Reason {nth}.") for nth in range(12))
    text = as_text([with_verdict(well_done(), unsure=unsure)], colours=False)
    assert "Could not be decided (12)" in text
    assert "no-jitter: Reason 9." in text
    assert "Reason 10." not in text
    assert "... and 2 more" in text


def test_long_lists_are_cut_and_say_so() -> None:
    many = tuple(a_finding(exchanges=(1, 2) * 10, message=f"Number {nth}.") for nth in range(9))
    text = as_text([with_verdict(paid_twice(), findings=many)], colours=False)
    assert text.count(": Number ") == FINDINGS_MOST
    assert f"... and {9 - FINDINGS_MOST} more like these" in text
    assert f"... and {20 - PROOFS_MOST} more (" in text
    assert len(as_text([crowded(400, 200)], colours=False)) < 8_000


def test_nothing_that_a_terminal_obeys_but_our_own_colours() -> None:
    assert "\x1b" not in as_text([hostile()], colours=False)
    coloured = as_text([hostile()], colours=True)
    assert set(re.findall(r"\x1b\[[\d;]*m", coloured)) <= {
        "\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[1;31m", "\x1b[33m",
    }  # fmt: skip
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == as_text([hostile()], colours=False)
    assert not {"\x00", "\u202e"} & set(coloured)


def test_words_are_wrapped_and_commands_are_not() -> None:
    lines = as_text([paid_twice()], colours=False).splitlines()
    prose = [line for line in lines if not line.startswith("     ") and "mockleo run" not in line]
    assert max(map(len, prose)) <= WIDTH


def test_what_a_client_said_last_is_shown_when_it_failed() -> None:
    assert "The last that the client has said" in as_text([hostile()], colours=False)
    assert "The last that the client has said" not in as_text([paid_twice()], colours=False)


def test_no_run_is_told_as_such() -> None:
    assert "no run" in as_text([], colours=False)
