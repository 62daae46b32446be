"""Blueprints: another backend, with connections for lists and lists for refusals."""

from base64 import b64decode
from copy import deepcopy
from typing import Any

import httpx
import pytest

from .leo import LONG_MS, RECIPE, STRANGER, Leo

Json = Any

BLUEPRINT = "b3ec7ecf-fc63-4efc-8745-fdcfd059f03a"


def listed(leo: Leo, **asked: Json) -> Json:
    return leo.ask("GET", "/blueprints", json=asked).json()["blueprints"]


def ids(connection: Json) -> list[str]:
    return [edge["node"]["akUUID"] for edge in connection["edges"]]


def told(answer: httpx.Response) -> tuple[int, str, str]:
    """Status, message and code of a refusal of this backend."""
    (error,) = answer.json()
    return answer.status_code, error["message"], error["extensions"]["code"]


def test_all_blueprints_can_be_walked_through_in_either_direction() -> None:
    leo = Leo()
    everything = ids(listed(leo, first=100))
    assert len(everything) == listed(leo)["totalCount"] > 3

    forwards = listed(leo, first=2)
    found = ids(forwards)
    while forwards["pageInfo"]["hasNextPage"] and len(found) < len(everything):
        forwards = listed(leo, first=2, after=forwards["pageInfo"]["endCursor"])
        found += ids(forwards)
    assert (found, forwards["pageInfo"]["hasNextPage"]) == (everything, False)

    backwards = listed(leo, last=2)
    found = ids(backwards)
    while backwards["pageInfo"]["hasPreviousPage"] and len(found) < len(everything):
        backwards = listed(leo, last=2, before=backwards["pageInfo"]["startCursor"])
        found = ids(backwards) + found
    assert (found, backwards["pageInfo"]["hasPreviousPage"]) == (everything, False)


def test_a_cursor_tells_its_place() -> None:
    edge = listed(Leo(), first=1)["edges"][0]
    node = edge["node"]
    assert b64decode(edge["cursor"]).decode() == (
        f'{{"createdAt":"{node["createdAt"]}","akUUID":"{node["akUUID"]}"}}'
    )


def test_blueprints_are_filtered() -> None:
    leo = Leo()
    assert BLUEPRINT in ids(listed(leo, categories=["food"], first=100))
    assert BLUEPRINT not in ids(listed(leo, categories=["product"], first=100))
    assert ids(listed(leo, platforms=[], first=100)) == []


@pytest.mark.parametrize(
    "asked",
    [
        {"first": 1, "last": 1},
        {"first": 0},
        {"first": 101},
        {"last": -1},
        {"after": "nonsense"},
        {"before": "bm9uc2Vuc2U="},
        {"first": "1"},
        {"nonsense": 1},
    ],
)
def test_a_list_that_cannot_be_is_refused_with_a_list(asked: Json) -> None:
    answer = Leo().ask("GET", "/blueprints", json=asked)
    assert told(answer) == (200, "An error occurred.", "BadRequestException")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (f"/blueprints/{STRANGER}", "Blueprint not found"),
        (f"/blueprints/{STRANGER}/versions", "Blueprint not found"),
        (f"/blueprint-executions/{STRANGER}", "Blueprint execution not found"),
    ],
)
def test_what_nobody_has_is_not_found(path: str, message: str) -> None:
    assert told(Leo().ask("GET", path)) == (200, message, "NOT_FOUND")


