"""The schemas to judge by: tight, and what is wrong in them is told from the inside."""

import json

import jsonschema_rs
import pytest

from mockleo import contracts
from mockleo.conformance.checks.promise import Promise
from mockleo.conformance.checks.schemas import tight, tightened
from tests.contracts.documents import Json, operations, reference

SCHEMAS: Json = {
    "Core": {"type": "object", "properties": {"a": {"type": "integer"}}, "x-always": ["a"]},
    "Whole": {"allOf": [{"$ref": "#/components/schemas/Core"}, {"properties": {"b": {"type": "string"}}}]},
    "Kind": {"type": "string", "enum": ["x"], "x-also-seen": ["y", None]},
}

PROMISE = Promise()


def wrong(schema: Json, value: Json) -> list[tuple[str, list[str | int]]]:
    whole = {
        **tightened(schema, SCHEMAS),
        "components": {"schemas": {name: tightened(each, SCHEMAS) for name, each in SCHEMAS.items()}},
    }
    found = jsonschema_rs.iter_errors(whole, value)
    return sorted((error.kind.name, list(error.instance_path)) for error in found)


CORE, WHOLE, KIND = ({"$ref": f"#/components/schemas/{name}"} for name in SCHEMAS)
OR_NULL = {"anyOf": [CORE, {"type": "null"}]}
OR_LIST = {"oneOf": [CORE, {"type": "array", "items": KIND}]}


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        (CORE, {"a": 1}, []),
        (CORE, {}, [("required", [])]),
        (CORE, {"a": 1, "c": 1}, [("additionalProperties", [])]),
        (WHOLE, {"a": 1, "b": "c"}, []),
        (WHOLE, {"a": 1}, []),
        (WHOLE, {"b": "c"}, [("required", [])]),
        (WHOLE, {"a": "1", "b": "c"}, [("type", ["a"])]),
        (WHOLE, {"a": 1, "c": 1}, [("additionalProperties", [])]),
        (OR_NULL, None, []),
        (OR_NULL, {"a": "1"}, [("type", ["a"])]),
        (OR_LIST, ["x", "y"], []),
        (OR_LIST, ["z"], [("enum", [0])]),
        (OR_LIST, {"a": "1"}, [("type", ["a"])]),
        (KIND, "x", []),
        (KIND, "y", []),
        (KIND, None, []),
        (KIND, "z", [("enum", [])]),
    ],
)
def test_what_is_wrong_is_told_from_the_inside(schema: Json, value: Json, expected: Json) -> None:
    assert wrong(schema, value) == expected


def test_every_object_of_an_answer_refuses_what_it_does_not_name() -> None:
    for name, schema in tight(contracts.openapi()).items():
        inner = schema.get("else", schema)
        if "properties" in inner:
            assert inner["additionalProperties"] is False, name


@pytest.mark.parametrize("name", PROMISE.operations)
def test_there_is_a_validator_for_every_operation(name: str) -> None:
    assert PROMISE._validator(PROMISE.operations[name]) is not None


# Answers of the real service; what is missing in them came later.
RECORDED = {
    ("getGenerationById", "generations.id.GET.200.complete.2023.json"): {
        "imageToVideo", "motion", "motionModel", "motionStrength", "ultra", "prompt_moderations",
        "motionMP4URL",
    },
    ("createGeneration", "generations.POST.200.2023.json"): {"cost"},
    ("listPlatformModels", "platformModels.GET.200.json"): set(),
    ("listElements", "elements.GET.200.json"): set(),
    ("promptImprove", "prompt.improve.POST.200.docs.json"): set(),
    ("promptRandom", "prompt.random.POST.200.docs.json"): set(),
}  # fmt: skip


@pytest.mark.parametrize(("name", "file"), RECORDED)
def test_a_recorded_answer_is_right_but_for_what_came_later(name: str, file: str) -> None:
    (content,) = json.loads(reference(f"recordings/{file}").read_text()).values()
    errors: list[Json] = list(PROMISE._validator(PROMISE.operations[name]).iter_errors(content))
    assert {error.kind.name for error in errors} <= {"required"}
    assert {str(error.kind.property) for error in errors} == RECORDED[name, file]


def test_the_contract_has_an_answer_for_each_operation() -> None:
    assert len(list(operations(contracts.openapi()))) == len(PROMISE.operations)
