"""What the contract allows, and schemathesis would not: each row, and beside it what stays wrong."""

import json

import pytest

from mockleo import contracts
from mockleo.conformance.checks.promise import Promise
from mockleo.conformance.checks.seen import Seen
from mockleo.conformance.door import Answer, Request
from mockleo.conformance.schema.allowed import OF_THE_FORM, Allowed

BASE = "http://127.0.0.1:5360/api/rest/v1"
PROMISE = Promise()
ID = "3d6c8f0a-5b1e-4c7d-9a2f-0e1b2c3d4e5f"
SKETCH = {"imageDataUrl": "data:image/png;base64,iVBORw0KGgo=", "prompt": "a"}


def seen(operation: str, path: str, body: object, answer: object, status: int = 200) -> Seen:
    known = PROMISE.operations[operation]
    sent = b"" if body is None else json.dumps(body).encode()
    request = Request(method=known.method, url=f"{BASE}{path}", body=sent, operation=operation)
    headers = (("content-type", "application/json"),)
    return Seen(known, request, Answer(status=status, headers=headers, body=json.dumps(answer).encode()))


def test_the_rows_about_the_form_are_rows() -> None:
    assert contracts.errors().keys() >= OF_THE_FORM


@pytest.mark.parametrize(
    ("operation", "path", "body", "sound"),
    [
        ("createLCMGeneration", "/generations-lcm", {**SKETCH, "seed": None}, True),
        ("createLCMGeneration", "/generations-lcm", {**SKETCH, "seed": "x"}, False),
        ("createLCMGeneration", "/generations-lcm", {"prompt": "a"}, False),
        ("get3DModelById", "/models-3d/{id}", {"id": 1}, True),
        ("get3DModelById", "/models-3d/{id}", [1], True),
        ("get3DModelById", "/models-3d/{id}", {"who": 1}, False),
        ("getDatasetById", "/datasets/no-uuid", None, False),
        ("getTextureGenerationById", "/generations-texture/{id}?limit=-1", None, False),
        ("getGenerationsByUserId", "/generations/user/{id}?limit=", None, True),
        ("getGenerationsByUserId", "/generations/user/{id}?limit=x", None, False),
        ("promptImprove", "/prompt/improve", [1], False),
    ],
)  # fmt: skip
def test_a_call_is_sound_in_what_is_read_of_it(operation: str, path: str, body: object, sound: bool) -> None:
    looked = seen(operation, path.format(id=ID), body, {})
    assert Allowed(PROMISE).is_sound_as_read(looked) is sound


def test_the_prices_of_one_service_hang_on_its_own_parameters() -> None:
    other = {"UNIVERSAL_UPSCALER": {"megapixel": -1}}
    asked = {"service": "LCM_GENERATION", "serviceParams": other}
    assert Allowed(PROMISE).is_sound_as_read(seen("pricingCalculator", "/pricing-calculator", asked, {}))
    asked["service"] = "UNIVERSAL_UPSCALER"
    assert not Allowed(PROMISE).is_sound_as_read(seen("pricingCalculator", "/pricing-calculator", asked, {}))


@pytest.mark.parametrize(
    ("answer", "status", "row"),
    [
        ({"error": "model lookup error", "path": "$", "code": "unexpected"}, 400, "model-not-found"),
        ({"error": "model lookup error", "path": "$", "code": "else"}, 400, ""),
        ({"error": "model lookup error", "path": "$", "code": "unexpected"}, 500, ""),
        ({"error": "boom", "path": "$", "code": "unexpected"}, 500, ""),
    ],
)
def test_an_answer_is_a_row_in_every_respect_or_none(answer: object, status: int, row: str) -> None:
    looked = seen("createGeneration", "/generations", {"prompt": "a"}, answer, status)
    assert Allowed(PROMISE).row(looked) == row


def test_the_methods_are_those_of_the_path() -> None:
    assert Allowed(PROMISE).methods("GET /generations/{id}") == {"GET", "DELETE"}
