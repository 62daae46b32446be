"""Everything else that is made: videos, variations, textures, elements, pictures at once, prompts, prices."""

import base64
import io
from typing import Any

import pytest
from PIL import Image

from .leo import CALCULATED, ELEMENT, LONG_MS, SKETCH, STRANGER, TRAINED_MS, VALID, Leo
from .promise import OPERATIONS

Json = Any

# --- one law for everything that costs ---------------------------------------------------------------

PAID = sorted(
    operation
    for operation in VALID
    if operation
    not in {"pricingCalculator", "createDataset", "uploadDatasetImageFromGen", "executeBlueprint"}
    and not operation.startswith("upload")
)


@pytest.mark.parametrize("operation", PAID)
def test_what_is_told_is_what_is_charged(operation: str) -> None:
    leo = Leo()
    body = VALID[operation](leo)
    before = leo.balance
    answer = leo.ask("POST", OPERATIONS[operation][1], json=body).json()
    (job,) = answer.values()
    assert job["cost"] == {"amount": str(job["apiCreditCost"]), "unit": "CREDITS"}
    assert before - leo.balance == job["apiCreditCost"] > 0


# --- videos ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "wait_ms"), [(None, 60_000), ("MOTION2FAST", 30_000), ("VEO3", 150_000), ("KLING2_5", 180_000)]
)
def test_a_film_takes_its_models_time(model: str | None, wait_ms: int) -> None:
    leo = Leo(rules={"durations.spread": 0})
    job = leo.post("/generations-text-to-video", prompt="waves", model=model)["generationId"]
    leo.advance(wait_ms - 1)
    assert (leo.status(job), leo.generation(job)["generated_images"]) == ("PENDING", [])
    leo.advance(1)
    found = leo.generation(job)
    assert (found["status"], found["motion"], found["motionModel"]) == ("COMPLETE", True, model or "MOTION2")
    assert found["imageToVideo"] is False


def test_a_film_of_a_picture_says_so() -> None:
    leo = Leo()
    image = leo.image()
    job = leo.post("/generations-image-to-video", prompt="waves", imageId=image, imageType="GENERATED")
    assert leo.generation(job["generationId"])["imageToVideo"] is True


@pytest.mark.parametrize(
    ("variables", "error"),
    [
        ({"prompt": ""}, "invalid prompt"),
        ({"prompt": "naked"}, "content moderation filter: naked"),
        ({"duration": 7}, "invalid duration"),
        ({"width": 1}, "invalid dimensions"),
        ({"seed": -1}, "invalid seed"),
        ({"model": "VEO3", "elements": [{"akUUID": STRANGER}]}, "invalid elements"),
    ],
)
def test_a_film_that_breaks_a_rule_is_refused(variables: Json, error: str) -> None:
    refusal = Leo().refusal("/generations-text-to-video", **{"prompt": "waves", **variables})
    assert refusal == (400, error, "$", "unexpected")


def test_the_usual_slip_of_ids_is_a_service_error() -> None:
    leo = Leo()
    generation = leo.made(width=64, height=64)["id"]
    assert leo.refusal("/generations-motion-svd", imageId=generation) == (
        500,
        "Service Error",
        "$",
        "unexpected",
    )
    assert leo.refusal("/generations-motion-svd", imageId=STRANGER).error == "failed to find init variation"


def test_a_film_is_made_larger_once_it_is_there() -> None:
    leo = Leo()
    job = leo.post("/generations-text-to-video", prompt="waves")["generationId"]
    wanted = {"sourceGenerationId": job, "resolution": "RESOLUTION_720"}
    assert leo.refusal("/generations-video-upscale", **wanted).error == "invalid sourceGenerationId"
    leo.advance(LONG_MS)
    larger = leo.post("/generations-video-upscale", **wanted)
    assert larger["generationId"] == job
    (waiting,) = leo.get(f"/motion-variations/{larger['variationId']}")
    assert (waiting["status"], waiting["url"]) == ("PENDING", None)
    leo.advance(LONG_MS)
    (ready,) = leo.get(f"/motion-variations/{larger['variationId']}")
    assert ready["status"] == "COMPLETE"
    assert leo.beside("another").get(f"/motion-variations/{larger['variationId']}") == []


# --- variations --------------------------------------------------------------------------------------

KINDS = {
    "/variations/upscale": "UPSCALE",
    "/variations/unzoom": "UNZOOM",
    "/variations/nobg": "NOBG",
    "/variations/universal-upscaler": "UPSCALE",
}


@pytest.mark.parametrize("path", KINDS)
def test_a_variation_is_pending_and_then_complete(path: str) -> None:
    leo = Leo()
    name = "generatedImageId" if "universal" in path else "id"
    variation = leo.post(path, **{name: leo.image()})["id"]
    (waiting,) = leo.get(f"/variations/{variation}")
    assert (waiting["status"], waiting["url"], waiting["transformType"]) == ("PENDING", None, KINDS[path])
    leo.advance(LONG_MS)
    (ready,) = leo.get(f"/variations/{variation}")
    assert ready["status"] == "COMPLETE"
    assert {**ready, "status": "PENDING", "url": None} == waiting
    assert leo.get(f"/variations/{STRANGER}") == leo.beside("another").get(f"/variations/{variation}") == []


