"""The contract against the official documents, field by field.

Both documents are laid out flat: one line for each operation, parameter and field, with its
type, required, nullable, default, format and so on. Every line that is not the same on both
sides must be in DIFFERENCES with a reason, and every entry there must still be true.
"""

import json
import re
from collections.abc import Iterator, Mapping

import jsonschema_rs
import pytest

from tests.contracts.documents import Json, contract, operations, reference, resolved

KEYWORDS = ("default", "format", "pattern", "minimum", "maximum", "multipleOf", "minLength", "maxLength")

V4 = r'"[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89aAbB][a-f0-9]{3}-[a-f0-9]{12}"'
ANY = r'"^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"'

# Lines that differ, and why. `*` stands for anything without a dot, `**` for anything.
DIFFERENCES: Mapping[str, str] = {
    # ids
    f"**id: pattern {V4} -> {ANY}": "newer rows have ids of version 6",
    f"**Id: pattern {V4} -> {ANY}": "newer rows have ids of version 6",
    f"**akUUID: pattern {V4} -> {ANY}": "newer rows have ids of version 6",
    f"**id: pattern none -> {ANY}": "the id of a row, though only called text",
    f"**Id: pattern none -> {ANY}": "the id of a row, though only called text",
    f"**Id[]: pattern none -> {ANY}": "the id of a row, though only called text",
    f"**akUUID: pattern none -> {ANY}": "the id of a row, though only called text",
    '**id: format none -> "uuid"': "says the same as the pattern",
    '**Id: format none -> "uuid"': "says the same as the pattern",
    '**Id[]: format none -> "uuid"': "says the same as the pattern",
    '**akUUID: format none -> "uuid"': "says the same as the pattern",
    "GET /blueprint-executions/{id}* path id: nullable yes -> none": "a path always has its segments",
    # numbers
    '**: format none -> "int32"': "the range of an Int in the texts of errors",
    '**.seed: format none -> "int64"': "a bigint",
    '**.collectionIds[]: format none -> "int64"': "a bigint",
    '**.generation_elements[].id: format none -> "int64"': "a bigint",
    "**.seed: minimum none -> 0": "negative seeds are refused: assumed",
    "**.seed: maximum none -> 9999999998": "told by model family, here the widest",
    "POST /generations-*-to-video body.seed: maximum none -> 4294967293": "told by model, here the widest",
    "POST /generations-*-to-video body.width: m**": "no range is published: assumed",
    "POST /generations-*-to-video body.height: m**": "no range is published: assumed",
    "POST /generations-*-to-video body.prompt: minLength none -> 1": "a prompt is asked for: inferred",
    "POST /generations-image-to-video body.duration: enum none -> **": "told by model, here all",
    "POST /generations-text-to-video body.duration: enum [4, 6, 8] -> **": "Kling's are added",
    "POST /generations-motion-svd body.motionStrength: m**": "1 to 10, from the guide",
    "POST /elements body.learning_rate: m**": "told by base and focus, here the widest",
    "POST /elements body.num_train_epochs: m**": "told by base and focus, here the widest",
    "POST /generations body.prompt: m**": "1 to 1500, from the error page",
    "POST /prompt/improve body.prompt: m**": "at most 200, from the error page; at least 1, assumed",
    "POST /pricing-calculator body.serviceParams.UNIVERSAL_UPSCALER.megapixel: minimum none -> 1": "assumed",
    "* query limit: minimum none -> 0": "negative pages are refused: assumed",
    "* query offset: minimum none -> 0": "negative pages are refused: assumed",
    "GET /generations-texture/model/{modelId} body.*: minimum none -> 0": "as in the query",
    # texts
    "POST /*lcm* body.*DataUrl: pattern none -> **": "the service asks for a data URL, in words",
    "POST /media body.extension: **": "the newer guide adds sound",
    'POST /models-3d/upload body.modelExtension: enum none -> ["obj"]': "from the guide",
    "POST /generations body.prompt: default **": "a sentence of the vendor's, and moot: a prompt is required",
    "POST /prompt/* 200.promptGeneration.prompt: default **": "a sentence of the vendor's, and moot",
    # what is required, what is closed
    "* 200.*: required no -> yes": "a query always answers with the field it names, if only with null",
    "POST /generations body.controlnets[].*: required no -> yes": "neither nullable nor defaulted",
    "POST /pricing-calculator body.serviceParams.*.*: required no -> yes": "neither nullable nor defaulted",
    "POST /blueprint-executions 400.error: required no -> yes": "there is nothing else in it",
    "POST ** body: required no -> yes": "what it needs cannot be said without one",
    "* body**: closed none -> true": "the service refuses keys it does not know",
    "GET /blueprint-executions/{id} 200.blueprintExecution.inputs[]**: closed none -> true": "repeats a body",
    # seen, though the official document is silent
    "POST /generations body.styleUUID: added": "in the guides, and sent by clients",
    "POST /generations body.contextImages: added": "in the guide to Kontext",
    "POST /generations body.controlnets[].influence: added": "in the guides to references",
    "POST /media body.originalFilename: added": "in the newer guide",
    "POST /media body.teamId: added": "in the newer guide",
    "POST /canvas-init-image 200.uploadCanvasInitImage.masks*: added": "the second spelling, from the recipe",
    "GET /generations** 200.generations**.prompt_moderations: added": "in real answers",
    "GET /generations/** 200.generations*.fantasyAvatar: added": "in real answers, beside the images",
    "GET /generations/** 200.generations*.imageToVideo: added": "in real answers, beside the images",
    "GET /generations/** 200.generations*.motion: added": "in real answers, beside the images",
    "GET /generations/** 200.generations*.motionModel: added": "in real answers, beside the images",
    "GET /generations/** 200.generations*.motionStrength: added": "in real answers, beside the images",
    # moments
    "GET /** 200.**: pattern none -> **T**": "as recorded answers write them",
    "GET /blueprint-executions/{id} 200.**createdAt: format none -> **": "as this backend's other moments",
    # refusals
    "* 400: added": "the official document has successes only",
    "* 401: added": "the official document has successes only",
    "* 403: added": "the official document has successes only",
    "* 413: added": "the official document has successes only",
    "* 429: added": "the official document has successes only",
    "* 500: added": "the official document has successes only",
    "GET /blueprint-executions/{id}/generations 200<array>: added": "as the other blueprint operations do",
}

