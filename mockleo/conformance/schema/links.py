"""The links of the contract: what an answer gives for the next call."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import msgspec

from mockleo.conformance.door import Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Json = Any

_METHODS = ("get", "post", "put", "patch", "delete")
_BODY = "$response.body#"
_PATH = "$request.path."


class Missing(LookupError):
    """The answer has not what a link takes from it: not yet, or not at all."""


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """From an answer of `source` to a call of `target`; values are expressions, or stand as they are."""

    name: str
    source: str
    target: str
    parameters: Mapping[str, Json]
    body: Mapping[str, Json]

    def taken(self, values: Mapping[str, str], answer: Json) -> tuple[dict[str, Json], dict[str, Json]]:
        """Parameters and body for the target. `values` are those of the first call's path. Raises
        `Missing`.
        """
        parameters = {name: _taken(said, values, answer) for name, said in self.parameters.items()}
        return parameters, {name: _taken(said, values, answer) for name, said in self.body.items()}

    @property
    def found(self) -> Iterator[str]:
        """The names of what comes out of the answer, and is not the contract's own example."""
        for name, said in {**self.parameters, **self.body}.items():
            if isinstance(said, str) and said.startswith("$"):
                yield name


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """An operation as something to be called.

    `dialect` is that of the backend that answers; `needed` is the least that its body must have,
    `fields` all that it may.
    """

    id: str
    method: str
    path: str
    root: str
    dialect: str
    placed: Mapping[str, str]  # name of a parameter -> "path" or "query"
    needed: Mapping[str, Json]
    fields: frozenset[str]
    links: tuple[Link, ...]

    def request(
        self, base_url: str, api_key: str, parameters: Mapping[str, Json], body: Mapping[str, Json]
    ) -> Request:
        """The call with these values."""
        path = self.path
        query = {}
        for name, value in parameters.items():
            if self.placed.get(name) == "path":
                path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
            else:
                query[name] = value
        headers = [("authorization", f"Bearer {api_key}"), ("accept", "application/json")]
        sent = b""
        if body:
            headers.append(("content-type", "application/json"))
            sent = json.dumps(body).encode()
        return Request(
            method=self.method,
            url=f"{base_url}{path}{'?' if query else ''}{urlencode(query)}",
            headers=tuple(headers),
            body=sent,
            operation=self.id,
        )


def targets(openapi: Mapping[str, Json]) -> dict[str, Target]:
    """All operations by operationId."""
    found = {}
    for path, item in openapi["paths"].items():
        for method in _METHODS:
            if method in item:
                target = _target(path, method, item[method], openapi)
                found[target.id] = target
    return found


def upstream(found: Mapping[str, Target], wanted: Iterable[str]) -> frozenset[str]:
    """The operations `wanted`, and those whose answers they need to be called as they are meant."""
    known = set(wanted)
    while True:
        more = {
            link.source
            for source in found.values()
            for link in source.links
            if link.target in known and _helps(link, found)
        }
        if more <= known:
            return frozenset(known)
        known |= more


def _helps(link: Link, found: Mapping[str, Target]) -> bool:
    """Whether a link gives what its target cannot be without, or gives it for little."""
    source, target = found[link.source], found[link.target]
    needed = {name for name, place in target.placed.items() if place == "path"} | target.needed.keys()
    given = set(link.found)
    is_needed = bool(given & needed) or not target.needed
    return bool(given) and (is_needed or "path" not in source.placed.values())


def _target(path: str, method: str, described: Json, openapi: Mapping[str, Json]) -> Target:
    name = described["operationId"]
    parameters = [_at(each, openapi) for each in described.get("parameters", ())]
    body = described.get("requestBody", {})
    schema = _at(body.get("content", {}).get("application/json", {}).get("schema", {}), openapi)
    fields = schema.get("properties", {})
    return Target(
        id=name,
        method=method.upper(),
        path=path,
        root=described["x-root"],
        dialect=described["x-dialect"],
        placed={each["name"]: each["in"] for each in parameters},
        needed={field: _least(fields[field], openapi) for field in schema.get("required", ())},
        fields=frozenset(fields),
        links=tuple(
            Link(
                name=link_name,
                source=name,
                target=link["operationId"],
                parameters=link.get("parameters", {}),
                body=link.get("requestBody", {}),
            )
            for link_name, link in described["responses"]["200"].get("links", {}).items()
        ),
    )


def _at(node: Json, openapi: Mapping[str, Json]) -> Json:
    if "$ref" not in node:
        return node
    found: Json = openapi
    for step in node["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return _at(found, openapi)


def _least(schema: Json, openapi: Mapping[str, Json]) -> Json:
    """The simplest value that keeps a schema: what it names itself, where it names something."""
    schema = _at(schema, openapi)
    for key in ("default", "const"):
        if schema.get(key) is not None:
            return schema[key]
    for key in ("examples", "enum"):
        if named := [value for value in schema.get(key, ()) if value is not None]:
            return named[0]
    for key in ("oneOf", "anyOf"):
        if key in schema:
            return _least(schema[key][0], openapi)
    said = schema.get("type", "string")
    kinds = [said] if isinstance(said, str) else said
    match next(kind for kind in kinds if kind != "null"):
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return False
        case "array":
            return []
        case "object":
            fields = schema.get("properties", {})
            return {name: _least(fields[name], openapi) for name in schema.get("required", ())}
    if schema.get("format") == "uuid":
        return "00000000-0000-4000-8000-000000000000"
    return "a" * max(1, schema.get("minLength", 1))


def _taken(said: Json, values: Mapping[str, str], answer: Json) -> Json:
    if isinstance(said, dict):
        return {name: _taken(each, values, answer) for name, each in said.items()}
    if not isinstance(said, str) or not said.startswith("$"):
        return said
    if said.startswith(_PATH):
        return values[said.removeprefix(_PATH)]
    assert said.startswith(_BODY), f"the contract has no other expressions than these: {said}"
    found = answer
    for step in said.removeprefix(f"{_BODY}/").split("/"):
        try:
            found = found[int(step) if isinstance(found, list) else step]
        except (LookupError, TypeError, ValueError):
            raise Missing(said) from None
    if found is None:
        raise Missing(said)
    return found
