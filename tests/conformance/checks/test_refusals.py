"""Every row of errors.toml is known again in the answer that the emulator makes of it."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from mockleo import contracts
from mockleo.conformance.checks.refusals import Told, differences, matches, rows, told
from mockleo.core import errors
from mockleo.wire.contract import load
from mockleo.wire.errors import name_of

ROWS = rows(contracts.errors())
REFUSALS = load().refusals

FACTS: Mapping[str, str | int] = {
    "allowed": "GET,POST",
    "name": "sd_Version",
    "message": "expected a boolean for type 'Boolean', but found a string",
    "path": "$.selectionSet.sdGenerationJob.args.arg1.photoReal",
    "value": "abc",
    "field": "num_images",
    "limit": 1500,
    "model_id": "6b0d7c2a-53a4-4b49-9a43-5a86c1a7a0a5",
    "word": "naked",
    "user_id": "6b0d7c2a-53a4-4b49-9a43-5a86c1a7a0a5",
    "root": "executeBlueprint",
    "detail": "blueprintVersionId must be a UUID",
    "noun": "Blueprint",
    "expected": "string",
}


def leaves(error: type[errors.LeoError]) -> list[type[errors.LeoError]]:
    below = error.__subclasses__()
    return [leaf for one in below for leaf in leaves(one)] if below else [error]


LEAVES = {name_of(leaf): leaf for leaf in leaves(errors.LeoError) if leaf.__module__ == errors.__name__}


def refusal(name: str) -> Told:
    """What the emulator says, read as the judge reads it."""
    error = errors.LeoError.__new__(LEAVES[name])
    names = re.findall(r"\{(\w+)\}", json.dumps(contracts.errors()[name]))
    facts: dict[str, Any] = {each: FACTS[each] for each in names}
    errors.LeoError.__init__(error, **facts)
    answer = REFUSALS.write(error)
    decoded: Any = None if answer.html else json.loads(answer.body)
    return told(answer.status, answer.body, decoded, is_html=answer.html)


@pytest.mark.parametrize("name", contracts.errors())
def test_each_row_is_known_again(name: str) -> None:
    said = refusal(name)
    assert name in {match.row.name for match in matches(ROWS, said) if not differences(match.row, said)}


@pytest.mark.parametrize("name", contracts.errors())
def test_a_row_is_another_with_another_status(name: str) -> None:
    said = refusal(name)
    other = Told(
        status=said.status + 1,
        shape=said.shape,
        error=said.error,
        path=said.path,
        code=said.code,
        detail_status=said.detail_status,
    )
    (row,) = [row for row in ROWS if row.name == name]
    assert differences(row, other) == ("status",)


@pytest.mark.parametrize(
    "body",
    [
        {"error": "a", "path": "$"},
        {"error": "a", "path": "$", "code": 7},
        {"error": "a", "path": "$", "code": "b", "internal": {}},
        {"errors": []},
        {"message": "a"},
        [],
        ["a"],
        [{"message": 7}],
        [{"message": "a", "extensions": []}],
        "a",
        7,
        None,
    ],
)
def test_what_is_built_otherwise_has_no_shape(body: object) -> None:
    assert told(400, b"{}", body, is_html=False).shape == ""


def test_a_page_without_a_title_says_nothing() -> None:
    assert told(502, b"<html>", None, is_html=True) == Told(status=502, shape="html", error="")
