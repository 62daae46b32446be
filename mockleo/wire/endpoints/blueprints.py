"""Blueprints: another backend's answers, with connections instead of lists."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from mockleo.core.blueprints import Execution, NodeValue, execute, status_there
from mockleo.core.errors import (
    BlueprintBadRequest,
    BlueprintNotFound,
    BlueprintWrongType,
    LeoError,
    WrongType,
)
from mockleo.core.lifecycle import State
from mockleo.wire.links import REAL_CDN_HOST
from mockleo.wire.shapes import moment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mockleo.core.catalogue import Blueprint, BlueprintVersion
    from mockleo.core.errors import BadVariables
    from mockleo.core.generations import Generation
    from mockleo.wire.call import Call, Reply
    from mockleo.wire.contract import Operation


def in_its_words(error: BadVariables, operation: Operation) -> LeoError:
    """What this backend says where the other one tells the variable's fault. Source: OAS."""
    if isinstance(error, WrongType) and error.expected and operation.id == "executeBlueprint":
        field = str(error.facts["path"]).removeprefix(f"$.selectionSet.{operation.root}.args.arg1.")
        return BlueprintWrongType(expected=error.expected, field=field)
    return BlueprintBadRequest(root=operation.root, detail=f"Bad request. {error}")


def list_all(call: Call) -> Reply:
    platforms = set(call.args.get("platforms", ["API"]))
    categories = set(call.args.get("categories", ()))
    found = [
        blueprint
        for blueprint in call.world.catalogue.blueprints.values()
        if platforms.intersection(blueprint.platforms)
        and (not categories or categories.intersection(blueprint.categories))
    ]
    edges = [
        {"cursor": _cursor(blueprint), "node": _blueprint(call, blueprint)}
        for blueprint in sorted(found, key=lambda blueprint: blueprint.createdAt, reverse=True)
    ]
    shown, page_info = _connection(call, edges, default=call.world.rules.default("blueprints.first"))
    return call.reply({"edges": shown, "totalCount": len(edges), "pageInfo": page_info})


def show(call: Call) -> Reply:
    return call.reply(_blueprint(call, _known(call)))


def list_versions(call: Call) -> Reply:
    edges = [{"cursor": _cursor(version), "node": _version(version)} for version in _known(call).versions]
    shown, page_info = _connection(call, edges, default=len(edges))
    return call.reply({"edges": shown, "totalCount": len(edges), "pageInfo": page_info})


def run(call: Call) -> Reply:
    given = call.args["input"]
    inputs = [msgspec.convert(value, NodeValue) for value in given["nodeInputs"]]
    for value in inputs:
        _check_value(call, value)
    execution = execute(
        call.world,
        call.account,
        version_id=call.args["blueprintVersionId"],
        inputs=inputs,
        public=given["public"],
    )
    return call.reply({"akUUID": execution.id})


def show_execution(call: Call) -> Reply:
    execution = call.account.executions.get(call.args["id"])
    if execution is None or execution.hidden:
        raise BlueprintNotFound(root=call.operation.root, noun="Blueprint execution")
    return call.reply(
        {
            "akUUID": execution.id,
            "status": execution.execution_status,
            "inputs": [msgspec.to_builtins(value) for value in execution.inputs],
            "public": execution.public,
            "createdAt": f"{moment(execution.created_ms)}Z",
        }
    )


def list_generations(call: Call) -> Reply:
    """Of somebody else's execution this shows nothing, and is no error. Source: OAS."""
    execution = call.account.executions.get(call.args["id"])
    edges = []
    if execution is not None and not execution.hidden:
        edges = [
            {"cursor": _base64(f"arrayconnection:{nth}"), "node": _output(execution, generation)}
            for nth, generation in enumerate(execution.outputs)
        ]
    shown, page_info = _connection(call, edges, default=len(edges))
    return call.reply({"pageInfo": page_info, "edges": shown})


def _known(call: Call) -> Blueprint:
    blueprint = call.world.catalogue.blueprints.get(call.args["id"])
    if blueprint is None:
        raise BlueprintNotFound(root=call.operation.root, noun="Blueprint")
    return blueprint


