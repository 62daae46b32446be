"""The schemas of answers, made as tight as the contract allows to judge by.

unknown fields    refused, wherever the contract names fields at all
x-always          fields that are there whenever their object is: required
x-also-seen       values met in the wild: taken
unions            of types are told apart first, so that what is wrong is told from the inside
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Json = Any

COMPONENTS = "#/components/schemas/"


def tight(openapi: Mapping[str, Json]) -> dict[str, Json]:
    """All schemas of the document, by name, tightened."""
    schemas = openapi["components"]["schemas"]
    return {name: tightened(schema, schemas) for name, schema in schemas.items()}


def tightened(schema: Json, schemas: Mapping[str, Json]) -> Json:
    """One schema, tightened; references in it are to be looked up among the tight ones."""
    if not isinstance(schema, dict):
        return schema
    whole = _added_up(schema, schemas)
    made = {key: _below(key, value, schemas) for key, value in whole.items() if key != "x-also-seen"}
    if always := whole.get("x-always"):
        made["required"] = sorted({*whole.get("required", ()), *always})
    if "properties" in whole and "object" in _types(whole.get("type", "object")):
        made["additionalProperties"] = False
    if "anyOf" in made or "oneOf" in made:
        made = _told_apart(made)
    if isinstance(schema.get("x-also-seen"), list):
        return {"if": {"enum": schema["x-also-seen"]}, "then": True, "else": made}
    return made


def _added_up(schema: Json, schemas: Mapping[str, Json]) -> Json:
    """The schema with the parts of its `allOf` made one: no part knows the fields of the others."""
    if "allOf" not in schema:
        return schema
    made = {**{key: value for key, value in schema.items() if key != "allOf"}, "type": "object"}
    for part in schema["allOf"]:
        known = schemas[part["$ref"].removeprefix(COMPONENTS)] if "$ref" in part else part
        inner = _added_up(known, schemas)
        made["properties"] = {**made.get("properties", {}), **inner.get("properties", {})}
        for names in ("required", "x-always"):
            if names in inner:
                made[names] = [*made.get(names, ()), *inner[names]]
    return made


def _below(key: str, value: Json, schemas: Mapping[str, Json]) -> Json:
    """What stands under a keyword, tightened where it is a schema, or are schemas."""
    match key:
        case "properties":
            return {name: tightened(field, schemas) for name, field in value.items()}
        case "items":
            return tightened(value, schemas)
        case "anyOf" | "oneOf":
            return [tightened(each, schemas) for each in value]
        case _:
            return value


def _told_apart(schema: Json) -> Json:
    """The same union; where one branch is told by its type alone, as an `if`."""
    for key in ("anyOf", "oneOf"):
        branches = schema.get(key)
        if branches is None or len(branches) != 2:
            continue
        for nth, one in enumerate(branches):
            kinds = _types(one.get("type"))
            if kinds in ({"null"}, {"array"}):
                others = {name: value for name, value in schema.items() if name != key}
                (kind,) = kinds
                return {**others, "if": {"type": kind}, "then": one, "else": branches[1 - nth]}
    return schema


def _types(said: Json) -> set[str]:
    return set(said) if isinstance(said, list) else {said}


def grades(schema: Json, schemas: Mapping[str, Json], steps: Iterator[str | int]) -> Json:
    """The innermost part on the way along `steps` that says how sure it is; None where none does.

    `steps` is the way of a validation error, from the schema it was made with.
    """
    found = None
    node = schema
    for step in steps:
        if step == "components":
            node = {"components": {"schemas": schemas}}
        if isinstance(node, dict) and "x-evidence" in node:
            found = node
        if isinstance(node, dict) and step in node:
            node = node[step]
            if step == "$ref":
                node = schemas[node.removeprefix(COMPONENTS)]
        elif isinstance(node, list) and isinstance(step, int) and step < len(node):
            node = node[step]
        else:
            break
    if isinstance(node, dict) and "x-evidence" in node:
        found = node
    return found
