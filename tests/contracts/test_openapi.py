"""The contract as a document: it is OpenAPI 3.1, it hangs together, and each claim is graded."""

import re
import tomllib
from collections.abc import Iterator

import jsonschema_rs
import pytest

from tests.contracts.documents import (
    CONTRACTS,
    GRADES,
    Json,
    at,
    contract,
    known_source,
    operations,
    resolved,
    walk,
)

OPERATIONS = dict(operations(contract()))
BY_ID = {operation["operationId"]: operation for operation in OPERATIONS.values()}
SCHEMAS = contract()["components"]["schemas"]

CODES = {"400", "401", "429", "500"}
BOUNDS = {"minimum", "maximum", "multipleOf", "minLength", "maxLength", "pattern"}

# Fields that the service takes or sends though the official document does not name them.
UNDOCUMENTED = (
    ("createGeneration body", "styleUUID"),
    ("createGeneration body", "contextImages"),
    ("controlnet_input", "influence"),
    ("uploadMedia body", "originalFilename"),
    ("uploadMedia body", "teamId"),
    ("GenerationCore", "prompt_moderations"),
    ("GenerationCore", "motion"),
    ("CanvasUpload", "masksImageId"),
    ("CanvasUpload", "masksFields"),
    ("CanvasUpload", "masksKey"),
    ("CanvasUpload", "masksUrl"),
)


def shape() -> Json:
    """The part of OpenAPI 3.1 that the contract uses, as a JSON Schema that takes nothing else."""

    def closed(required: str, optional: str = "", **known: Json) -> Json:
        named = {name: known.get(name, {}) for name in [*required.split(), *optional.split()]}
        return {
            "type": "object",
            "properties": named,
            "patternProperties": {"^x-": {}},
            "required": required.split(),
            "additionalProperties": False,
        }

    def each(kind: Json) -> Json:
        return {"type": "object", "additionalProperties": kind}

    words = {"type": "string", "minLength": 1}
    reference = closed("$ref")
    content = closed("application/json", **{"application/json": closed("schema")})
    page = closed("text/html", **{"text/html": closed("schema")})
    link = closed("operationId description", "parameters requestBody", description=words)
    response = closed(
        "description content",
        "links",
        description=words,
        content={"anyOf": [content, page]},
        links=each(link),
    )
    place: Json = {"in": {"enum": ["path", "query"]}}
    parameter = closed("name in required description schema", description=words, **place)
    operation = closed(
        "operationId tags summary description responses x-evidence x-source x-root x-dialect",
        "parameters requestBody",
        summary={"type": "string", "maxLength": 80, "pattern": r"[^.]$"},
        description={"type": "string", "pattern": r"\.$"},
        tags={"type": "array", "minItems": 1, "maxItems": 1},
        parameters={"type": "array", "items": {"anyOf": [reference, parameter]}},
        requestBody=closed("required content", "description", content=content),
        responses=each({"anyOf": [reference, response]}),
        **{"x-dialect": {"enum": ["hasura", "blueprint"]}},
    )
    return closed(
        "openapi info servers security tags paths components",
        openapi={"const": "3.1.0"},
        info=closed("title version summary description license"),
        paths=each(closed("", "get post delete", get=operation, post=operation, delete=operation)),
        components=closed("schemas parameters responses securitySchemes", responses=each(response)),
    )


def body(operation: Json) -> Json:
    """The schema of the request body; an empty one where there is none."""
    return operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})


def parameters(operation: Json) -> list[Json]:
    return [resolved(contract(), parameter) for parameter in operation.get("parameters", ())]


def inputs(schema: Json, where: str) -> Iterator[tuple[str, Json]]:
    """Every schema of a request, references followed, and where it is."""
    schema = resolved(contract(), schema)
    yield where, schema
    for name, field in schema.get("properties", {}).items():
        yield from inputs(field, f"{where}.{name}")
    if "items" in schema:
        yield from inputs(schema["items"], f"{where}[]")
    for branch in schema.get("oneOf", ()):
        yield from inputs(branch, where)


def all_inputs() -> Iterator[tuple[str, Json]]:
    for name, operation in OPERATIONS.items():
        if "requestBody" in operation:
            yield from inputs(body(operation), f"{name} body")
        for parameter in parameters(operation):
            if parameter["in"] == "query":
                yield from inputs(parameter["schema"], f"{name} query {parameter['name']}")


def is_kind(schema: Json, kind: str) -> bool:
    return kind in (schema["type"] if isinstance(schema.get("type"), list) else [schema.get("type")])


def takes(schema: Json, value: Json) -> bool:
    return jsonschema_rs.is_valid({"allOf": [schema], "components": contract()["components"]}, value)


def test_it_has_the_shape_of_openapi() -> None:
    jsonschema_rs.validate(shape(), contract())