@pytest.mark.parametrize("path", ["/variations/unzoom", "/variations/nobg"])
@pytest.mark.parametrize(
    ("what", "is_variation", "error"),
    [
        ("image", False, None),
        ("variation", True, None),
        ("image", True, "failed to find init variation"),
        ("variation", False, "failed to find init variation"),
        ("pending variation", True, "failed to find init variation"),
        ("upload", False, "couldn't access image"),
        ("upload", True, "failed to find init variation"),
        ("stranger", False, "couldn't access image"),
        ("stranger", True, "failed to find init variation"),
    ],
)
def test_an_id_and_its_kind_must_suit(path: str, what: str, is_variation: bool, error: str | None) -> None:
    leo = Leo()
    ids = {"stranger": STRANGER, "upload": leo.uploaded(), "image": leo.image()}
    ids["variation"] = leo.post("/variations/nobg", id=ids["image"])["id"]
    leo.advance(LONG_MS)
    ids["pending variation"] = leo.post("/variations/nobg", id=ids["image"])["id"]
    if error is None:
        assert leo.post(path, id=ids[what], isVariation=is_variation)["id"]
    else:
        assert leo.refusal(path, id=ids[what], isVariation=is_variation) == (400, error, "$", "unexpected")


@pytest.mark.parametrize(
    ("variables", "error"),
    [
        ({}, "invalid generatedImageId"),
        ({"generatedImageId": "image", "initImageId": "upload"}, "invalid generatedImageId"),
        ({"generatedImageId": "image", "upscaleMultiplier": 2.5}, "invalid upscaleMultiplier"),
        ({"generatedImageId": "image", "creativityStrength": 11}, "invalid creativityStrength"),
        ({"generatedImageId": "image", "upscalerStyle": "CINEMATIC", "ultraUpscaleStyle": "REALISTIC"},
         "invalid ultraUpscaleStyle"),
        ({"initImageId": STRANGER}, "invalid init image id"),
        ({"variationId": STRANGER}, "failed to find init variation"),
        ({"generatedImageId": STRANGER}, "couldn't access image"),
    ],
)  # fmt: skip
def test_the_universal_upscaler_takes_one_image_and_its_ranges(variables: Json, error: str) -> None:
    leo = Leo()
    ids = {"image": leo.image(), "upload": leo.uploaded()}
    named = {name: ids.get(str(value), value) for name, value in variables.items()}
    assert leo.refusal("/variations/universal-upscaler", **named).error == error


# --- elements, textures ------------------------------------------------------------------------------


def test_an_element_is_trained_listed_used_and_deleted() -> None:
    leo = Leo()
    job = leo.post("/elements", **ELEMENT, datasetId=leo.dataset())
    number = job["userLoraId"]
    assert leo.get(f"/elements/{number}")["status"] == "PENDING"
    used: Json = {"prompt": "a", "userElements": [{"userLoraId": number, "weight": 0.5}]}
    assert leo.refusal("/generations", **used).error == "invalid userElements"
    leo.advance(TRAINED_MS)
    assert leo.get(f"/elements/{number}")["status"] == "COMPLETE"
    assert leo.order(**used)
    other = leo.beside("another")
    assert (other.get(f"/elements/{number}"), other.delete(f"/elements/{number}")) == (None, None)
    assert other.refusal("/generations", **used).error == "invalid userElements"
    other.create("createElement")
    assert [each["id"] for each in leo.get(f"/elements/user/{leo.user_id}")] == [number]
    assert other.get(f"/elements/user/{leo.user_id}") == []
    assert leo.delete(f"/elements/{number}") == {"id": number}
    assert leo.get(f"/elements/user/{leo.user_id}") == []


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"num_train_epochs": 99}, "invalid num_train_epochs"),
        ({"learning_rate": 0.5}, "invalid learning_rate"),
        ({"lora_focus": "General"}, "invalid lora_focus"),
        ({"instance_prompt": ""}, "invalid instance_prompt"),
        ({"resolution": 512}, "invalid resolution"),
        ({"datasetId": STRANGER}, "invalid datasetId"),
    ],
)
def test_an_element_that_breaks_a_rule_is_refused(changes: Json, error: str) -> None:
    leo = Leo()
    assert leo.refusal("/elements", **{**ELEMENT, "datasetId": leo.dataset(), **changes}).error == error


def test_textures_are_listed_by_their_mesh_and_deleted() -> None:
    leo = Leo()
    mesh, bare = leo.mesh(), leo.mesh()
    ids = [leo.post("/generations-texture", modelAssetId=mesh, prompt="wood")["id"] for _ in range(3)][::-1]
    path = f"/generations-texture/model/{mesh}"
    assert [each["id"] for each in leo.get(path)] == ids
    assert [each["id"] for each in leo.get(path, limit=1, offset=1)] == ids[1:2]
    assert leo.get(f"/generations-texture/model/{bare}") == leo.beside("another").get(path) == []
    leo.advance(LONG_MS)
    found = leo.get(f"/generations-texture/{ids[0]}")
    assert {image["type"] for image in found["model_asset_texture_images"]} == {
        "ALBEDO",
        "NORMAL",
        "ROUGHNESS",
        "DISPLACEMENT",
    }
    assert leo.delete(f"/generations-texture/{ids[0]}") == {"id": ids[0]}
    assert leo.get(f"/generations-texture/{ids[0]}") is None


