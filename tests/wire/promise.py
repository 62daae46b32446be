"""What an answer must be: what the contract promises for its operation and status, and no field more.

`x-also-seen` lists values that only the profile wire-true may answer with.

`Leo` holds every answer that it gets against this, so every test here is one of the contract too.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import httpx
import jsonschema_rs

from mockleo import contracts

Json = Any

OPENAPI = contracts.openapi()
METHODS = ("get", "post", "put", "patch", "delete")


def operations() -> Iterator[tuple[str, str, Json]]:
    """Method, path and description of every operation."""
    for path, item in OPENAPI["paths"].items():
        for method in METHODS:
            if method in item:
                yield method.upper(), path, item[method]


OPERATIONS: Mapping[str, tuple[str, str, Json]] = {
    described["operationId"]: (method, path, described) for method, path, described in operations()
}


def broken(operation_id: str, answer: httpx.Response, *, wild: bool = False) -> Iterator[str]:
    """Everything about `answer` that the contract does not promise; `wild` is for wire-true."""
    status = str(answer.status_code)
    validator = validator_of(operation_id, status, wild=wild)
    if validator is None:
        yield f"{operation_id} does not list {status}: {answer.text}"
        return
    is_page = answer.headers["content-type"].startswith("text/html")
    for error in validator.iter_errors(answer.text if is_page else answer.json()):
        yield f"{operation_id} {status} {error.instance_path}: {error.message}"


@cache
def validator_of(
    operation_id: str, status: str, *, wild: bool = False
) -> jsonschema_rs.Draft202012Validator | None:
    """A validator of the answers with `status`; None when the contract lists no such status."""
    responses = OPERATIONS[operation_id][2]["responses"]
    if status not in responses:
        return None
    response = responses[status]
    if "$ref" in response:
        response = OPENAPI["components"]["responses"][response["$ref"].rpartition("/")[2]]
    (content,) = response["content"].values()
    schema = content["schema"]
    whole = {**closed(schema, wild=wild), "components": {"schemas": _schemas(wild=wild)}}
    return jsonschema_rs.Draft202012Validator(whole)


@cache
def _schemas(*, wild: bool) -> Json:
    """The contract's schemas, those of objects closed, unless another one adds to them."""
    schemas = OPENAPI["components"]["schemas"]
    added_to = {
        part["$ref"].rpartition("/")[2]
        for schema in schemas.values()
        for part in schema.get("allOf", ())
        if "$ref" in part
    }
    return {
        name: schema if name in added_to else closed(schema, wild=wild) for name, schema in schemas.items()
    }


def closed(schema: Json, *, wild: bool) -> Json:
    """The same schema, refusing fields that it does not name; with the values seen when `wild`."""
    if isinstance(schema, list):
        return [closed(each, wild=wild) for each in schema]
    if not isinstance(schema, dict):
        return schema
    # What is inside `allOf` knows a part of the fields only: the whole is closed, not they.
    inner = {key: value if key == "allOf" else closed(value, wild=wild) for key, value in schema.items()}
    if ("properties" in schema or "allOf" in schema) and schema.get("type", "object") == "object":
        inner["unevaluatedProperties"] = False
    if "x-always" in schema:
        inner["required"] = [*schema.get("required", ()), *schema["x-always"]]
    if wild and isinstance(schema.get("x-also-seen"), list):
        return {"anyOf": [inner, {"enum": schema["x-also-seen"]}]}
    return inner
