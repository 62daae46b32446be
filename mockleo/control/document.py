"""The operator's API as an OpenAPI document, made of the menu."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from mockleo import __version__
from mockleo.control.operation import Nothing, Operation
from mockleo.control.refusals import Refusal

if TYPE_CHECKING:
    from mockleo.control.operation import Ask

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_REF = "#/components/schemas/{name}"


def show(ask: Ask[Nothing]) -> dict[str, Any]:
    return document(ask.menu, with_token=ask.app.settings.control_token is not None)


def document(menu: tuple[Operation, ...], *, with_token: bool) -> dict[str, Any]:
    """All operations of `menu`, by path and method."""
    bodies = [operation.takes for operation in menu if _has_body(operation)]
    wanted = [*bodies, *(operation.answer for operation in menu), Refusal]
    schemas, named = msgspec.json.schema_components(wanted, ref_template=_REF)
    in_bodies = iter(schemas[: len(bodies)])
    answers = schemas[len(bodies) : -1]
    refusal = schemas[-1]
    paths: dict[str, dict[str, Any]] = {}
    for operation, answer in zip(menu, answers, strict=True):
        body = next(in_bodies) if _has_body(operation) else None
        described = _describe(operation, body, answer, refusal)
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    components: dict[str, Any] = {"schemas": named}
    if with_token:
        components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "mockleo: the operator's API",
            "version": __version__,
            "description": "Moves the clock, breaks things, and tells what has happened.",
        },
        "servers": [{"url": "/_mockleo"}],
        "security": [{"token": []}] if with_token else [],
        "paths": paths,
        "components": components,
    }


def _has_body(operation: Operation) -> bool:
    return operation.method != "GET" and operation.takes is not Nothing


def _describe(operation: Operation, body: Any, answer: Any, refusal: Any) -> dict[str, Any]:
    content_type = "application/x-ndjson" if operation.is_stream else "application/json"
    described: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [operation.id.partition(".")[0]],
        "summary": operation.summary,
        "parameters": [*_in_path(operation), *_in_query(operation)],
        "responses": {
            str(operation.status): {
                "description": "Done",
                "content": {content_type: {"schema": answer}},
            },
            "default": {
                "description": "Refused: what was wrong, and with which field",
                "content": {"application/json": {"schema": refusal}},
            },
        },
    }
    if body is not None:
        required = operation.raw or bool(_shape(operation.takes).get("required"))
        described["requestBody"] = {
            "required": required,
            "content": {"application/json": {"schema": body}},
        }
    if operation.for_anybody:
        described["security"] = []
    return described


def _in_path(operation: Operation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PLACEHOLDER.findall(operation.path)
    ]


def _in_query(operation: Operation) -> list[dict[str, Any]]:
    if operation.method != "GET" or operation.takes is Nothing:
        return []
    shape = _shape(operation.takes)
    required = shape.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in required, "schema": schema}
        for name, schema in shape["properties"].items()
    ]


def _shape(kind: type[Any]) -> dict[str, Any]:
    """The schema of one struct's own fields."""
    _, named = msgspec.json.schema_components([kind])
    shape: dict[str, Any] = named[kind.__name__]
    return shape


OPERATIONS = (
    Operation(
        method="GET",
        path="/openapi.json",
        summary="All of this as an OpenAPI document",
        handle=show,
        answer=dict[str, Any],
    ),
)