# --- at once -----------------------------------------------------------------------------------------

PAINT = ("/generations-lcm", "/lcm-instant-refine", "/lcm-upscale")


@pytest.mark.parametrize("path", PAINT)
def test_a_sketch_is_painted_over_while_the_client_waits(path: str) -> None:
    leo = Leo()
    job = leo.post(path, **SKETCH, width=640, height=512, requestTimestamp="then")
    (url,) = job["imageDataUrl"]
    with Image.open(io.BytesIO(base64.b64decode(url.removeprefix("data:image/jpeg;base64,")))) as image:
        assert image.format == "JPEG"
        assert image.size == ((1280, 1024) if path == "/lcm-upscale" else (640, 512))
    assert job["requestTimestamp"] == "then"


def test_a_refined_sketch_stays_as_an_image_and_a_variation() -> None:
    leo = Leo()
    job = leo.post("/lcm-upscale", **SKETCH)
    (generation,), (variation,) = job["generationId"], job["variationId"]
    assert leo.status(generation) == "COMPLETE"
    assert leo.get(f"/variations/{variation}")[0]["status"] == "COMPLETE"
    assert leo.post("/variations/nobg", id=job["generatedImageId"])["id"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"width": 600}, "invalid width"),
        ({"imageDataUrl": "https://leo.test/a.jpg"}, "invalid imageDataUrl"),
        ({"guidance": 0.1}, "invalid guidance"),
        ({"steps": 3}, "invalid steps"),
        ({"prompt": "naked"}, "content moderation filter: naked"),
    ],
)
def test_a_sketch_that_breaks_a_rule_is_refused(changes: Json, error: str) -> None:
    assert Leo().refusal("/generations-lcm", **{**SKETCH, **changes}).error == error


def test_prompts_are_made_and_improved() -> None:
    leo = Leo()
    first, second = (leo.post("/prompt/random")["prompt"] for _ in range(2))
    assert first != second
    assert leo.post("/prompt/improve", prompt="a red chair")["prompt"].startswith("a red chair")
    assert leo.post("/prompt/improve", prompt="x" * 200)
    assert leo.refusal("/prompt/improve", prompt="").error == "invalid prompt"


def test_the_calculator_and_the_job_agree() -> None:
    leo = Leo()
    params = CALCULATED["serviceParams"]["IMAGE_GENERATION"]
    named = {**params, "isSDXLLightning": True}
    told = leo.post(
        "/pricing-calculator", service="IMAGE_GENERATION", serviceParams={"IMAGE_GENERATION": named}
    )
    job = leo.post("/generations", prompt="a", width=512, height=512, num_images=4)
    assert told == {"cost": job["apiCreditCost"]}


@pytest.mark.parametrize(
    ("variables", "error"),
    [
        ({}, "invalid service"),
        ({"service": "IMAGE_GENERATION"}, "invalid serviceParams"),
        (
            {"service": "LCM_GENERATION", "serviceParams": CALCULATED["serviceParams"]},
            "invalid serviceParams",
        ),
    ],
)
def test_the_calculator_wants_a_service_and_its_parameters(variables: Json, error: str) -> None:
    assert Leo().refusal("/pricing-calculator", **variables).error == error


@pytest.mark.parametrize(
    ("service", "params", "field"),
    [
        ("IMAGE_GENERATION", {"controlnetsCost": -9999}, "controlnetsCost"),
        ("IMAGE_GENERATION", {"loraCount": -500}, "loraCount"),
        (
            "UNIVERSAL_UPSCALER_ULTRA",
            {"inputWidth": -1000, "inputHeight": -1000, "upscaleMultiplier": 1},
            "inputWidth",
        ),
    ],
)
def test_nothing_costs_less_than_nothing(service: str, params: dict[str, Any], field: str) -> None:
    image = {
        "imageHeight": 512, "imageWidth": 512, "numImages": 1, "inferenceSteps": 15,
        "alchemyMode": True, "highResolution": False,
    }  # fmt: skip
    given = {**image, **params} if service == "IMAGE_GENERATION" else params
    refusal = Leo().refusal("/pricing-calculator", service=service, serviceParams={service: given})
    assert refusal == (400, f"invalid {field}", "$", "unexpected")


def test_an_avatar_costs_what_the_calculator_says() -> None:
    leo = Leo()
    size = {"width": 512, "height": 512, "num_images": 4}
    before = leo.balance
    leo.order(fantasyAvatar=True, **size)
    params = {"imageWidth": 512, "imageHeight": 512, "numImages": 4}
    told = leo.post(
        "/pricing-calculator",
        service="FANTASY_AVATAR_GENERATION",
        serviceParams={"FANTASY_AVATAR_GENERATION": params},
    )
    assert told["cost"] == before - leo.balance
