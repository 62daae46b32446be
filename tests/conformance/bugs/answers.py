"""Answers with a wrong type, a missing field, another format; answers that say what is not so."""

from collections.abc import Mapping
from typing import Any

from mockleo.wire import shapes
from mockleo.wire.call import Call, Reply
from tests.conformance.bugs.planting import (
    Bug,
    Planted,
    answer,
    answers,
    both,
    function,
    method,
    with_field,
    without_field,
)

_EVERY_DELETE = (
    "deleteGenerationById",
    "deleteDatasetById",
    "deleteInitImageById",
    "deleteModelById",
    "deleteElementById",
    "delete3DModelById",
    "deleteUploadedMediaById",
    "deleteTextureGenerationById",
)


def _images(name: str, value: object) -> Any:
    """Change a field of each image of a generation."""
    change = with_field(name, value)

    def deeper(told: Any, call: Call) -> Any:
        if told is not None:
            change(told["generated_images"], call)
        return told

    return deeper


def _moments(make: Any) -> Planted:
    """Let times be told otherwise, wherever they are told."""
    nouns = ("datasets", "elements", "generations", "init_images", "media", "mesh_assets", "models")
    more = ("textures", "variations", "videos")
    return both(
        *(function(f"mockleo.wire.endpoints.{noun}.moment", lambda true: make) for noun in (*nouns, *more))
    )


def _costs(**fields: object) -> Planted:
    """Let the answer to an order tell its cost otherwise."""

    def make(true: Any) -> Any:
        def booked(call: Call, cost: int, **named: Any) -> dict[str, Any]:
            told: dict[str, Any] = true(call, cost, **named)
            for name, value in fields.items():
                told[name] = value(told[name]) if callable(value) else value
            return told

        return booked

    nouns = ("generations", "videos", "variations", "models", "elements", "textures", "realtime")
    return both(*(function(f"mockleo.wire.endpoints.{noun}.booked", make) for noun in nouns))


def _root() -> Planted:
    """Answer under another name."""

    def make(true: Any) -> Any:
        def encoded(reply: Reply) -> bytes:
            body: bytes = true(reply)
            return body.replace(b'"generations_by_pk"', b'"generation"', 1)

        return encoded

    return method(Reply, "encoded", make)


def _lora_as_text(told: Any, call: Call) -> Any:
    if told is not None and told["generation_elements"]:
        told["generation_elements"][0]["weightApplied"] = "1"
    return told


