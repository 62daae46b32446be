"""What is promised, as the emulator goes by it."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from mockleo import contracts
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


def load() -> Contract:
    """Read the whole contract."""
    return Contract(
        operations=tuple(_operations(contracts.openapi())),
        rules=Rules(dict(_rows(contracts.rules()))),
        refusals=Refusals(msgspec.convert(contracts.errors(), dict[str, Refusal])),
        catalogue=_catalogue(),
    )


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


def _catalogue() -> Catalogue:
    def read(name: str, shape: Any) -> Any:
        return msgspec.convert(contracts.catalogue(name)[name], list[shape])

    return Catalogue(
        models=read("models", Model),
        elements=read("elements", Element),
        preprocessors=[entry.id for entry in read("preprocessors", _Preprocessor)],
        blueprints=read("blueprints", Blueprint),
    )


class _Preprocessor(msgspec.Struct):
    id: int
