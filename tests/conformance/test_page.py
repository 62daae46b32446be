"""What we know is written up: the page is true, every guess has a switch that mockleo takes, and what
the page says of refusals and checks is what a run has seen.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from mockleo import contracts
from mockleo.changes import changed, faults_of
from mockleo.conformance import covered, known, page
from mockleo.conformance.parts import PARTS
from mockleo.settings import Settings
from mockleo.wire.contract import load
from tests.conformance import covering

if TYPE_CHECKING:
    from collections.abc import Mapping

KNOWN = known.read()
PAGE = page.PLACE.read_text("utf-8")
IDS = {operation.id for operation in KNOWN.operations}
GROUPS = {known.ALL, "hasura", "blueprint"}
GUESSES = {guess.name: guess for guess in KNOWN.guesses}

# Statuses that the front and the gateway may answer to any call.
OF_THE_FRONT = {404, 405, 413}


def test_the_page_is_what_the_contract_says() -> None:
    assert page.written() == PAGE, f"the contract has changed; write the page anew: {page.COMMAND}"


def test_each_operation_stands_on_the_page_once() -> None:
    told = re.findall(r"^\*\*`(\w+ \S+)`\*\* `(\w+)`:", PAGE, re.MULTILINE)
    assert Counter(told) == Counter((f"{each.method} {each.path}", each.id) for each in KNOWN.operations)
    assert len(told) == 58


def test_each_guess_stands_on_the_page_once() -> None:
    told = Counter(re.findall(r"^\| `([^`]+)` \|", PAGE.partition("## What is guessed")[2], re.MULTILINE))
    assert {name: told[name] for name in GUESSES} == dict.fromkeys(GUESSES, 1)


def test_no_cell_breaks_a_table() -> None:
    for table in re.findall(r"(?:^\|.*\n)+", PAGE, re.MULTILINE):
        widths = {len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}
        assert len(widths) == 1, table


def test_every_link_leads_somewhere() -> None:
    headings = {
        re.sub(r"[^a-z -]", "", each.lower()).replace(" ", "-")
        for each in re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)]+)\)", PAGE):
        path, _, anchor = target.partition("#")
        assert path or anchor in headings, target
        assert (page.PLACE.parent / path).exists(), target


# --- evidence -------------------------------------------------------------------------------------


def test_everything_has_its_grade_and_its_source() -> None:
    for entry in KNOWN.entries:
        assert entry.evidence in known.GRADES, entry.name
        assert entry.row.get("status_evidence", "inferred") in known.GRADES, entry.name
        assert entry.source or entry.kind == "catalogue", entry.name


def test_everything_assumed_is_among_the_guesses() -> None:
    for entry in KNOWN.entries:
        if entry.kind in {"rules", "refusals", "behaviours", "webhooks"}:
            grades = {entry.evidence, entry.row.get("status_evidence", entry.evidence)}
            assert ("assumed" in grades) is (entry.name in GUESSES), entry.name


def test_every_assumed_part_of_the_document_leads_to_a_guess() -> None:
    """By the rule that it names; an answer by the refusals that have its status."""
    guessed = {
        entry.row["status"] for entry in KNOWN.entries if entry.name in GUESSES and "status" in entry.row
    }
    for entry in KNOWN.entries:
        if entry.kind in {"operations", "parts"} and entry.evidence == "assumed":
            rule = entry.row.get("x-rule")
            if rule is None:
                assert set(statuses_of(entry.name)) <= guessed, entry.name
            else:
                assert any(name == rule or name.startswith(f"{rule}.") for name in GUESSES), rule


def statuses_of(where: str) -> list[int]:
    """The statuses under which an answer of the document's components is listed."""
    found = [
        int(status)
        for _, _, told in known.described(contracts.openapi())
        for status, answer in told["responses"].items()
        if answer.get("$ref") == f"#{where}"
    ]
    assert found, f"{where}: neither a rule nor a status"
    return found


def test_every_assumed_keyword_is_a_bound_of_a_rule() -> None:
    for where, node in nodes(contracts.openapi()):
        for keyword in node.get("x-assumed", ()):
            assert keyword in node, where
            rule = node["x-rule"]
            assert f"{rule}.{'min' if keyword.startswith('min') else 'max'}" in GUESSES or rule in GUESSES


def nodes(node: Any, where: str = "") -> list[tuple[str, Mapping[str, Any]]]:
    if isinstance(node, dict):
        return [(where, node), *(each for key in node for each in nodes(node[key], f"{where}/{key}"))]
    if isinstance(node, list):
        return [each for nth, one in enumerate(node) for each in nodes(one, f"{where}/{nth}")]
    return []


# Where one document says it surer than the other, and why that is right.
SURER = {
    ("page.offset", "assumed"): "the row's default is documented, the document speaks of the bound",
    ("video.duration", "inferred"): "documented for text, inferred for images",
    ("lcm.seed", "documented"): "that there is one is documented, its range is that of images",
}


def test_the_document_and_the_rules_are_equally_sure() -> None:
    rules = {entry.name: entry.evidence for entry in KNOWN.entries if entry.kind == "rules"}
    unlike = {
        (node["x-rule"], node["x-evidence"])
        for _, node in nodes(contracts.openapi())
        if "x-rule" in node and "x-evidence" in node and rules[str(node["x-rule"])] != node["x-evidence"]
    }
    assert unlike == set(SURER)