def _check_value(call: Call, value: NodeValue) -> None:
    """A list for named texts, a text for the rest; a picture must lie on the CDN."""
    wants_list = value.settingName == "textVariables"
    if wants_list != isinstance(value.value, list):
        expected = "array" if wants_list else "string"
        raise BlueprintWrongType(expected=expected, field="input.nodeInputs.value")
    if value.settingName == "imageUrl" and isinstance(value.value, str):
        on_ours = value.value.startswith(f"{call.links.cdn}/")
        if not on_ours and _host(value.value) != REAL_CDN_HOST:
            raise BlueprintBadRequest(root=call.operation.root, detail="imageUrl must be on the CDN")


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _connection(
    call: Call, edges: Sequence[dict[str, Any]], *, default: int
) -> tuple[Sequence[dict[str, Any]], dict[str, Any]]:
    """The part of `edges` that was asked for, forwards or backwards, and where it lies."""
    first, last = call.args.get("first"), call.args.get("last")
    if first is not None and last is not None:
        raise BlueprintBadRequest(root=call.operation.root, detail="first and last exclude each other")
    for name, count in (("first", first), ("last", last)):
        if count is not None and not call.world.rules[f"blueprints.{name}"].admits(count):
            raise BlueprintBadRequest(root=call.operation.root, detail=f"{name} is out of range")
    cursors = [edge["cursor"] for edge in edges]
    start = _place(call, cursors, "after", -1) + 1
    stop = _place(call, cursors, "before", len(edges))
    if last is not None:
        start = max(start, stop - last)
    else:
        stop = min(stop, start + (first or default))
    shown = edges[start:stop]
    return shown, {
        "hasNextPage": stop < len(edges),
        "hasPreviousPage": start > 0,
        "startCursor": shown[0]["cursor"] if shown else "",
        "endCursor": shown[-1]["cursor"] if shown else "",
    }


def _place(call: Call, cursors: Sequence[str], name: str, otherwise: int) -> int:
    cursor = call.args.get(name)
    if cursor is None:
        return otherwise
    try:
        b64decode(cursor, validate=True)
        return cursors.index(cursor)
    except (NotBase64, ValueError):
        raise BlueprintBadRequest(
            root=call.operation.root, detail=f"{name} is no cursor of this list"
        ) from None


def _cursor(entry: Blueprint | BlueprintVersion) -> str:
    return _base64(msgspec.json.encode({"createdAt": entry.createdAt, "akUUID": entry.akUUID}).decode())


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def _blueprint(call: Call, blueprint: Blueprint) -> dict[str, Any]:
    return {
        "akUUID": blueprint.akUUID,
        "createdAt": blueprint.createdAt,
        "updatedAt": blueprint.updatedAt,
        "name": blueprint.name,
        "description": blueprint.description,
        "thumbnails": [
            {"name": shown.name, "url": call.links.blueprint_thumbnail(shown.name)}
            for shown in blueprint.thumbnails
        ],
        "teamId": blueprint.teamId,
        "official": blueprint.official,
    }


def _version(version: BlueprintVersion) -> dict[str, Any]:
    return {
        "akUUID": version.akUUID,
        "createdAt": version.createdAt,
        "updatedAt": version.updatedAt,
        "cost": version.cost,
        "uiMetadata": {
            "inputs": [msgspec.to_builtins(wish) for wish in version.inputs],
            "outputs": version.outputs,
        },
        "uiMetadataSchemaVersion": "1",
        "models": version.models,
        "executability": {"isExecutable": True, "reasons": []},
    }


def _output(execution: Execution, generation: Generation) -> dict[str, Any]:
    failed = execution.stopped_by_moderation and generation.state is State.FAILED
    return {
        "akUUID": generation.id,
        "status": status_there(generation),
        "generationId": generation.id,
        "failedReason": {
            "type": "PROMPT_MODERATION_BLOCKED",
            "message": "The prompt was refused by moderation.",
            "affectedOutputCount": len(execution.outputs),
        }
        if failed
        else None,
    }


HANDLERS: Mapping[str, Callable[[Call], Reply]] = {
    "listBlueprints": list_all,
    "getBlueprintById": show,
    "getBlueprintVersionsByBlueprintId": list_versions,
    "executeBlueprint": run,
    "getBlueprintExecution": show_execution,
    "getBlueprintExecutionGenerations": list_generations,
}
