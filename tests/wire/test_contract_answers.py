"""Every operation answers, and what it answers is what the contract promises.

That each answer is valid is `Leo`'s doing; here every operation is called, in each state that its
answer can be in, for each plan and profile; and every refusal that all operations share.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import product

import httpx
import jsonschema_rs
import pytest

from mockleo.wire.contract import load
from mockleo.wire.endpoints import HANDLERS

from .leo import LONG_MS, STRANGER, TRAINED_MS, VALID, Leo
from .promise import OPERATIONS, broken, operations, validator_of

Looks = Callable[[Leo], Iterator[str]]

PLANS = ("credits", "payg")
PROFILES = ("sdk-safe", "wire-true")

RECIPE = "b3ec7ecf-fc63-4efc-8745-fdcfd059f03a"


def by_id(create: str, key: str) -> Looks:
    """The ids of a thing while it is on its way and when it is there, of nothing, and of it again."""

    def looks(leo: Leo) -> Iterator[str]:
        made = str(leo.create(create)[key])
        yield made
        leo.advance(TRAINED_MS)
        yield made
        yield "1" if made.isdigit() else STRANGER
        yield made

    return looks


def of_user(*creates: str) -> Looks:
    """The owner's id when there is nothing, something on its way, and something ready; then a stranger's."""

    def looks(leo: Leo) -> Iterator[str]:
        yield leo.user_id
        for create in creates:
            leo.create(create)
        yield leo.user_id
        leo.advance(TRAINED_MS)
        yield leo.user_id
        yield STRANGER

    return looks


def pictures(leo: Leo) -> Iterator[str]:
    """Generations of every kind: with elements, with variations, moving."""
    elements = [{"akUUID": leo.get("/elements")[0]["akUUID"], "weight": 0.5}]
    decorated = leo.order(elements=elements, num_images=1)
    leo.advance(LONG_MS)
    image_id = leo.generation(decorated)["generated_images"][0]["id"]
    for kind in ("upscale", "unzoom", "nobg"):
        leo.post(f"/variations/{kind}", id=image_id)
    moved = leo.post("/generations-motion-svd", imageId=image_id)["generationId"]
    looks = (decorated, moved, leo.order(modelId="7b592283-e8a7-4c5a-9ba6-d18c31f258b9"), leo.film())
    yield from looks
    leo.advance(LONG_MS)
    yield from looks
    leo.order(init_image_id=leo.post("/init-image", extension="png")["id"])
    leo.advance(LONG_MS)


def every_generation(leo: Leo) -> Iterator[str]:
    list(pictures(leo))
    yield leo.user_id
    yield STRANGER


# How each placeholder of a path is filled, for all operations that make nothing.
LOOKS: Mapping[str, Looks] = {
    "get3DModelsByUserId": of_user("uploadModelAsset"),
    "get3DModelById": by_id("uploadModelAsset", "modelId"),
    "delete3DModelById": by_id("uploadModelAsset", "modelId"),
    "getBlueprintExecution": by_id("executeBlueprint", "akUUID"),
    "getBlueprintExecutionGenerations": by_id("executeBlueprint", "akUUID"),
    "listBlueprints": lambda leo: iter([""]),
    "getBlueprintById": lambda leo: iter([RECIPE, STRANGER]),
    "getBlueprintVersionsByBlueprintId": lambda leo: iter([RECIPE, STRANGER]),
    "getDatasetById": by_id("createDataset", "id"),
    "deleteDatasetById": by_id("createDataset", "id"),
    "listElements": lambda leo: iter([""]),
    "getCustomElementsByUserId": of_user("createElement"),
    "getElementById": by_id("createElement", "userLoraId"),
    "deleteElementById": by_id("createElement", "userLoraId"),
    "getGenerationsByUserId": every_generation,
    "getGenerationById": pictures,
    "deleteGenerationById": by_id("createGeneration", "generationId"),
    "getInitImageById": by_id("uploadInitImage", "id"),
    "deleteInitImageById": by_id("uploadInitImage", "id"),
    "getUploadedMediaById": by_id("uploadMedia", "uploadId"),
    "deleteUploadedMediaById": by_id("uploadMedia", "uploadId"),
    "getCustomModelsByUserId": of_user("createModel"),
    "getModelById": by_id("createModel", "customModelId"),
    "deleteModelById": by_id("createModel", "customModelId"),
    "listPlatformModels": lambda leo: iter([""]),
    "getTextureGenerationsByModelId": lambda leo: textured(leo),
    "getTextureGenerationById": by_id("createTextureGeneration", "id"),
    "deleteTextureGenerationById": by_id("createTextureGeneration", "id"),
    "getUserSelf": lambda leo: iter([""]),
    "getMotionVariationById": by_id("createVideoUpscale", "variationId"),
    "getVariationById": by_id("createVariationNoBG", "id"),
}


def textured(leo: Leo) -> Iterator[str]:
    mesh = leo.mesh()
    leo.post("/generations-texture", modelAssetId=mesh, prompt="wood")
    yield mesh
    leo.advance(LONG_MS)
    yield mesh
    yield STRANGER


@pytest.fixture(scope="module", params=list(product(PLANS, PROFILES)), ids="-".join)
def emulator(request: pytest.FixtureRequest) -> Leo:
    plan, profile = request.param
    return Leo(plan=plan, profile=profile)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_answer_is_as_promised(emulator: Leo, operation: str) -> None:
    leo = emulator.beside(operation)
    if operation in VALID:
        leo.create(operation)
        return
    method, path, _ = OPERATIONS[operation]
    name = path.partition("{")[2].partition("}")[0]
    for look in LOOKS[operation](leo):
        answer = leo.ask(method, path.format(**{name: look}))
        assert answer.status_code == 200
        assert leo.app.record.exchanges[-1].operation == operation


def test_all_operations_have_a_handler_and_all_handlers_an_operation() -> None:
    assert set(HANDLERS) == set(OPERATIONS)


def test_these_tests_call_every_operation() -> None:
    assert {*VALID, *LOOKS} == set(OPERATIONS)
    assert not VALID.keys() & LOOKS.keys()
    assert VALID.keys() == {each for each, (method, _, _) in OPERATIONS.items() if method == "POST"}


def test_an_operation_is_as_the_contract_has_it() -> None:
    described = {(method, path, each["operationId"], each["x-root"]) for method, path, each in operations()}
    read = {(each.method, each.path, each.id, each.root) for each in load().operations}
    assert described == read


REFUSED: Mapping[str, Callable[[Leo, str, str], httpx.Response]] = {
    "no key": lambda leo, method, path: leo.send(method, f"/api/rest/v1{path}"),
    "no uuid for a key": lambda leo, method, path: leo.beside("my-key").ask(method, path),
    "a name of nothing": lambda leo, method, path: leo.ask(method, path, json={"nonsense": 1}),
    "no JSON": lambda leo, method, path: leo.ask(method, path, content=b"{"),
    "a list in the query": lambda leo, method, path: leo.ask(method, f"{path}?nonsense=1&nonsense=2"),
}


@pytest.fixture(scope="module")
def strict() -> Leo:
    return Leo(keys="strict")


@pytest.mark.parametrize("why", REFUSED)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_refusal_is_as_promised(strict: Leo, operation: str, why: str) -> None:
    method, path, _ = OPERATIONS[operation]
    values = {"id": "1" if path.startswith("/elements") else STRANGER}
    path = path.format(**values, userId=STRANGER, datasetId=STRANGER, modelId=STRANGER)
    answer = REFUSED[why](strict, method, path)
    assert list(broken(operation, answer)) == []
    assert answer.headers["x-mockleo-why"]
    assert answer.status_code >= 400 or isinstance(answer.json(), list)


# What is free of charge.
FREE = {"pricingCalculator", "createDataset", *(each for each in VALID if each.startswith("upload"))}


@pytest.mark.parametrize("operation", sorted(VALID.keys() - FREE))
def test_who_has_no_credit_is_told_so_as_promised(operation: str) -> None:
    leo = Leo()
    body = VALID[operation](leo)
    leo.spend()
    answer = leo.ask(OPERATIONS[operation][0], OPERATIONS[operation][1], json=body)
    assert answer.headers["x-mockleo-why"].endswith("out-of-credits")
    assert leo.balance == 0


# --- the judge itself -----------------------------------------------------------------------------

GOOD = {
    "sdGenerationJob": {"generationId": "x", "apiCreditCost": 1, "cost": {"amount": "1", "unit": "CREDITS"}}
}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {}),
        (200, {"sdGenerationJob": {**GOOD["sdGenerationJob"], "apiCreditCost": 1.5}}),
        (200, {"sdGenerationJob": {**GOOD["sdGenerationJob"], "more": 1}}),
        (200, {**GOOD, "more": 1}),
        (418, {"error": "a teapot", "path": "$", "code": "unexpected"}),
        (400, {"error": "no path", "code": "unexpected"}),
        (400, {"error": "no such code", "path": "$", "code": "teapot"}),
        (400, {"error": "more", "path": "$", "code": "unexpected", "more": 1}),
    ],
)
def test_a_broken_promise_is_seen(status: int, body: object) -> None:
    assert list(broken("createGeneration", httpx.Response(status, json=body)))


def test_every_schema_can_be_judged_by() -> None:
    for operation, (_, _, described) in OPERATIONS.items():
        for status in described["responses"]:
            assert isinstance(validator_of(operation, status), jsonschema_rs.Draft202012Validator)
