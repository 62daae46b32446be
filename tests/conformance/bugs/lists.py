"""Lists and what is in them: forgotten, doubled, in another order; deletes; datasets and training."""

from collections.abc import Callable, Mapping
from typing import Any
from unittest import mock

from mockleo.core import datasets
from mockleo.wire.call import Call, Reply
from mockleo.wire.endpoints import HANDLERS
from tests.conformance.bugs.planting import (
    Bug,
    Planted,
    answer,
    answers,
    both,
    function,
    instead,
    rule,
    with_field,
)

_GENERATIONS = "mockleo.wire.endpoints.generations"
_LIST = "getGenerationsByUserId"


def _page(turn: Callable[[Any, int, int], tuple[int, int]]) -> Planted:
    """Let the pages of generations be cut otherwise: `turn` makes another limit and offset."""

    def make(true: Any) -> Any:
        def page(things: Any, *, limit: int, offset: int, **named: Any) -> Any:
            limit, offset = turn(things, limit, offset)
            return true(things, limit=limit, offset=offset, **named)

        return page

    return function(f"{_GENERATIONS}.page", make)


def _oldest_first(true: Any) -> Any:
    def page(things: Any, *, limit: int, offset: int, **named: Any) -> Any:
        return list(things.values())[offset : offset + limit]

    return page


def _delete_that_keeps(operation: str, things: str) -> Planted:
    """Say that it is deleted, and delete nothing."""

    def delete(call: Call) -> Reply:
        known = call.args["id"] in getattr(call.account, things)
        return call.reply({"id": call.args["id"]} if known else None)

    return mock.patch.dict(HANDLERS, {operation: delete})


def _deletes_all(told: Any, call: Call) -> Any:
    if told is not None:
        call.account.generations.clear()
    return told


def _ghosts() -> Planted:
    """Go on listing what is deleted."""
    seen: dict[str, Any] = {}

    def change(told: Any, call: Call) -> Any:
        now = {row["id"] for row in told}
        seen.update({row["id"]: row for row in told})
        return [*told, *(row for row_id, row in seen.items() if row_id not in now)]

    return answer(_LIST, change)


def _deletes_twice(told: Any, call: Call) -> Any:
    return told or {"id": call.args["id"]}


def _other_rows(told: Any, call: Call) -> Any:
    for row in told:
        row["status"] = "COMPLETE"
    return told


def _whoever_asks(true: Any) -> Any:
    def list_of_user(call: Call) -> Any:
        call.args["userId"] = call.account.user_id
        return true(call)

    return list_of_user


def _anybodys(operation: str) -> Planted:
    return mock.patch.dict(
        HANDLERS,
        {operation: _whoever_asks(HANDLERS[operation])},
    )


def _pages_repeat(told: Any, call: Call) -> Any:
    told["pageInfo"]["hasNextPage"] = True
    return told


def _cursor_ignored(true: Any) -> Any:
    return lambda call, cursors, name, otherwise: otherwise


def _forgets_an_image(true: Any) -> Any:
    def render(call: Call, dataset: Any) -> Any:
        told = true(call, dataset)
        told["dataset_images"] = told["dataset_images"][1:]
        return told

    return render


def _adds_nothing(true: Any) -> Any:
    return lambda world, dataset, image: None


def _not_updated(true: Any) -> Any:
    def add(world: Any, dataset: Any, image: Any) -> None:
        before_ms = dataset.updated_ms
        true(world, dataset, image)
        dataset.updated_ms = before_ms

    return add


def _any_dataset(true: Any) -> Any:
    """Train on whatever there is."""

    def own(account: Any, dataset_id: str) -> Any:
        found = account.datasets.get(dataset_id)
        return found or datasets.Dataset(
            id=dataset_id, name="", description=None, created_ms=0, updated_ms=0, images=[]
        )

    return own


def _last_of(told: Any, call: Call) -> Any:
    return told[:-1]


def _first_twice(told: Any, call: Call) -> Any:
    return [*told[:1], *told]


