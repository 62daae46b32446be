"""Where the contract's files are, and what stands in them, as it is.

They lie at the top of the repository, and inside the package once it is installed. Who reads more
into them has a reader of its own: `wire.contract` for the emulator, `conformance` for the judge.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec

OPENAPI = "leonardo-v1.openapi.json"
WEBHOOKS = "webhooks.asyncapi.json"
# The lists in catalogue/, by the names of their files.
CATALOGUE = ("models", "elements", "styles", "preprocessors", "blueprints")


def folder() -> Path:
    """Where the contract's files are."""
    package = Path(__file__).resolve().parent
    installed = package / "data" / "contracts"
    return installed if installed.is_dir() else package.parent / "contracts"


def openapi() -> dict[str, Any]:
    """Every operation: the OpenAPI document."""
    return _json(OPENAPI)


def webhooks() -> dict[str, Any]:
    """Every event that is sent to receivers: the AsyncAPI document."""
    return _json(WEBHOOKS)


def rules() -> dict[str, Any]:
    """Every number, as nested tables."""
    return _toml("rules.toml")


def errors() -> dict[str, Any]:
    """Every refusal: rows by name."""
    return _toml("errors.toml")


def behaviours() -> dict[str, Any]:
    """What happens where there is no number and no refusal to it: rows by name."""
    return _toml("behaviours.toml")


def catalogue(name: str) -> dict[str, Any]:
    """A list of things the service has: "models", "elements", ..."""
    return _json(f"catalogue/{name}.json")


def _json(name: str) -> dict[str, Any]:
    decoded: dict[str, Any] = msgspec.json.decode((folder() / name).read_bytes())
    return decoded


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((folder() / name).read_text("utf-8"))
