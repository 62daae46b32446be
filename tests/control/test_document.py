"""The operator's API as an OpenAPI document."""

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from mockleo.control.menu import OPERATIONS

from .operator import Operator, a_busy_emulator, paths_of

Json = Any

DOCUMENT: Json = Operator().get("openapi.json")


def operations() -> Iterator[tuple[str, str, Json]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def nodes(value: Json) -> Iterator[Json]:
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(inner)


def at(pointer: str) -> Json:
    found = DOCUMENT
    for step in pointer.removeprefix("#/").split("/"):
        found = found[step]
    return found


def shape() -> Json:
    """The part of OpenAPI 3.1 that the document uses, as a JSON Schema that takes nothing else."""

    def closed(needed: str, optional: str = "", **known: Json) -> Json:
        named = {name: known.get(name, {}) for name in [*needed.split(), *optional.split()]}
        return {
            "type": "object",
            "properties": named,
            "required": needed.split(),
            "additionalProperties": False,
        }

    def each(kind: Json) -> Json:
        return {"type": "object", "minProperties": 1, "additionalProperties": kind}

    words = {"type": "string", "minLength": 1}
    media = each(closed("schema"))
    where: Json = {"enum": ["path", "query"]}
    parameter = closed(
        "name in required schema", **{"name": words, "in": where, "required": {"type": "boolean"}}
    )
    operation = closed(
        "operationId tags summary parameters responses",
        "requestBody security",
        operationId=words,
        summary=words,
        tags={"type": "array", "items": words},
        parameters={"type": "array", "items": parameter},
        requestBody=closed("required content", content=media),
        responses=each(closed("description content", description=words, content=media)),
    )
    methods = "get post put patch delete"
    return closed(
        "openapi info servers security paths components",
        openapi={"const": "3.1.0"},
        info=closed("title version description", title=words, version=words),
        servers={"type": "array", "items": closed("url")},
        security={"type": "array"},
        paths={
            "type": "object",
            "propertyNames": {"pattern": "^/"},
            "additionalProperties": closed("", methods, **dict.fromkeys(methods.split(), operation)),
        },
        components=closed("schemas", "securitySchemes", schemas=each({"type": "object"})),
    )


def test_it_has_the_shape_of_openapi() -> None:
    jsonschema_rs.validate(shape(), DOCUMENT)
    jsonschema_rs.validate(shape(), with_token())


def with_token() -> Json:
    headers = {"authorization": "Bearer swordfish"}
    told: Json = Operator(control_token="swordfish").send("GET", "openapi.json", headers=headers).json()
    assert told["security"] == [{"token": []}]
    assert told["paths"]["/ready"]["get"]["security"] == []
    return told


def test_every_schema_is_one() -> None:
    schemas = [
        node["schema"] for node in nodes(DOCUMENT["paths"]) if isinstance(node, dict) and "schema" in node
    ]
    for schema in [*schemas, *DOCUMENT["components"]["schemas"].values()]:
        jsonschema_rs.meta.validate(schema)


def test_every_reference_points_at_something_and_every_schema_is_used() -> None:
    pointers = {node["$ref"] for node in nodes(DOCUMENT) if isinstance(node, dict) and "$ref" in node}
    for pointer in pointers:
        at(pointer)
    mapped = {
        pointer
        for node in nodes(DOCUMENT)
        if isinstance(node, dict) and "mapping" in node
        for pointer in node["mapping"].values()
    }
    names = {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]}
    assert names == pointers | mapped


def test_it_says_what_is_served() -> None:
    told = {(method, path): operation["operationId"] for method, path, operation in operations()}
    assert told == {(operation.method, operation.path): operation.id for operation in OPERATIONS}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_parameters_and_fields_are_those_that_are_taken(operation: Any) -> None:
    told = DOCUMENT["paths"][operation.path][operation.method.lower()]
    named: dict[str, set[str]] = {"path": set(), "query": set()}
    for parameter in told["parameters"]:
        named[parameter["in"]].add(parameter["name"])
    fields = set(getattr(operation.takes, "__struct_encode_fields__", ()))
    assert named["path"] == set(re.findall(r"{(\w+)}", operation.path))
    assert named["query"] == (fields if operation.method == "GET" else set())
    assert ("requestBody" in told) == (operation.method != "GET" and operation.raw | bool(fields))


def test_every_answer_is_as_it_says() -> None:
    operator = a_busy_emulator()
    for path in paths_of(operator, "GET"):
        template = next(
            operation.path
            for operation in OPERATIONS
            if operation.method == "GET"
            and re.fullmatch(re.sub(r"{\w+}", r"(?!count$|menu$)[^/]+", operation.path), f"/{path}")
        )
        if template == "/webhooks/{n}":
            continue
        content = DOCUMENT["paths"][template]["get"]["responses"]["200"]["content"]
        answer = operator.send("GET", path)
        ((content_type, media),) = content.items()
        assert answer.headers["content-type"] == content_type
        schema = {**media["schema"], "components": DOCUMENT["components"]}
        whole = answer.text.splitlines() if content_type.endswith("ndjson") else [answer.text]
        validator = jsonschema_rs.validator_for(schema)
        for each in whole:
            validator.validate(json.loads(each))


def test_a_refusal_is_as_it_says() -> None:
    schema = {"$ref": "#/components/schemas/Refusal", "components": DOCUMENT["components"]}
    jsonschema_rs.validate(schema, Operator().send("GET", "nothing").json())


def test_it_is_checked_that_something_is_wrong() -> None:
    schema = {"$ref": "#/components/schemas/ClockState", "components": DOCUMENT["components"]}
    assert not jsonschema_rs.is_valid(schema, {"now_ms": "late"})
