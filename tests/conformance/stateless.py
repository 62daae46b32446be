"""A server as a mock tool makes it from the contract: each operation has one answer, valid and
always the same. It remembers nothing, so nothing that is ordered, deleted or spent leaves a trace.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import msgspec
from starlette.types import Receive, Scope, Send

from mockleo import contracts
from mockleo.conformance.door import Door
from mockleo.conformance.doors.in_process import InProcess

Json = Any

BASE = "http://127.0.0.1:5360/api/rest/v1"
KEY = "5ca1ab1e-0000-4000-8000-000000000000"
_PREFIX = "/api/rest/v1"

_BY_FORMAT = {
    "uuid": "7b1c2f7e-6c0e-4f0a-9d7c-0b1d3c5e7f90",
    "date-time": "2026-01-31T12:00:00.000Z",
    "uri": "https://cdn.leonardo.ai/a.png",
}
_MOMENT = "2026-01-31T12:00:00.000"


class Stateless:
    """The server as an ASGI application. Without a key it answers as the contract says."""

    def __init__(self) -> None:
        self._answers = list(answers(contracts.openapi()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        names = {name for name, _ in scope["headers"]}
        path = scope["path"].removeprefix(_PREFIX)
        found = next(
            (
                body
                for method, way, body in self._answers
                if method == scope["method"] and way.fullmatch(path)
            ),
            None,
        )
        if b"authorization" not in names:
            await _send(send, 401, _refusal("Authentication hook unauthorized this request", "access-denied"))
        elif found is None:
            await _send(send, 404, _refusal("Endpoint not found", "not-found"))
        else:
            await _send(send, 200, found)


def _refusal(error: str, code: str) -> Json:
    return {"error": error, "path": "$", "code": code}


async def _send(send: Send, status: int, body: Json) -> None:
    raw = msgspec.json.encode(body)
    headers = [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", b"%d" % len(raw)),
        (b"date", b"Sat, 31 Jan 2026 12:00:00 GMT"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": raw})


def answers(document: Mapping[str, Json]) -> Iterator[tuple[str, re.Pattern[str], Json]]:
    """Method, pattern of the path, and the one answer of each operation; plainer paths come first."""
    for path in sorted(document["paths"], key=lambda path: path.count("{")):
        way = re.compile(re.sub(r"\\?\{\w+\\?\}", "[^/]+", re.escape(path)))
        for method, operation in document["paths"][path].items():
            if isinstance(operation, dict) and "operationId" in operation:
                answer = _resolved(operation["responses"]["200"], document)
                yield method.upper(), way, example(answer["content"]["application/json"]["schema"], document)


def example(schema: Json, document: Mapping[str, Json]) -> Json:
    """One value that a schema allows: all fields, the first of each choice."""
    schema = _resolved(schema, document)
    for given in ("const", "default"):
        if given in schema:
            return schema[given]
    for given in ("examples", "enum"):
        if schema.get(given):
            return schema[given][0]
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            return example(schema[choice][0], document)
    if "allOf" in schema:
        return {name: value for part in schema["allOf"] for name, value in example(part, document).items()}
    kinds = schema.get("type", "object")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    if kind == "object":
        return {name: example(each, document) for name, each in schema.get("properties", {}).items()}
    if kind == "array":
        return [example(schema["items"], document)] if "items" in schema else []
    if kind == "string":
        return _text(schema)
    if kind in {"integer", "number"}:
        return max(schema.get("minimum", 1), 1)
    return {"boolean": True, "null": None}[kind]


def _text(schema: Json) -> str:
    if schema.get("pattern", "").startswith(r"^\d{4}-"):
        return _MOMENT
    return _BY_FORMAT.get(schema.get("format", ""), "text")


def _resolved(schema: Json, document: Mapping[str, Json]) -> Json:
    while "$ref" in schema:
        found: Json = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    return schema


class _Deaf(InProcess):
    """Neither its clock nor its accounts can be had."""

    abilities = frozenset({"spend", "delete"})


@cache
def _app() -> Stateless:
    return Stateless()


class TheStateless(msgspec.Struct, frozen=True, kw_only=True):
    """Opens doors to it."""

    name: str = "a server without a memory"
    divisible: bool = True

    def open(self, *, seed: int) -> Door:
        async def move(ms: int) -> None:
            """Nothing waits for time there."""

        @asynccontextmanager
        async def running() -> Any:
            yield

        return _Deaf(_app(), base_url=BASE, api_key=KEY, move=move, running=running)

    def fresh(self, *, seed: int, settings: Mapping[str, object]) -> Door:
        raise AssertionError("it has no accounts")
