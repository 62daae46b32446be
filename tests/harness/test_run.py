"""A saved run: written, read again, and refused with the line where it is broken."""

from __future__ import annotations

import msgspec
import pytest

from mockleo.harness import judged, run
from mockleo.harness.verdict import RULES, Finding, Severity, Unsure, Verdict, grade
from tests.harness.report.crowd import a_crowd


def test_what_was_written_is_read() -> None:
    told = a_crowd(60)
    read = run.read(told)
    assert (read.scenario.name, read.client.command) == ("crowd", ("client", "--many"))
    assert len(read.record.record.exchanges) == 60
    assert judged.of(told).verdict == judged.of(told).verdict


@pytest.mark.parametrize("nth", [0, 1, 2, 30])
def test_a_broken_line_is_named(nth: int) -> None:
    told = a_crowd(60)
    for broken in (b"{\n", b"\xff\n", b"[]\n", told[nth][:-3] + b"\n"):
        with pytest.raises(run.BadRun, match=f"^line {nth + 1}: "):
            run.read([*told[:nth], broken, *told[nth + 1 :]])


def test_what_is_no_run_of_ours_is_refused() -> None:
    for told, line in (([], 1), ([b"\n"], 1), (a_crowd(20)[1:], 1), (a_crowd(20)[:1], 2)):
        with pytest.raises(run.BadRun, match=f"^line {line}: "):
            run.read(told)
    first, *rest = a_crowd(20)
    graded = msgspec.json.decode(first) | {"format": 99}
    with pytest.raises(run.BadRun, match="format 99"):
        run.read([msgspec.json.encode(graded), *rest])


def finding(severity: Severity) -> Finding:
    return Finding(check="x", severity=severity, message="", at_ms=0)


@pytest.mark.parametrize(
    ("severities", "letter"),
    [
        ([], "A"),
        ([Severity.NOTE] * 9, "A"),
        ([Severity.MINOR], "B"),
        ([Severity.MINOR] * 2, "B"),
        ([Severity.MINOR] * 3, "C"),
        ([Severity.MAJOR], "D"),
        ([Severity.MAJOR] * 2 + [Severity.MINOR] * 9, "D"),
        ([Severity.MAJOR] * 3, "E"),
        ([Severity.CRITICAL], "F"),
    ],
)
def test_the_grade(severities: list[Severity], letter: str) -> None:
    told, rule = grade([finding(severity) for severity in severities])
    assert told == letter
    assert (letter, rule) in {(row[0], row[1]) for row in RULES}


@pytest.mark.parametrize(
    ("severities", "unsure", "outcome", "code"),
    [
        ([], 0, "passed", 0),
        ([Severity.NOTE], 0, "passed", 0),
        ([Severity.NOTE], 1, "inconclusive", 3),
        ([], 1, "inconclusive", 3),
        ([Severity.MINOR], 1, "findings", 1),
    ],
)
def test_what_a_verdict_comes_to(severities: list[Severity], unsure: int, outcome: str, code: int) -> None:
    verdict = Verdict(
        scenario="x",
        grade="",
        rule="",
        findings=tuple(map(finding, severities)),
        unsure=(Unsure(check="x", why=""),) * unsure,
        made=(),
    )
    assert verdict.outcome == outcome
    done = judged.Judged(run.read(a_crowd(1)), verdict)
    clean = judged.Judged(done.run, msgspec.structs.replace(verdict, findings=(), unsure=()))
    assert judged.exit_code([done]) == judged.exit_code([clean, done]) == code
    assert judged.exit_code([]) == judged.INCONCLUSIVE