Facts = Mapping[str, str]
Lines = Iterator[tuple[str, Facts]]


def text(value: Json) -> str:
    return json.dumps(value)


def fields(document: Json, schema: Json, where: str, *, required: bool | None = None) -> Lines:
    """One entry for the schema at `where`, and one for each field below it."""
    schema, nullable = without_null(document, schema)
    if "oneOf" in schema:
        for branch in schema["oneOf"]:
            plain = resolved(document, branch)
            named = where if plain["type"] == "object" else f"{where}<{plain['type']}>"
            yield from fields(document, plain, named, required=required)
        return
    facts = facts_of(schema)
    if nullable:
        facts["nullable"] = "yes"
    if required is not None:
        facts["required"] = "yes" if required else "no"
    yield where, facts
    for name, field in schema.get("properties", {}).items():
        yield from fields(document, field, f"{where}.{name}", required=name in schema.get("required", ()))
    if "items" in schema:
        yield from fields(document, schema["items"], f"{where}[]")


def facts_of(schema: Json) -> dict[str, str]:
    """What the schema itself says. The reference keeps numbers told in prose under `x-stated`."""
    stated = schema.get("x-stated", {})
    facts = {key: text(schema.get(key, stated.get(key) if key != "default" else None)) for key in KEYWORDS}
    values = schema.get("enum", stated.get("enum", ()))
    facts["enum"] = text(sorted((value for value in values if value is not None), key=str))
    facts["type"] = text(schema.get("type"))
    facts["deprecated"] = text(schema.get("deprecated", False))
    facts["closed"] = text(schema.get("additionalProperties") is False)
    return {key: value for key, value in facts.items() if value not in ("null", "[]", "false")}


def without_null(document: Json, schema: Json) -> tuple[Json, bool]:
    """The schema with references, `allOf` and null worked in, and whether null is allowed.

    OpenAPI 3.0 says `nullable: true`; 3.1 says `type: [..., "null"]` or has a branch for null.
    """
    schema = resolved(document, schema)
    nullable = schema.get("nullable", False)
    if "anyOf" in schema:
        (branch,) = [branch for branch in schema["anyOf"] if branch != {"type": "null"}]
        return without_null(document, branch)[0], True
    if "allOf" in schema:
        parts = [without_null(document, part)[0] for part in schema["allOf"]]
        merged = {key: value for part in parts for key, value in part.items()}
        below = {name: field for part in parts for name, field in part.get("properties", {}).items()}
        return {**merged, **({"properties": below} if below else {})}, nullable
    if isinstance(schema.get("type"), list):
        (kind,) = [kind for kind in schema["type"] if kind != "null"]
        return {**schema, "type": kind}, True
    return schema, nullable


