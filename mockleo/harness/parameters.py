"""The parameters of operations, as the contract names them, and what a client has called them."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from mockleo import contracts

if TYPE_CHECKING:
    from mockleo.harness.evidence import Call

_UNEXPECTED = re.compile(r"Unexpected variable (\S+)")


def message_of(call: Call) -> str:
    """The text of a refusal, as the client was told it; "" for none."""
    told = call.told
    if isinstance(told, list) and told:
        told = told[0]
    if isinstance(told, dict):
        text = told.get("error") or told.get("message") or ""
        return f"{text}." if isinstance(text, str) and text else ""
    return ""


def unexpected(call: Call) -> str | None:
    """The name of a parameter that was refused because there is none; None for no such refusal."""
    if call.refusal != "unexpected-variable":
        return None
    found = _UNEXPECTED.search(message_of(call))
    return found[1].rstrip(".") if found is not None else ""


def near(operation: str, name: str) -> str | None:
    """The parameter of `operation` that is meant by `name`, where only case and underscores differ."""
    wanted = _bare(name)
    return next((known for known in _names().get(operation, ()) if _bare(known) == wanted), None)


def _bare(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


@cache
def _names() -> dict[str, tuple[str, ...]]:
    """The parameters of each operation: of its path, its query and its body."""
    found: dict[str, tuple[str, ...]] = {}
    for item in contracts.openapi()["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict) and "operationId" in operation:
                found[operation["operationId"]] = tuple(_names_of(operation))
    return found


def _names_of(operation: dict[str, Any]) -> list[str]:
    names = [parameter["name"] for parameter in operation.get("parameters", ()) if "name" in parameter]
    content = operation.get("requestBody", {}).get("content", {})
    for described in content.values():
        names.extend(described.get("schema", {}).get("properties", ()))
    return names
