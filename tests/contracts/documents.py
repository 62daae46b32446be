"""The documents these tests read: the project's contract, and the reference where there is one."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

Json = Any

ROOT = Path(__file__).parents[2]
CONTRACTS = ROOT / "contracts"
SHARED = ROOT.parent / "shared"
REFERENCE = SHARED / "reference"

GRADES = frozenset({"documented", "observed", "inferred", "assumed"})
METHODS = ("get", "post", "put", "patch", "delete")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@cache
def contract() -> Json:
    return json.loads((CONTRACTS / "leonardo-v1.openapi.json").read_text())


@cache
def catalogue(noun: str) -> Json:
    return json.loads((CONTRACTS / "catalogue" / f"{noun}.json").read_text())


def reference(name: str) -> Path:
    """The path of a reference file; the test is skipped where the project stands alone."""
    path = REFERENCE / name
    if not path.exists():
        if os.environ.get("CI") == "true" and SHARED.exists():
            pytest.fail(f"{path} is gone, though {SHARED} is here")
        pytest.skip(f"optional: there is no reference to compare with: {path}")
    return path


def operations(document: Json) -> Iterator[tuple[str, Json]]:
    """Give ("GET /me", operation) for each operation."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


def at(document: Json, pointer: str) -> Json:
    """What a local `$ref` points at; a KeyError where it points at nothing."""
    found = document
    for step in pointer.removeprefix("#/").split("/"):
        found = found[step.replace("~1", "/").replace("~0", "~")]
    return found


def resolved(document: Json, schema: Json) -> Json:
    """The schema with its own `$ref`, if it has one, merged in below its other keywords."""
    if "$ref" not in schema:
        return schema
    beside = {key: value for key, value in schema.items() if key != "$ref"}
    return {**resolved(document, at(document, schema["$ref"])), **beside}


def walk(node: Json, where: str = "#") -> Iterator[tuple[str, Mapping[str, Json]]]:
    """Every object of the document and its JSON pointer, the outer before the inner."""
    if isinstance(node, dict):
        yield where, node
        for key, value in node.items():
            yield from walk(value, f"{where}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(node, list):
        for nth, value in enumerate(node):
            yield from walk(value, f"{where}/{nth}")


def known_source(source: str) -> bool:
    """Is it named in the contract's `x-sources`? Catalogue numbers are named as a kind."""
    return source in contract()["x-sources"] or re.fullmatch(r"src \d+", source) is not None
