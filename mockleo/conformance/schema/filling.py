"""Generated calls filled with what there is: chance alone does not hit on the id of a thing."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from schemathesis.generation.meta import TestPhase

if TYPE_CHECKING:
    from schemathesis.generation.case import Case

    from mockleo.conformance.schema.walk import Stock

Json = Any


class Filling:
    """Knows what there is for each operation: variable -> values."""

    def __init__(self, stock: Stock) -> None:
        self._for: dict[str, dict[str, list[Json]]] = {}
        for (operation, variable), values in stock.items():
            self._for.setdefault(operation, {})[variable] = values

    def filled(self, case: Case[Any]) -> Case[Any]:
        """Every other call that keeps the contract, with values from the stock in their places.

        Which one it is hangs on the call itself, so the same call is filled in the same way again.
        Where a boundary is tried, or a link followed, the values are what it is about.
        """
        known = self._for.get(case.operation.definition.raw["operationId"])
        if known is None:
            return case
        # What is not there is an object whose name is an address: no part of the call.
        body = case.body if isinstance(case.body, dict) else None
        draw = zlib.crc32(repr((dict(case.path_parameters or {}), body)).encode("utf-8", "replace"))
        # How it was made is asked last: schemathesis checks the whole case anew for it.
        if draw % 2 or not _is_left_to_chance(case):
            return case
        for variable, values in known.items():
            value = values[draw // 2 % len(values)]
            if variable in (case.path_parameters or {}):
                case.path_parameters[variable] = value
            elif body is not None and variable in body:
                body[variable] = value
        return case


def _is_left_to_chance(case: Case[Any]) -> bool:
    meta = case.meta
    return meta is not None and meta.phase.name is TestPhase.FUZZING and not meta.generation.mode.is_negative