def test_every_schema_is_one() -> None:
    schemas = [node for where, node in walk(contract()) if where.endswith("/schema")]
    assert [
        schema for schema in [*schemas, *SCHEMAS.values()] if not jsonschema_rs.meta.is_valid(schema)
    ] == []


def test_every_reference_points_at_something_and_every_component_is_used() -> None:
    pointers = {node["$ref"] for _, node in walk(contract()) if "$ref" in node}
    for pointer in pointers:
        at(contract(), pointer)
    components = contract()["components"]
    declared = {f"#/components/{kind}/{name}" for kind in components for name in components[kind]}
    assert declared - pointers == {"#/components/securitySchemes/bearerAuth"}


def test_it_has_every_operation_once_in_order_of_tag_and_path() -> None:
    assert len(contract()["paths"]) == 49
    assert len(OPERATIONS) == len(BY_ID) == 58
    names = [tag["name"] for tag in contract()["tags"]]
    order = [(operation["tags"][0], name.split()[1]) for name, operation in OPERATIONS.items()]
    assert order == sorted(order)
    assert {tag for tag, _ in order} == set(names)


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_path_and_its_parameters_agree(name: str) -> None:
    in_path = [parameter for parameter in parameters(OPERATIONS[name]) if parameter["in"] == "path"]
    assert {parameter["name"] for parameter in in_path} == set(re.findall(r"{(\w+)}", name))
    assert all(parameter["required"] for parameter in in_path)


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_answer_has_its_root_and_nothing_else(name: str) -> None:
    operation = OPERATIONS[name]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    if operation["x-dialect"] == "blueprint":
        schema, errors = schema["oneOf"]
        assert errors["items"] == {"$ref": "#/components/schemas/ApiError"}
    assert list(schema["properties"]) == schema["required"] == [operation["x-root"]]


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_says_how_it_refuses(name: str) -> None:
    operation = OPERATIONS[name]
    moderated = {"403"} if "prompt" in body(operation).get("properties", {}) else set()
    too_large = {"413"} if "requestBody" in operation else set()
    assert operation["responses"].keys() == {"200"} | CODES | moderated | too_large
    refusal = resolved(contract(), operation["responses"]["400"])["content"]["application/json"]["schema"]
    wanted = "BlueprintRefusal" if operation["x-dialect"] == "blueprint" else "Refusal"
    assert refusal == {"$ref": f"#/components/schemas/{wanted}"}


def test_the_blueprint_dialect_is_spoken_under_the_blueprint_tag() -> None:
    speakers = {name for name, operation in OPERATIONS.items() if operation["x-dialect"] == "blueprint"}
    assert speakers == {name for name, operation in OPERATIONS.items() if operation["tags"] == ["Blueprints"]}
    assert len(speakers) == 6


def test_every_grade_is_known_and_has_its_source() -> None:
    for where, node in walk(contract()):
        if "x-evidence" in node or ("x-source" in node):
            assert node.get("x-evidence") in GRADES, where
            assert node.get("x-source"), where
            assert all(known_source(source) for source in node["x-source"]), where


def test_every_operation_and_every_refusal_is_graded() -> None:
    assert all("x-evidence" in operation for operation in OPERATIONS.values())
    assert all("x-evidence" in response for response in contract()["components"]["responses"].values())


@pytest.mark.parametrize(("place", "field"), UNDOCUMENTED)
def test_what_the_official_document_does_not_name_is_graded(place: str, field: str) -> None:
    name, _, in_body = place.partition(" ")
    properties = (body(BY_ID[name]) if in_body else SCHEMAS[name])["properties"]
    assert properties[field]["x-evidence"] in {"documented", "observed", "inferred"}


def test_every_input_is_typed_and_closed() -> None:
    for where, schema in all_inputs():
        if is_kind(schema, "object"):
            assert schema.get("additionalProperties") is False, where
        if is_kind(schema, "integer"):
            assert schema.get("format") in {"int32", "int64"}, where
        assert "type" in schema or "oneOf" in schema, where
        branch = where.endswith(".value")
        assert "x-type" in schema or branch or is_kind(schema, "object"), where


def test_every_input_is_described() -> None:
    assert not [where for where, schema in all_inputs() if "." in where and not schema.get("description")]


def test_every_bound_on_an_input_names_its_rule_and_its_grade() -> None:
    for where, schema in all_inputs():
        listed = "enum" in schema and not is_kind(schema, "string")
        if (listed or not schema.keys().isdisjoint(BOUNDS)) and schema.get("format") != "uuid":
            assert "x-rule" in schema, where
        if "x-rule" in schema:
            assert "x-evidence" in schema, where
        assert all(keyword in schema for keyword in schema.get("x-assumed", ())), where


