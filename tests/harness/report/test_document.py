"""The report as data: what a program reads of a run is what happened in it."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from mockleo.harness import judged as grading
from mockleo.harness.checks import BY_NAME
from mockleo.harness.report import as_json, document
from mockleo.harness.verdict import Unsure
from tests.harness.report.runs import HOSTILE, hostile, judged, paid_twice, well_done, with_verdict
from tests.harness.stage import Stage


def told(*graded: grading.Judged) -> Any:
    return json.loads(as_json(graded))


def test_a_finding_has_its_words_and_its_proof() -> None:
    (run,) = told(paid_twice())["runs"]
    (finding,) = run["findings"]
    check = BY_NAME["double-spend"]
    assert (finding["check"], finding["severity"], finding["title"]) == (
        "double-spend", "critical", check.title,
    )  # fmt: skip
    assert (finding["why"], finding["fix"]) == (check.why, check.fix)
    assert finding["facts"] == "docs/checks.md#double-spend"
    first, again = finding["exchanges"]
    assert (first["n"], first["status"], first["outcome"]) == (1, 0, "cut")
    assert (again["n"], again["status"], again["method"]) == (2, 200, "POST")
    assert [job["state"] for job in finding["jobs"]] == ["COMPLETE", "COMPLETE"]
    assert finding["credits"] == finding["jobs"][1]["credits"] > 0


def test_times_count_from_the_start_of_the_client() -> None:
    finding = told(paid_twice())["runs"][0]["findings"][0]
    first, again = finding["exchanges"]
    assert (first["at_ms"], again["at_ms"], finding["at_ms"]) == (0, 2_000, 2_000)
    assert [job["booked_ms"] for job in finding["jobs"]] == [0, 2_000]


def test_what_a_run_came_to() -> None:
    (run,) = told(paid_twice())["runs"]
    assert (run["grade"], run["outcome"]) == ("F", "findings")
    assert run["jobs"] == {"booked": 2, "complete": 2, "failed": 0}
    assert run["calls"]["unanswered"] == 1
    assert run["credits"]["spent"] == 2 * run["findings"][0]["credits"]
    assert run["credits"]["refunded"] == 0
    assert run["replay"] == "mockleo run stage.toml --seed 1 -- client"
    assert set(run["made"]) == set(BY_NAME)


def test_what_failed_was_paid_back() -> None:
    with Stage(faults=[{"fault": "job-fails"}]) as stage:
        stage.order()
        stage.wait(60_000)
        stage.send("GET", "/nowhere")
        (run,) = told(judged(stage))["runs"]
    assert run["jobs"] == {"booked": 1, "complete": 0, "failed": 1}
    assert run["credits"]["spent"] == run["credits"]["refunded"] > 0
    assert run["calls"] == {"all": 2, "refused": 1, "unanswered": 0}


UNDECIDED = (Unsure(check="no-jitter", why="too few."),)


@pytest.mark.parametrize(
    ("runs", "code"),
    [
        ([well_done], 0),
        ([well_done, paid_twice], 1),
        ([lambda: with_verdict(well_done(), unsure=UNDECIDED)], 3),
        ([lambda: with_verdict(well_done(), unsure=UNDECIDED), paid_twice], 1),
        ([], 3),
    ],
)
def test_the_exit_code_is_that_of_the_command(runs: list[Any], code: int) -> None:
    graded = [each() for each in runs]
    assert told(*graded)["exit_code"] == code == grading.exit_code(graded)


def test_what_could_not_be_decided_is_told() -> None:
    (run,) = told(with_verdict(well_done(), unsure=UNDECIDED))["runs"]
    assert run["unsure"] == [{"check": "no-jitter", "title": BY_NAME["no-jitter"].title, "why": "too few."}]


def test_a_client_that_was_stopped_has_no_exit_code() -> None:
    made = paid_twice()
    stopped = type(made.run.client)(command=("c",), started_ms=0, ended_ms=5, exit_code=None, speed=60.0)
    made = grading.Judged(type(made.run)(made.run.scenario, stopped, made.run.record), made.verdict)
    report = document.of(made)
    assert (report.client.stopped, report.client.exit_code, report.client.took_ms) == (True, None, 5)
    assert report.replay == "mockleo run stage.toml --seed 1 --speed 60 -- c"


def test_nothing_that_a_terminal_obeys_is_in_it() -> None:
    raw = as_json([hostile()])
    assert b"\x1b" not in raw
    assert b"\\u001b" not in raw
    assert b"\\u0000" not in raw
    assert "\u202e" not in raw.decode()
    assert HOSTILE.partition("\x1b")[0] in json.loads(raw)["runs"][0]["findings"][0]["message"]


def test_runs_stand_in_the_order_in_which_they_were_played() -> None:
    runs = told(paid_twice(), well_done(), paid_twice())["runs"]
    assert [run["grade"] for run in runs] == ["F", "A", "F"]


def test_a_scenario_that_comes_with_mockleo_is_played_again_by_its_name() -> None:
    made = paid_twice()
    scenario = msgspec.structs.replace(made.run.scenario, name="lost-answer")
    again = type(made.run)(scenario, made.run.client, made.run.record)
    assert document.of(grading.Judged(again, made.verdict)).replay.startswith("mockleo run lost-answer ")