# --- operations that rows are about ---------------------------------------------------------------


def test_rows_name_operations_that_there_are() -> None:
    for entry in KNOWN.entries:
        assert set(entry.operations) <= IDS | GROUPS, entry.name
        assert len(set(entry.operations)) == len(entry.operations), entry.name
        assert not (set(entry.operations) & GROUPS and set(entry.operations) & IDS), entry.name


def test_what_is_assumed_says_what_it_is_about() -> None:
    for guess in KNOWN.guesses:
        told = guess.operations or guess.kind == "webhooks" or known.is_of_the_suite(guess.name)
        assert told or guess.name == "nowhere-at-all", guess.name


def test_a_refusal_has_a_status_that_the_document_lists_for_its_operations() -> None:
    answers = {told["operationId"]: told for _, _, told in known.described(contracts.openapi())}
    for entry in KNOWN.entries:
        if entry.kind == "refusals" and entry.row["status"] not in OF_THE_FRONT:
            for operation in KNOWN.operations:
                if {known.ALL, operation.dialect, operation.id} & set(entry.operations):
                    listed = answers[operation.id]["responses"]
                    assert str(entry.row["status"]) in listed, (entry.name, operation.id)


def test_a_rule_of_a_parameter_is_about_the_operations_that_have_it() -> None:
    """So far as the document says which: the row may be about more."""
    for _, _, told in known.described(contracts.openapi()):
        used = {str(node["x-rule"]) for _, node in nodes(told) if "x-rule" in node}
        for name in used & GUESSES.keys():
            assert {told["operationId"], known.ALL} & set(GUESSES[name].operations), name


# --- switches -------------------------------------------------------------------------------------


def test_every_guess_has_a_switch_but_those_of_the_suite() -> None:
    without = {guess.name for guess in KNOWN.guesses if not guess.switch}
    assert without == {guess.name for guess in KNOWN.guesses if known.is_of_the_suite(guess.name)}


SWITCHES = sorted({guess.switch for guess in KNOWN.guesses if guess.switch})


@pytest.mark.parametrize("switch", SWITCHES)
def test_mockleo_takes_the_switch(switch: str) -> None:
    flag, *values = shlex.split(switch)
    match flag, values:
        case "--rule", [setting]:
            changed(load(), rules=dict([setting.split("=", 1)]), refusals={})
        case "--refusal", [setting]:
            changed(load(), rules={}, refusals=dict([setting.split("=", 1)]))
        case "--fault", [described]:
            assert list(faults_of(Settings(faults=(msgspec.json.decode(described),))))
        case "--profile", [profile]:
            assert Settings(profile=profile).profile != Settings().profile
        case "--no-cors", []:
            assert Settings(cors=False).cors != Settings().cors
        case _:
            pytest.fail(f"{switch}: nobody has said how to try it")


def test_a_switch_between_choices_is_another_choice() -> None:
    """Where there are choices, what the page shows is not what happens anyway."""
    contract = load()
    for name, row in contract.rules.items():
        if name in GUESSES and row.one_of is not None and row.value is not None:
            (setting,) = shlex.split(GUESSES[name].switch)[1:]
            other = changed(contract, rules=dict([setting.split("=", 1)]), refusals={})
            assert other.rules[name].value != row.value, name


# --- a run ----------------------------------------------------------------------------------------


def test_what_is_noted_of_checks_is_made_in_a_run() -> None:
    ran = covering.a_run(*PARTS, seed=4)
    assert set(PARTS) == {part for part, _, _ in ran.tally.made}
    undone = covered.left_undone(ran.tally)
    assert not undone, f"noted and not made; note them anew: {covered.COMMAND} && {page.COMMAND}"


def test_every_part_is_noted_and_every_operation_looked_at() -> None:
    made = covered.read()
    assert {each.part for each in made} == set(PARTS), f"note them anew: {covered.COMMAND} && {page.COMMAND}"
    assert {each.operation for each in made} >= IDS


def test_operations_refuse_with_what_the_rows_say_and_nothing_else() -> None:
    """As the header tells it that the emulator explains its refusals with."""
    refusals = {entry.name: set(entry.operations) for entry in KNOWN.entries if entry.kind == "refusals"}
    by_id = {operation.id: {known.ALL, operation.dialect, operation.id} for operation in KNOWN.operations}
    refused = covering.a_run(*PARTS, seed=4).refused
    seen = {(each, name) for each, name in refused if each in by_id and name in refusals}
    beyond = {(each, name) for each, name in seen if not refusals[name] & by_id[each]}
    # A path that the suite has bent leads to no operation, whatever it was meant for.
    assert {name for _, name in beyond} <= {"endpoint-not-found", "method-not-allowed", "not-the-api"}
    assert len(seen - beyond) > 250


def test_a_note_that_is_not_true_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    made_up = covered.Made("schema", "envelope", "deleteEverything")
    noted = covered.read()
    monkeypatch.setattr(covered, "read", lambda: noted | {made_up})
    assert covered.left_undone(covering.a_run(*PARTS, seed=4).tally) == (made_up,)