BUGS: Mapping[str, Bug] = {
    "seed-as-text": Bug(
        "a generation's seed is text", lambda: answer("getGenerationById", with_field("seed", str))
    ),
    "no-status": Bug(
        "a generation has no status", lambda: answer("getGenerationById", without_field("status"))
    ),
    "status-in-small-letters": Bug(
        "a status is written in small letters",
        lambda: answer("getGenerationById", with_field("status", str.lower)),
    ),
    "unknown-status": Bug(
        "a pending generation has a status that no contract has",
        lambda: answer(
            "getGenerationById",
            with_field("status", lambda told: "PROCESSING" if told == "PENDING" else told),
        ),
    ),
    "id-in-pieces": Bug(
        "an id has lost its hyphens",
        lambda: answer("getGenerationById", with_field("id", lambda told: told.replace("-", ""))),
    ),
    "image-without-url": Bug(
        "an image's URL is null", lambda: answer("getGenerationById", _images("url", None))
    ),
    "image-nsfw-missing": Bug(
        "an image does not say whether it is safe for work",
        lambda: answer(
            "getGenerationById",
            lambda told, call: (
                told
                and {
                    **told,
                    "generated_images": [
                        without_field("nsfw")(image, call) for image in told["generated_images"]
                    ],
                }
            ),
        ),
    ),
    "images-are-null": Bug(
        "a generation without images yet has null for them",
        lambda: answer("getGenerationById", with_field("generated_images", lambda told: told or None)),
    ),
    "likes-as-text": Bug("a count is text", lambda: answer("getGenerationById", _images("likeCount", "0"))),
    "other-root": Bug("an answer stands under another key", _root),
    "element-weight-as-text": Bug(
        "an element's weight is text", lambda: answer("listElements", with_field("weightMax", str))
    ),
    "applied-weight-as-text": Bug(
        "the weight of an applied element is text", lambda: answer("getGenerationById", _lora_as_text)
    ),
    "element-of-no-known-base": Bug(
        "an element's base model is none of the enum",
        lambda: answer("listElements", with_field("baseModel", "SDXL_9_9")),
    ),
    "time-with-a-blank": Bug(
        "a time has a blank between day and hour",
        lambda: _moments(lambda at_ms: shapes.moment(at_ms).replace("T", " ")),
    ),
    "time-as-a-number": Bug("a time is a number", lambda: _moments(lambda at_ms: at_ms)),
    "cost-as-a-number": Bug(
        "a cost's amount is a number",
        lambda: _costs(cost=lambda told: {**told, "amount": int(told["amount"])}),
    ),
    "cost-without-unit": Bug(
        "a cost has no unit", lambda: _costs(cost=lambda told: {"amount": told["amount"]})
    ),
    "credits-as-text": Bug("a cost in credits is text", lambda: _costs(apiCreditCost=str)),
    "costs-disagree": Bug(
        "the two ways to tell a cost disagree",
        lambda: _costs(cost=lambda told: {**told, "amount": str(int(told["amount"]) + 1)}),
    ),
    "variation-is-no-list": Bug(
        "a variation comes bare, not as a list of one",
        lambda: answer("getVariationById", lambda told, call: told[0] if told else None),
    ),
    "variation-of-another-kind": Bug(
        "an upscaled image says it has lost its background",
        lambda: answer("getVariationById", with_field("transformType", "NOBG")),
    ),
    "me-is-no-list": Bug("the account comes bare", lambda: answer("getUserSelf", lambda told, call: told[0])),
    "balance-as-text": Bug(
        "the balance is text", lambda: answer("getUserSelf", with_field("apiPaidTokens", str))
    ),
    "me-without-user": Bug(
        "the account does not say whose it is", lambda: answer("getUserSelf", without_field("user"))
    ),
    "dataset-without-images": Bug(
        "a dataset has no list of images", lambda: answer("getDatasetById", without_field("dataset_images"))
    ),
    "dataset-name-cut": Bug(
        "a dataset's name is cut to 3 letters",
        lambda: answer("getDatasetById", with_field("name", lambda told: told[:3])),
    ),
    "model-resolution-as-text": Bug(
        "a model's height is text", lambda: answer("getModelById", with_field("modelHeight", str))
    ),
    "model-of-another-name": Bug(
        "a trained model has another name than was asked for",
        lambda: answer("getModelById", with_field("name", lambda told: f"{told} (copy)")),
    ),
    "platform-model-nsfw-as-number": Bug(
        "a boolean is a number", lambda: answer("listPlatformModels", with_field("nsfw", int))
    ),
    "mesh-url-is-a-path": Bug(
        "a mesh's URL is a bare path",
        lambda: answer("get3DModelById", with_field("meshUrl", lambda told: "/" + told.split("/", 3)[3])),
    ),
    "texture-seed-as-text": Bug(
        "a texture's seed is text", lambda: answer("getTextureGenerationById", with_field("seed", str))
    ),
    "blueprint-total-as-text": Bug(
        "the number of blueprints is text", lambda: answer("listBlueprints", with_field("totalCount", str))
    ),
    "blueprint-without-official": Bug(
        "a blueprint does not say whether it is official",
        lambda: answer("getBlueprintById", without_field("official")),
    ),
    "execution-status-of-the-others": Bug(
        "an execution's status is a generation's",
        lambda: answer("getBlueprintExecution", with_field("status", "COMPLETE")),
    ),
    "price-as-text": Bug(
        "the calculator's price is text",
        lambda: answer("pricingCalculator", with_field("cost", str)),
    ),
    "prompt-is-empty": Bug(
        "a random prompt is missing", lambda: answer("promptRandom", without_field("prompt"))
    ),
    "realtime-picture-is-no-picture": Bug(
        "a realtime answer's picture is no data URL",
        lambda: answer("createLCMGeneration", with_field("imageDataUrl", ["nothing"])),
    ),
    "delete-says-nothing": Bug(
        "a delete does not say what it has deleted",
        lambda: answers(_EVERY_DELETE, lambda told, call: told and {}),
    ),
    "job-without-its-id": Bug(
        "an accepted order has no id", lambda: answer("createGeneration", without_field("generationId"))
    ),
    "training-job-id-as-text": Bug(
        "a new element's number is text", lambda: answer("createElement", with_field("userLoraId", str))
    ),
    "canvas-mask-missing": Bug(
        "the form for a canvas's mask is missing",
        lambda: answer("uploadCanvasInitImage", without_field("masksFields")),
    ),
    "upload-fields-are-an-object": Bug(
        "a form's fields are an object, not JSON text",
        lambda: answer("uploadInitImage", with_field("fields", lambda told: {"key": told})),
    ),
    "prompt-told-back-otherwise": Bug(
        "a generation tells another prompt back",
        lambda: answer("getGenerationById", with_field("prompt", str.upper)),
    ),
    "sides-swapped": Bug(
        "width and height are told the wrong way round",
        lambda: answer(
            "getGenerationById",
            lambda told, call: (
                told and {**told, "imageWidth": told["imageHeight"], "imageHeight": told["imageWidth"]}
            ),
        ),
    ),
    "other-seed-told": Bug(
        "a generation tells another seed than was asked for",
        lambda: answer("getGenerationById", with_field("seed", lambda told: told ^ 1)),
    ),
    "private-is-public": Bug(
        "a private generation says it is public",
        lambda: answer("getGenerationById", with_field("public", True)),
    ),
    "model-told-otherwise": Bug(
        "a generation names another model than was asked for",
        lambda: answer(
            "getGenerationById",
            lambda told, call: told and {**told, "modelId": "6bef9f1b-29cb-40c7-b9df-32b51c1f67d3"},
        ),
    ),
}
