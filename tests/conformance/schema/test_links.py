"""The links of the contract, and what they take from an answer."""

import json

import pytest
from jsonschema_rs import Draft202012Validator

from mockleo import contracts
from mockleo.conformance.schema.links import Link, Missing, targets, upstream
from mockleo.conformance.schema.walk import GIVEN

OPENAPI = contracts.openapi()
TARGETS = targets(OPENAPI)


def a_link(parameters: dict[str, object], body: dict[str, object]) -> Link:
    return Link(name="Next", source="a", target="b", parameters=parameters, body=body)


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ("$response.body#/job/id", "x"),
        ("$response.body#/job/images/0/id", 7),
        ("$request.path.datasetId", "d"),
        ("as it stands", "as it stands"),
        (False, False),
        ({"inner": "$response.body#/job/id", "kept": 1}, {"inner": "x", "kept": 1}),
    ],
)
def test_a_value_is_taken_or_stands(said: object, taken: object) -> None:
    answer = {"job": {"id": "x", "images": [{"id": 7}]}}
    _, body = a_link({}, {"value": said}).taken({"datasetId": "d"}, answer)
    assert body == {"value": taken}


@pytest.mark.parametrize(
    "answer", [{}, {"job": None}, {"job": {"images": []}}, {"job": {"images": [None]}}, []]
)
def test_what_is_not_there_is_missing(answer: object) -> None:
    with pytest.raises(Missing):
        a_link({"id": "$response.body#/job/images/0/id"}, {}).taken({}, answer)


def test_every_link_leads_to_an_operation_and_to_variables_of_it() -> None:
    for source in TARGETS.values():
        for link in source.links:
            target = TARGETS[link.target]
            assert set(link.parameters) <= set(target.placed), link
            assert set(link.body) <= target.fields, link


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_the_least_body_keeps_the_schema(name: str) -> None:
    target = TARGETS[name]
    described = OPENAPI["paths"][target.path][target.method.lower()]
    if "requestBody" not in described:
        assert not target.needed
        return
    schema = described["requestBody"]["content"]["application/json"]["schema"]
    given = {field: value for field, value in GIVEN.get(name, {}).items() if field in target.fields}
    body = {**target.needed, **given}
    validator = Draft202012Validator({**schema, "components": OPENAPI["components"]}, validate_formats=True)
    assert [error.message for error in validator.iter_errors(body)] == []


def test_a_call_is_put_together() -> None:
    request = TARGETS["getGenerationsByUserId"].request(
        "http://127.0.0.1:1/api/rest/v1", "key", {"userId": "a b", "limit": 3}, {}
    )
    assert request.url == "http://127.0.0.1:1/api/rest/v1/generations/user/a%20b?limit=3"
    assert (request.method, request.operation) == ("GET", "getGenerationsByUserId")
    assert ("authorization", "Bearer key") in request.headers
    ordered = TARGETS["createGeneration"].request("http://h", "key", {}, {"prompt": "a"})
    assert json.loads(ordered.body) == {"prompt": "a"}


@pytest.mark.parametrize(
    ("wanted", "needed", "not_needed"),
    [
        (
            "createVariationUnzoom",
            {"getGenerationById", "createGeneration"},
            {"createDataset", "uploadMedia"},
        ),
        ("createElement", {"createDataset", "uploadDatasetImage"}, {"createTextureGeneration"}),
        ("getUserSelf", set(), {"createGeneration"}),
    ],
)
def test_what_an_operation_needs_before_it(wanted: str, needed: set[str], not_needed: set[str]) -> None:
    found = upstream(TARGETS, [wanted])
    assert needed | {wanted} <= found
    assert not not_needed & found