def test_an_execution_is_pending_and_then_completed() -> None:
    leo = Leo()
    before = leo.balance
    execution = leo.post("/blueprint-executions", **RECIPE)["akUUID"]
    assert before - leo.balance == 120
    waiting = leo.get(f"/blueprint-executions/{execution}")
    assert waiting["status"] == "PENDING"
    assert waiting["inputs"] == RECIPE["input"]["nodeInputs"]
    assert waiting["createdAt"] == "2026-01-01T00:00:00.000Z"
    (edge,) = leo.get(f"/blueprint-executions/{execution}/generations")["edges"]
    assert (edge["node"]["status"], b64decode(edge["cursor"])) == ("PENDING", b"arrayconnection:0")
    leo.advance(LONG_MS)
    assert leo.get(f"/blueprint-executions/{execution}")["status"] == "COMPLETED"
    (edge,) = leo.get(f"/blueprint-executions/{execution}/generations")["edges"]
    assert (edge["node"]["status"], edge["node"]["failedReason"]) == ("COMPLETED", None)
    assert leo.status(edge["node"]["generationId"]) == "COMPLETE"


def test_an_eleventh_execution_is_queued_and_says_so() -> None:
    leo = Leo()
    executions = [leo.post("/blueprint-executions", **RECIPE)["akUUID"] for _ in range(11)]
    states = [leo.get(f"/blueprint-executions/{each}")["status"] for each in executions]
    assert states == ["PENDING"] * 10 + ["QUEUED"]


def test_an_execution_of_somebody_else_shows_nothing_and_is_no_error() -> None:
    leo = Leo()
    execution = leo.post("/blueprint-executions", **RECIPE)["akUUID"]
    other = leo.beside("another")
    assert other.get(f"/blueprint-executions/{execution}/generations")["edges"] == []
    assert told(other.ask("GET", f"/blueprint-executions/{execution}"))[2] == "NOT_FOUND"


def test_a_moderated_execution_fails_says_why_and_is_refunded() -> None:
    leo = Leo()
    recipe = deepcopy(dict(RECIPE))
    recipe["input"]["nodeInputs"][0]["value"] = "naked soup"
    before = leo.balance
    execution = leo.post("/blueprint-executions", **recipe)["akUUID"]
    leo.advance(LONG_MS)
    assert leo.get(f"/blueprint-executions/{execution}")["status"] == "FAILED"
    (edge,) = leo.get(f"/blueprint-executions/{execution}/generations")["edges"]
    assert edge["node"]["failedReason"]["type"] == "PROMPT_MODERATION_BLOCKED"
    assert leo.balance == before


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"blueprintVersionId": 7, "input": RECIPE["input"]},
         "Invalid input type: expected 'string' for field 'blueprintVersionId'"),
        ({**RECIPE, "input": []}, "Invalid input type: expected 'object' for field 'input'"),
        ({**RECIPE, "input": {"nodeInputs": "x", "public": True}},
         "Invalid input type: expected 'array' for field 'input.nodeInputs'"),
        ({**RECIPE, "input": {**RECIPE["input"], "public": "no"}},
         "Invalid input type: expected 'boolean' for field 'input.public'"),
    ],
)  # fmt: skip
def test_a_wrong_type_is_the_one_plain_refusal(body: Json, error: str) -> None:
    answer = Leo().ask("POST", "/blueprint-executions", json=body)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


def with_value(**changes: Json) -> Json:
    recipe = deepcopy(dict(RECIPE))
    recipe["input"]["nodeInputs"][0].update(changes)
    return recipe


@pytest.mark.parametrize(
    "body",
    [
        {**RECIPE, "blueprintVersionId": STRANGER},
        {**RECIPE, "nonsense": 1},
        {"input": RECIPE["input"]},
        with_value(nodeId=STRANGER),
        with_value(settingName="imageUrl", value="https://cdn.leonardo.ai/a.png"),
        with_value(settingName="imageUrl", value="https://evil.test/a.png"),
        with_value(value=[{"name": "a", "value": "b"}]),
    ],
)
def test_what_cannot_be_run_is_refused_and_free_of_charge(body: Json) -> None:
    leo = Leo()
    before = leo.balance
    answer = leo.ask("POST", "/blueprint-executions", json=body)
    assert answer.headers["x-mockleo-why"].startswith("blueprint-")
    assert (leo.balance, leo.account.executions) == (before, {})