def surface(document: Json) -> dict[str, Facts]:
    """Every operation, parameter and field of the document, by a name both documents share."""
    lines: dict[str, Facts] = {}
    for name, operation in operations(document):
        lines[name] = {"operationId": operation["operationId"], "tags": text(operation["tags"])}
        for parameter in operation.get("parameters", ()):
            plain = resolved(document, parameter)
            where = f"{name} {plain['in']} {plain['name']}"
            lines.update(fields(document, plain["schema"], where, required=plain["required"]))
        if "requestBody" in operation:
            body = operation["requestBody"]
            schema = body["content"]["application/json"]["schema"]
            lines.update(fields(document, schema, f"{name} body", required=body["required"]))
        for status, response in operation["responses"].items():
            (content,) = resolved(document, response)["content"].values()
            lines.update(fields(document, content["schema"], f"{name} {status}"))
    return lines


def differences(theirs: Mapping[str, Facts], ours: Mapping[str, Facts]) -> Iterator[str]:
    """What is on one side only is told once, without all that lies below it."""
    lone = "#"
    for where in sorted(theirs.keys() | ours.keys()):
        if where.startswith((f"{lone}.", f"{lone}[", f"{lone}<", f"{lone} ")):
            continue
        if where not in ours or where not in theirs:
            lone = where
            yield f"{where}: {'added' if where in ours else 'left out'}"
        else:
            for fact in sorted(theirs[where].keys() | ours[where].keys()):
                before, after = theirs[where].get(fact, "none"), ours[where].get(fact, "none")
                if before != after:
                    yield f"{where}: {fact} {before} -> {after}"


def covers(pattern: str, difference: str) -> bool:
    wild = {"*": "[^.]*", "**": ".*"}
    parts = (wild.get(part) or re.escape(part) for part in re.split(r"(\*+)", pattern))
    return re.fullmatch("".join(parts), difference) is not None


# Answers of the real service, and the fields in which one is known to break its own document.
RECORDED: Mapping[tuple[str, str], frozenset[str]] = {
    ("POST /generations", "generations.POST.200.2023.json"): frozenset(),
    ("GET /generations/{id}", "generations.id.GET.200.complete.2023.json"): frozenset(),
    ("GET /platformModels", "platformModels.GET.200.json"): frozenset(),
    ("GET /elements", "elements.GET.200.json"): frozenset({"weightDefault"}),
    ("POST /prompt/improve", "prompt.improve.POST.200.docs.json"): frozenset(),
    ("POST /prompt/random", "prompt.random.POST.200.docs.json"): frozenset(),
}


@pytest.fixture(scope="module")
def found() -> list[str]:
    theirs = json.loads(reference("leonardo-v1.openapi.json").read_text())
    return list(differences(surface(theirs), surface(contract())))


def test_every_difference_is_listed(found: list[str]) -> None:
    unlisted = [line for line in found if not any(covers(pattern, line) for pattern in DIFFERENCES)]
    assert not unlisted, "\n".join(["not in DIFFERENCES:", *unlisted])


def test_every_listed_difference_is_there(found: list[str]) -> None:
    gone = [pattern for pattern in DIFFERENCES if not any(covers(pattern, line) for line in found)]
    assert not gone, "\n".join(["no longer true:", *gone])


@pytest.mark.parametrize(("name", "file"), RECORDED)
def test_a_recorded_answer_keeps_the_contract(name: str, file: str) -> None:
    answer = json.loads(reference(f"recordings/{file}").read_text())
    schema = dict(operations(contract()))[name]["responses"]["200"]["content"]["application/json"]["schema"]
    whole = {"allOf": [schema], "components": contract()["components"]}
    broken = {str(error.instance_path[-1]) for error in jsonschema_rs.iter_errors(whole, answer)}
    assert broken == RECORDED[name, file]


def test_a_recorded_refusal_keeps_the_contract() -> None:
    refusals = [json.loads(path.read_text()) for path in reference("recordings/errors").glob("*.json")]
    whole = {"$ref": "#/components/schemas/Refusal", "components": contract()["components"]}
    assert len(refusals) == 21
    assert [one for one in refusals if not jsonschema_rs.is_valid(whole, one.get("body", one))] == []