def test_every_rule_has_a_row_with_the_same_numbers() -> None:
    rows = tomllib.loads((CONTRACTS / "rules.toml").read_text())
    for where, schema in all_inputs():
        if "x-rule" not in schema:
            continue
        noun, field = schema["x-rule"].split(".")
        assert field in rows.get(noun, {}), f"{where}: rules.toml has no row {schema['x-rule']}"
        row = rows[noun][field]
        values = [value for value in schema.get("enum", ()) if value is not None]
        said = {
            "min": schema.get("minimum", schema.get("minLength")),
            "max": schema.get("maximum", schema.get("maxLength")),
            "multiple_of": schema.get("multipleOf"),
            "one_of": values or None,
            "default": schema.get("default"),
        }
        both = {key: (row[key], value) for key, value in said.items() if key in row and value is not None}
        unlike = {key: pair for key, pair in both.items() if pair[0] != pair[1]}
        assert not unlike, f"{where}: {schema['x-rule']} says otherwise: {unlike}"


def test_defaults_and_listed_values_are_valid_themselves() -> None:
    for where, node in walk(contract()):
        if "default" in node and ("type" in node or "$ref" in node):
            assert takes(node, node["default"]), where
        if isinstance(node.get("enum"), list):
            typed = {"type": node["type"]}
            assert all(takes(typed, value) for value in node["enum"]), where
            assert len({repr(value) for value in node["enum"]}) == len(node["enum"]), where
            assert (None in node["enum"]) == is_kind(node, "null"), where


def all_links() -> Iterator[tuple[str, Json, Json]]:
    for name, operation in OPERATIONS.items():
        answer = operation["responses"]["200"]
        for link, target in answer.get("links", {}).items():
            yield f"{name} {link}", answer["content"]["application/json"]["schema"], target


LINKS = {name: (schema, link) for name, schema, link in all_links()}

# Links that give a part of what is needed, and why no answer has the rest.
HALVES = {"GET /generations/{id} AddToDataset": ("datasetId", "an image knows of no dataset")}


def properties(schema: Json) -> dict[str, Json]:
    """The fields of an object, those of its branches and references included."""
    schema = resolved(contract(), schema)
    branches = [branch for key in ("oneOf", "anyOf", "allOf") for branch in schema.get(key, ())]
    below = {name: field for branch in branches for name, field in properties(branch).items()}
    return {**below, **schema.get("properties", {})}


def answered(schema: Json, pointer: str) -> Json:
    """The schema of what a pointer into an answer finds."""
    for step in pointer.split("/"):
        schema = resolved(contract(), schema)
        schema = schema["items"] if step.isdigit() else properties(schema)[step]
    return resolved(contract(), schema)


@pytest.mark.parametrize("name", LINKS)
def test_a_link_leads_from_an_answer_to_an_operation(name: str) -> None:
    schema, link = LINKS[name]
    target = BY_ID[link["operationId"]]
    needed = {parameter["name"] for parameter in parameters(target) if parameter["required"]}
    given = link.get("parameters", {})
    missing, _ = HALVES.get(name, ("", ""))
    assert needed - {missing} <= given.keys() <= {parameter["name"] for parameter in parameters(target)}

    sent = link.get("requestBody", {})
    fields = body(target).get("properties", {})
    assert set(body(target).get("required", ())) <= sent.keys() <= fields.keys() if sent else given

    for key, value in [*given.items(), *sent.items()]:
        if isinstance(value, str) and value.startswith("$request.path."):
            assert f"{{{value.removeprefix('$request.path.')}}}" in name, key
        elif isinstance(value, str) and value.startswith("$"):
            assert answered(schema, value.removeprefix("$response.body#/"))["type"], key
        else:
            assert takes(fields[key], value), key


def test_jobs_and_uploads_lead_to_what_they_make() -> None:
    makers = [name for name, op in OPERATIONS.items() if name.startswith("POST") and answers_an_id(op)]
    assert not [name for name in makers if not any(link.startswith(f"{name} ") for link in LINKS)]


def test_what_is_always_there_is_named_and_not_required_already() -> None:
    for where, schema in walk(contract()):
        if "x-always" in schema:
            always = schema["x-always"]
            assert set(always) <= schema["properties"].keys(), where
            assert len(set(always)) == len(always), where
            assert not set(always) & set(schema.get("required", ())), where


def answers_an_id(operation: Json) -> bool:
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    answer = properties(schema)[operation["x-root"]]
    return any(re.search(r"(^i|[a-z]I|akUUI)[dD]$", name) for name in properties(answer))


def test_it_serves_the_emulator_and_takes_a_key() -> None:
    assert [server["url"] for server in contract()["servers"]] == ["http://127.0.0.1:5360/api/rest/v1"]
    assert contract()["security"] == [{"bearerAuth": []}]
    assert contract()["components"]["securitySchemes"]["bearerAuth"]["scheme"] == "bearer"
