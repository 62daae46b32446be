"""The report as data: in order, without secrets, without what a reader would obey."""

import json
from collections import Counter
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockleo.conformance.parts import Plan
from mockleo.conformance.report import document, junit, page, terminal
from mockleo.conformance.report.document import Report
from mockleo.conformance.suite import Outcome
from mockleo.conformance.tally import Doubt, Finding, Omission, Tally
from tests.conformance.report.tallies import HOSTILE, KEY, a_finding, a_report, a_tally, an_outcome, keep


def shuffled(tally: Tally) -> Tally:
    """The same, met in the opposite order."""
    return Tally(
        made=Counter(dict(reversed(tally.made.items()))),
        cases=Counter(dict(reversed(tally.cases.items()))),
        statuses=Counter(dict(reversed(tally.statuses.items()))),
        findings=dict(reversed(tally.findings.items())),
        times=Counter(dict(reversed(tally.times.items()))),
        doubts=dict(reversed(tally.doubts.items())),
        omissions=dict(reversed(tally.omissions.items())),
        notes=dict(reversed(tally.notes.items())),
    )


WRITERS: dict[str, Callable[[Report], bytes]] = {
    "json": document.encoded,
    "junit": junit.document,
    "html": page.document,
    "terminal": lambda report: "\n".join(line for _, line in terminal.lines(report)).encode(),
}


@pytest.mark.parametrize("name", WRITERS)
def test_the_same_run_gives_the_same_bytes_in_whatever_order_it_was_met(name: str) -> None:
    one = document.of(an_outcome(a_tally()), clean=keep)
    other = document.of(an_outcome(shuffled(a_tally())), clean=keep)
    assert WRITERS[name](one) == WRITERS[name](other)


def test_findings_stand_by_operation_in_the_contracts_order_then_by_part() -> None:
    tally = a_tally()
    tally.found(a_finding("no mail", operation="getUserSelf"))
    report = a_report(tally)
    order = [each.operation for each in report.operations]
    by_operation = {
        "createGeneration": [("schema", 3), ("lifecycle", 1)],
        "getUserSelf": [("schema", 1)],
    }
    expected = [
        (operation, *each)
        for operation in order
        if operation in by_operation
        for each in by_operation[operation]
    ]
    told = [(each.operation, each.part, each.times) for each in report.findings]
    assert told == [*expected, ("", "lifecycle", 1)]


def test_every_operation_of_the_contract_is_told_called_or_not() -> None:
    operations = {each.operation: each for each in a_report().operations}
    assert len(operations) == 58
    assert operations["createGeneration"].answers == {"200": 9, "400": 3}
    assert operations["createGeneration"].calls == 12
    assert operations["createGeneration"].findings == 2
    assert operations["listBlueprints"].calls == 0


def test_each_finding_says_how_it_is_found_again() -> None:
    report = a_report()
    assert [each.replay for each in report.findings] == [
        "mockleo contract --seed 7 --max-examples 5 --only schema --operation createGeneration",
        "mockleo contract --seed 7 --max-examples 5 --only lifecycle",
        "mockleo contract --seed 7 --max-examples 5 --only lifecycle",
    ]
    assert report.replay == "mockleo contract --seed 7 --max-examples 5"


def test_a_part_that_knows_better_says_itself_how_it_is_found_again() -> None:
    tally = Tally()
    tally.found(a_finding(replay="mockleo contract --seed 9"))
    assert a_report(tally).findings[0].replay == "mockleo contract --seed 9"
    by_url = document.of(an_outcome(tally), clean=keep, target_flags=("--url", "http://127.0.0.1:1"))
    assert by_url.findings[0].replay == "mockleo contract --seed 9 --url http://127.0.0.1:1"


def test_the_target_is_part_of_the_command_and_is_quoted() -> None:
    report = document.of(
        an_outcome(a_tally()), clean=keep, target_flags=("--url", "http://127.0.0.1:1/a b;rm")
    )
    assert "--url 'http://127.0.0.1:1/a b;rm' --only schema" in report.findings[0].replay


def everywhere(secret: str) -> Outcome:
    """A run with `secret` in every text that a part, a target or a user can bring in."""
    tally = Tally()
    texts = dict.fromkeys(
        ("part", "check", "operation", "message", "expected", "fix", "curl", "seen", "replay"), secret
    )
    tally.found(Finding(**texts, steps=(secret, f"curl -H 'a: {secret}'")))
    tally.doubt(Doubt(part=secret, check=secret, why=secret, operation=secret))
    tally.omit(Omission(part=secret, what=secret, why=secret))
    tally.checked(secret, secret, secret)
    tally.statuses[secret, 200] += 1
    tally.notes[secret] = {secret: [secret, {secret}, (secret,)]}
    tally.notes["coverage"] = {secret: {"hit": 1, "total": 2, "missed": [secret]}}
    outcome = an_outcome(tally, broken=secret)
    return msgspec.structs.replace(
        outcome,
        target=secret,
        plan=Plan(seed=7, only=frozenset({secret}), operations=frozenset({secret}), receiver=secret),
        stretches=tuple(
            msgspec.structs.replace(each, part=secret, about=secret, trace=secret)
            for each in outcome.stretches
        ),
    )


@pytest.mark.parametrize("name", WRITERS)
def test_no_report_holds_the_key(name: str) -> None:
    written = WRITERS[name](
        document.of(
            everywhere(KEY),
            clean=lambda text: text.replace(KEY, "[redacted]"),
            target_flags=("--url", KEY),
            with_traces=True,
        )
    )
    assert KEY.encode() not in written
    assert b"[redacted]" in written
    # It was there to be taken out.
    assert KEY.encode() in WRITERS[name](document.of(everywhere(KEY), clean=keep, with_traces=True))


@pytest.mark.parametrize("name", WRITERS)
def test_nothing_that_comes_from_outside_is_obeyed(name: str) -> None:
    report = document.of(everywhere(HOSTILE), clean=keep, target_flags=(HOSTILE,), with_traces=True)
    text = WRITERS[name](report).decode("utf-8")
    signs = set(text)
    assert not {sign for sign in signs if not sign.isprintable()} - {"\n", "\t"}
    assert "\\x1b[2J" in text.replace("\\\\", "\\")


@given(st.text(alphabet=st.characters()))
def test_what_is_shown_can_be_seen_and_what_could_be_is_as_it_was(text: str) -> None:
    shown = document.visible(text)
    assert all(sign.isprintable() or sign in "\n\t" for sign in shown)
    assert document.visible(shown) == shown
    if all(sign.isprintable() or sign in "\n\t" for sign in text):
        assert shown == text


def test_the_json_has_what_it_says_it_has() -> None:
    told = json.loads(document.encoded(a_report()))
    described = {
        line.split()[0]
        for line in (document.__doc__ or "").splitlines()
        if line.startswith("    ") and line[4] != " "
    }
    assert set(told) == described
    assert told["verdict"] == "failed"
    assert told["exit_code"] == 1
    assert told["notes"]["dollars"] == {"budget": 5, "spent": 1.25}
    assert told["parts"][0]["checks"] == 19
    assert [part["findings"] for part in told["parts"]] == [1, 2, 0]


def test_traces_are_told_where_they_are_wanted() -> None:
    outcome = an_outcome(a_tally(), broken="KeyError: 'id'")
    assert document.of(outcome, clean=keep).parts[0].trace == ""
    assert document.of(outcome, clean=keep, with_traces=True).parts[0].trace == "line 1"
