"""Blueprints: find one, run it, look at what came of it."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from leonardo_ai_sdk.models.shared import (
    APIError,
    BlueprintExecutionGenerationStatus,
    BlueprintExecutionStatus,
    JobStatus,
    NodeInput,
    NodeInputTypedDict,
    SettingName,
    ValueTypedDict,
)

from ..leo import Leo, until_complete
from .steps import NOBODY, asset, generation, make_one

if TYPE_CHECKING:
    from leonardo_ai_sdk.models.operations import ListBlueprintsRequestBodyTypedDict


async def blueprints(leo: Leo) -> None:
    sdk = leo.sdk.blueprints
    listed = (await leo.call(sdk.list_blueprints)).blueprints
    nodes = [edge.node for edge in listed.edges]
    ids = [node.ak_uuid for node in nodes]
    assert len(set(ids)) == len(ids) == listed.total_count
    assert len(ids) > 1
    assert all(isinstance(node.created_at, datetime) for node in nodes)
    assert await _page_by_page(leo, len(ids)) == ids
    assert (await leo.call(sdk.get_blueprint_by_id, id=ids[0])).blueprint == nodes[0]
    (error,) = await leo.call(sdk.get_blueprint_by_id, id=NOBODY)
    assert isinstance(error, APIError)
    assert error.message == "Blueprint not found"

    for blueprint_id in ids:
        await _run(leo, blueprint_id)


async def _run(leo: Leo, blueprint_id: str) -> None:
    """Run a blueprint with a value for each input, and look at what came of it."""
    picture = (await make_one(leo, "a fox")).url
    version, inputs = await _version(leo, blueprint_id, picture)
    await leo.sign_in()
    body = await leo.call(
        leo.sdk.blueprints.execute_blueprint,
        request={
            "blueprint_version_id": version.ak_uuid,
            "input": {"node_inputs": inputs, "public": False},
        },
    )
    await _outcome(leo, body.execute_blueprint.ak_uuid, inputs)
    before = leo.balance
    await leo.sign_in()
    assert before - leo.balance == version.cost


async def _page_by_page(leo: Leo, count: int) -> list[str]:
    """The ids of `count` blueprints, which are all there are, one at a time."""
    ids: list[str] = []
    request: ListBlueprintsRequestBodyTypedDict = {"first": 1}
    for left in reversed(range(count)):
        body = await leo.call(leo.sdk.blueprints.list_blueprints, request=request)
        (edge,) = body.blueprints.edges
        ids.append(edge.node.ak_uuid)
        assert body.blueprints.page_info.has_next_page is (left > 0)
        request = {"first": 1, "after": body.blueprints.page_info.end_cursor}
    return ids


async def _version(leo: Leo, blueprint_id: str, picture: str) -> tuple[Any, list[NodeInputTypedDict]]:
    """The first version, and a value for each of its inputs."""
    body = await leo.call(leo.sdk.blueprints.get_blueprint_versions_by_blueprint_id, id=blueprint_id)
    version = body.blueprint_versions.edges[0].node
    assert version.executability.is_executable is True
    assert version.cost > 0
    # The SDK's model of an input has no fields: this is in the answer only.
    described = leo.raw["blueprintVersions"]["edges"][0]["node"]["uiMetadata"]["inputs"]
    values: dict[SettingName, ValueTypedDict] = {
        SettingName.TEXT: "a fox",
        SettingName.IMAGE_URL: picture,
        SettingName.TEXT_VARIABLES: [{"name": "subject", "value": "a fox"}],
    }
    inputs: list[NodeInputTypedDict] = [
        {"node_id": each["nodeId"], "setting_name": setting, "value": values[setting]}
        for each in described
        for setting in [SettingName(each["settingName"])]
    ]
    return version, inputs


async def _outcome(leo: Leo, execution_id: str, inputs: list[NodeInputTypedDict]) -> None:
    sdk = leo.sdk.blueprints

    async def look() -> Any:
        return (await leo.call(sdk.get_blueprint_execution, id=execution_id)).blueprint_execution

    execution = await until_complete(look)
    assert execution.ak_uuid == execution_id
    assert execution.status is BlueprintExecutionStatus.COMPLETED
    assert execution.inputs == [NodeInput.model_validate(each) for each in inputs]
    assert execution.public is False

    body = await leo.call(sdk.get_blueprint_execution_generations, request={"id": execution_id})
    made = [edge.node for edge in body.blueprint_execution_generations.edges]
    assert made
    for node in made:
        assert node.status is BlueprintExecutionGenerationStatus.COMPLETED
        found = await generation(leo, node.generation_id)
        assert found.status is JobStatus.COMPLETE
        assert asset(leo, found.generated_images[0].url)

    body = await leo.call(sdk.get_blueprint_execution_generations, request={"id": execution_id, "first": 1})
    (edge,) = body.blueprint_execution_generations.edges
    assert edge.node == made[0]
    body = await leo.call(sdk.get_blueprint_execution_generations, request={"id": NOBODY})
    assert body.blueprint_execution_generations.edges == []