BUGS: Mapping[str, Bug] = {
    "list-forgets-the-newest": Bug(
        "the newest generation is not listed", lambda: answer(_LIST, lambda told, call: told[1:])
    ),
    "list-forgets-the-oldest": Bug("the last of each page is not listed", lambda: answer(_LIST, _last_of)),
    "list-doubles": Bug("a generation is listed twice", lambda: answer(_LIST, _first_twice)),
    "list-oldest-first": Bug(
        "generations are listed oldest first",
        lambda: function(f"{_GENERATIONS}.page", _oldest_first),
    ),
    "list-in-any-order": Bug(
        "generations are listed by their ids",
        lambda: answer(_LIST, lambda told, call: sorted(told, key=lambda row: row["id"])),
    ),
    "page-unbounded": Bug(
        "the limit of a page is not kept",
        lambda: _page(lambda things, limit, offset: (len(things), offset)),
    ),
    "page-without-most": Bug("no page is too long", lambda: rule({"page.limit.max": 1_000_000.0})),
    "page-one-too-long": Bug(
        "a page is one longer than its limit",
        lambda: _page(lambda things, limit, offset: (limit + 1, offset)),
    ),
    "offset-ignored": Bug(
        "the offset is not kept",
        lambda: _page(lambda things, limit, offset: (limit, 0)),
    ),
    "offset-in-pages": Bug(
        "the offset counts pages",
        lambda: _page(lambda things, limit, offset: (limit, offset * limit)),
    ),
    "list-disagrees": Bug("the list says COMPLETE of what is pending", lambda: answer(_LIST, _other_rows)),
    "list-without-status": Bug(
        "listed generations have no status",
        lambda: answer(
            _LIST,
            lambda told, call: [{name: row[name] for name in row if name != "status"} for row in told],
        ),
    ),
    "list-of-somebody-else": Bug(
        "a stranger's list is one's own", lambda: _anybodys("getGenerationsByUserId")
    ),
    "models-of-somebody-else": Bug(
        "a stranger's models are one's own", lambda: _anybodys("getCustomModelsByUserId")
    ),
    "deleted-is-listed": Bug("what is deleted is still listed", _ghosts),
    "delete-keeps": Bug(
        "a deleted generation is still there",
        lambda: _delete_that_keeps("deleteGenerationById", "generations"),
    ),
    "dataset-delete-keeps": Bug(
        "a deleted dataset is still there", lambda: _delete_that_keeps("deleteDatasetById", "datasets")
    ),
    "model-delete-keeps": Bug(
        "a deleted model is still there", lambda: _delete_that_keeps("deleteModelById", "models")
    ),
    "init-image-delete-keeps": Bug(
        "a deleted init image is still there", lambda: _delete_that_keeps("deleteInitImageById", "uploads")
    ),
    "texture-delete-keeps": Bug(
        "a deleted texture is still there",
        lambda: _delete_that_keeps("deleteTextureGenerationById", "textures"),
    ),
    "delete-tells-another": Bug(
        "a delete tells another id",
        lambda: answer("deleteGenerationById", with_field("id", "6bef9f1b-29cb-40c7-b9df-32b51c1f67d3")),
    ),
    "delete-twice": Bug(
        "a second delete says it has deleted", lambda: answer("deleteGenerationById", _deletes_twice)
    ),
    "delete-says-null": Bug(
        "a delete that deletes says null", lambda: answer("deleteDatasetById", lambda told, call: None)
    ),
    "delete-takes-all": Bug(
        "a delete takes all generations", lambda: answer("deleteGenerationById", _deletes_all)
    ),
    "models-forgotten": Bug(
        "trained models are not listed", lambda: answer("getCustomModelsByUserId", lambda told, call: [])
    ),
    "elements-forgotten": Bug(
        "trained elements are not listed", lambda: answer("getCustomElementsByUserId", lambda told, call: [])
    ),
    "meshes-forgotten": Bug(
        "meshes are not listed", lambda: answer("get3DModelsByUserId", lambda told, call: [])
    ),
    "textures-of-any-mesh": Bug(
        "the textures of one mesh are those of all",
        lambda: function("mockleo.wire.endpoints.textures.of_asset", lambda true: lambda a, _: a.textures),
    ),
    "textures-forgotten": Bug(
        "a mesh's textures are not listed",
        lambda: answer("getTextureGenerationsByModelId", lambda told, call: []),
    ),
    "platform-models-doubled": Bug(
        "platform models are listed twice",
        lambda: answer("listPlatformModels", lambda told, call: [*told, *told]),
    ),
    "blueprints-never-end": Bug(
        "the last page of blueprints says that there is another",
        lambda: answer("listBlueprints", _pages_repeat),
    ),
    "blueprint-cursor-ignored": Bug(
        "each page of blueprints is the first",
        lambda: function("mockleo.wire.endpoints.blueprints._place", _cursor_ignored),
    ),
    "blueprint-total-wrong": Bug(
        "the number of blueprints is another",
        lambda: answer("listBlueprints", lambda told, call: {**told, "totalCount": told["totalCount"] + 1}),
    ),
    "blueprint-versions-forgotten": Bug(
        "a blueprint has no versions",
        lambda: answer(
            "getBlueprintVersionsByBlueprintId",
            lambda told, call: {**told, "edges": [], "totalCount": 0},
        ),
    ),
    "dataset-forgets-an-image": Bug(
        "a dataset forgets its first image",
        lambda: function("mockleo.wire.endpoints.datasets.render", _forgets_an_image),
    ),
    "dataset-takes-nothing": Bug(
        "an image that was put into a dataset is not there",
        lambda: function("mockleo.core.datasets._add", _adds_nothing),
    ),
    "dataset-not-updated": Bug(
        "a dataset does not say when it was changed",
        lambda: function("mockleo.core.datasets._add", _not_updated),
    ),
    "empty-dataset-trained": Bug(
        "an empty dataset is trained on",
        lambda: function("mockleo.core.training._check_dataset", instead(1)),
    ),
    "unknown-dataset-trained": Bug(
        "a dataset that is not there is trained on",
        lambda: both(
            function("mockleo.core.training.own_dataset", _any_dataset),
            function("mockleo.core.training._check_dataset", instead(1)),
        ),
    ),
    "ids-null-for-all": Bug(
        "what was made cannot be read",
        lambda: answers(("getModelById", "getElementById", "getInitImageById"), lambda told, call: None),
    ),
    "textures-of-no-mesh": Bug(
        "a mesh is forgotten once it is uploaded",
        lambda: answer("get3DModelById", lambda told, call: None),
    ),
}
