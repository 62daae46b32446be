"""What is promised, read from `contracts/`.

The files lie at the top of the repository, and inside the package once it is installed.
"""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from mockleo.core.catalogue import Blueprint, Catalogue, Element, Model
from mockleo.core.rules import Rule, Rules
from mockleo.wire.errors import Refusal, Refusals
from mockleo.wire.variables import Variables

_METHODS = ("get", "post", "put", "patch", "delete")


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One operation of the contract.

    `root` is the key around its answer; `dialect` says which backend answers: "hasura" or
    "blueprint", whose refusals differ.
    """

    id: str
    method: str
    path: str
    root: str
    dialect: str
    variables: Variables


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the emulator goes by."""

    operations: tuple[Operation, ...]
    rules: Rules
    refusals: Refusals
    catalogue: Catalogue


def folder() -> Path:
    """Where the contract's files are."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "data" / "contracts"
    return installed if installed.is_dir() else package.parent / "contracts"


def load() -> Contract:
    """Read the whole contract."""
    files = folder()
    return Contract(
        operations=tuple(_operations(document(files))),
        rules=Rules(dict(_rows(tomllib.loads((files / "rules.toml").read_text("utf-8"))))),
        refusals=Refusals(
            msgspec.convert(tomllib.loads((files / "errors.toml").read_text("utf-8")), dict[str, Refusal])
        ),
        catalogue=_catalogue(files / "catalogue"),
    )


def document(files: Path) -> dict[str, Any]:
    """The OpenAPI document as it is."""
    decoded: dict[str, Any] = msgspec.json.decode((files / "leonardo-v1.openapi.json").read_bytes())
    return decoded


def _operations(openapi: Mapping[str, Any]) -> Iterator[Operation]:
    for path, item in openapi["paths"].items():
        for method in _METHODS:
            if method in item:
                described = item[method]
                yield Operation(
                    id=described["operationId"],
                    method=method.upper(),
                    path=path,
                    root=described["x-root"],
                    dialect=described["x-dialect"],
                    variables=Variables.of(described, openapi),
                )


def _rows(tables: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Rule]]:
    """Every table that has evidence is a row; its dotted path is its name."""
    for key, table in tables.items():
        name = f"{prefix}{key}"
        if "evidence" in table:
            yield name, msgspec.convert(table, Rule)
        else:
            yield from _rows(table, f"{name}.")


class _Models(msgspec.Struct):
    models: list[Model]


class _Elements(msgspec.Struct):
    elements: list[Element]


class _Preprocessor(msgspec.Struct):
    id: int


class _Preprocessors(msgspec.Struct):
    preprocessors: list[_Preprocessor]


class _Blueprints(msgspec.Struct):
    blueprints: list[Blueprint]


def _catalogue(files: Path) -> Catalogue:
    def read(name: str, shape: type[Any]) -> Any:
        return msgspec.json.decode((files / f"{name}.json").read_bytes(), type=shape)

    return Catalogue(
        models=read("models", _Models).models,
        elements=read("elements", _Elements).elements,
        preprocessors=[entry.id for entry in read("preprocessors", _Preprocessors).preprocessors],
        blueprints=read("blueprints", _Blueprints).blueprints,
    )
