"""The report for people: the words they read, and how long lists are cut."""

import pytest

from mockleo.conformance.report import terminal
from mockleo.conformance.report.document import Report
from mockleo.conformance.tally import Doubt, Omission, Tally
from tests.conformance.report.tallies import a_finding, a_report, a_tally


def words(report: Report) -> str:
    return "\n".join(line for _, line in terminal.lines(report))


def passed() -> Tally:
    tally = Tally()
    tally.checked("schema", "body-conforms", "createGeneration", times=1200)
    return tally


def doubtful() -> Tally:
    tally = passed()
    tally.doubt(Doubt(part="webhooks", check="payload", why="no receiver"))
    return tally


WHO = "a server of the tests"
NO_PASS = "so this is no pass."
VERDICTS = {
    "passed": (passed(), "", f"PASSED: {WHO} keeps the contract, as far as it was looked at (1,200 checks)."),
    "failed": (a_tally(), "", f"FAILED: {WHO} does not keep the contract: 3 findings in 1 operation."),
    "open": (
        doubtful(),
        "",
        f"INCONCLUSIVE: nothing wrong was found with {WHO}, but 1 check could not be made, {NO_PASS}",
    ),
    "empty": (Tally(), "", f"INCONCLUSIVE: nothing was looked at, so nothing is known of {WHO}."),
    "broken": (
        a_tally(),
        "KeyError: 'id'",
        f"NOT FINISHED: the suite itself has made a mistake while it judged {WHO}.",
    ),
}
STYLES = {"passed": "good", "failed": "bad", "open": "open", "empty": "open", "broken": "bad"}


@pytest.mark.parametrize("name", VERDICTS)
def test_the_verdict_comes_first(name: str) -> None:
    tally, broken, first = VERDICTS[name]
    assert next(terminal.lines(a_report(tally, broken=broken))) == (STYLES[name], first)


def test_our_own_mistake_is_told_before_what_was_found() -> None:
    told = words(a_report(a_tally(), broken="KeyError: 'id'"))
    assert told.index("schema: KeyError: 'id'") < told.index("the answer has no id")
    assert "--debug" in told


def test_everything_is_told() -> None:
    assert words(a_report()).splitlines() == EXPECTED.splitlines()


def test_a_call_that_can_be_pasted_stays_as_it_is() -> None:
    tally = Tally()
    tally.found(a_finding(curl="curl -d 'one\ntwo'", steps=("curl -d 'a\nb'",)))
    told = words(a_report(tally))
    assert "       curl -d 'one\ntwo'\n" in told
    assert "       curl -d 'a\nb'\n" in told


def test_long_lists_are_cut_and_say_so() -> None:
    tally = passed()
    for nth in range(100):
        tally.found(a_finding(f"wrong in way {nth:03}", seen="x" * 5_000, steps=("curl",) * 40))
        tally.doubt(Doubt(part="schema", check=f"check {nth:03}", why="why"))
        tally.omit(Omission(part="schema", what=f"what {nth:03}", why="why"))
    tally.notes["many"] = list(range(100))
    told = words(a_report(tally))
    assert "wrong in way 039" in told
    assert "wrong in way 040" not in told
    assert "... and 60 more mistakes (see --json, --html)" in told
    assert "... and 28 more calls (see --json)" in told
    assert "... and 4,400 more letters (see --json)" in told
    assert "check 019" in told
    assert "check 020" not in told
    assert told.count("  and 80 more (see --json)") == 2
    assert "19 and 80 more" in told.partition("many: ")[2]
    assert "100 findings" in told


def test_doubts_that_differ_in_the_operation_alone_are_told_once() -> None:
    tally = Tally()
    for operation in ("createModel", "createElement", "getUserSelf"):
        why = "it is down" if operation == "getUserSelf" else "more examples may"
        tally.doubt(Doubt(part="schema", check="ever-succeeded", operation=operation, why=why))
    told = words(a_report(tally))
    assert "Could not be decided (3)" in told
    assert "  schema, ever-succeeded, createElement, createModel: more examples may\n" in told
    assert "  schema, ever-succeeded, getUserSelf: it is down\n" in told


def test_what_is_wrong_in_many_operations_is_told_once() -> None:
    tally = Tally()
    for operation in [each.operation for each in a_report(Tally()).operations][:12]:
        for _ in range(2):
            tally.found(a_finding("there is no date", operation=operation))
    told = words(a_report(tally))
    assert "In several operations\n  1. there is no date  (24 times)\n     In: uploadModelAsset, " in told
    assert "and 4 more\n" in told
    assert told.count("there is no date") == 2
    assert "- there is no date (schema, body-conforms, 12 findings in 12 operations)" in told


def test_few_findings_need_no_summary() -> None:
    assert "In short" not in words(a_report())


def test_what_has_several_lines_takes_one_in_a_list() -> None:
    tally = Tally()
    tally.doubt(Doubt(part="schema", check="c", why="one\ntwo"))
    assert "schema, c: one\\ntwo" in words(a_report(tally))


EXPECTED = """\
FAILED: a server of the tests does not keep the contract: 3 findings in 1 operation.

createGeneration  POST /generations
  1. the answer has no id  (3 times)
     The contract says: generationId is required (documented)
     What to do: Look at what the order answers.
     The call:
       curl -sS -i http://127.0.0.1:5360/api/rest/v1/generations
     What came back:
       200 {"sdGenerationJob":{}}
     To find it again (check body-conforms):
       mockleo contract --seed 7 --max-examples 5 --only schema --operation createGeneration
  2. it moved backwards
     The contract says: generationId is required (documented)
     What to do: Look at what the order answers.
     First, in this order:
       curl one
       curl two
     Then the call:
       curl -sS -i http://127.0.0.1:5360/api/rest/v1/generations
     What came back:
       200 {"sdGenerationJob":{}}
     To find it again (check forward):
       mockleo contract --seed 7 --max-examples 5 --only lifecycle

In general
  3. zebras are late
     The contract says: generationId is required (documented)
     What to do: Look at what the order answers.
     The call:
       curl -sS -i http://127.0.0.1:5360/api/rest/v1/generations
     What came back:
       200 {"sdGenerationJob":{}}
     To find it again (check order-kept):
       mockleo contract --seed 7 --max-examples 5 --only lifecycle

The curl lines need your key in the environment: export LEONARDO_API_KEY=...

Could not be decided (1)
  webhooks, payload: no receiver was given: --receiver URL

Left out, since it was not asked for (1)
  lifecycle: orders: they cost credits; say --spend

What was looked at
  operations that were called   2 of 58
  operations, generated calls   58 of 58 (100.0 %)
  parameters                    9 of 10 (90.0 %)
    never exercised: createGeneration: body
  dollars:
    budget: 5
    spent: 1.25

Part             cases    checks  findings  undecided  seconds
schema              19        19         1          0      2.5
lifecycle            5        40         2          0      0.9

Seed 7. The same run again:
  mockleo contract --seed 7 --max-examples 5
"""
