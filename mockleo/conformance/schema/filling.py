"""Generated calls filled with what there is: chance alone does not hit on the id of a thing."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from schemathesis.generation.meta import TestPhase

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemathesis.generation.case import Case

    from mockleo.conformance.schema.walk import Stock

Json = Any


def filled(case: Case[Any], stock: Stock) -> Case[Any]:
    """Every other call that keeps the contract, with values of `stock` in their places.

    Which one it is hangs on the call itself, so the same call is filled in the same way again. Where
    a boundary is tried, or a link followed, the values are what it is about.
    """
    meta = case.meta
    if meta is None or meta.phase.name is not TestPhase.FUZZING or meta.generation.mode.is_negative:
        return case
    # What is not there is an object whose name is an address: no part of the call.
    body = case.body if isinstance(case.body, dict) else None
    draw = zlib.crc32(repr((dict(case.path_parameters or {}), body)).encode("utf-8", "replace"))
    if draw % 2:
        return case
    operation = case.operation.definition.raw["operationId"]
    for name, values in _for(operation, stock):
        value = values[draw // 2 % len(values)]
        if name in (case.path_parameters or {}):
            case.path_parameters[name] = value
        elif isinstance(case.body, dict) and name in case.body:
            case.body[name] = value
    return case


def _for(operation: str, stock: Stock) -> Iterator[tuple[str, Sequence[Json]]]:
    for (name, variable), values in stock.items():
        if name == operation:
            yield variable, values
