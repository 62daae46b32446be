"""What was asked and is told back otherwise, or not at all; and times that cannot be."""

from collections.abc import Mapping
from typing import Any

from mockleo.wire.call import Call
from tests.conformance.bugs.planting import Bug, Planted, answer, answers, function, with_field, without_field

_GET, _LIST = "getGenerationById", "getGenerationsByUserId"
_YEAR = 4


def _told(**fields: object) -> Planted:
    """Tell other fields of a generation, alone and in lists; a function is given what stands there."""

    def change(told: Any, call: Call) -> Any:
        for row in told if isinstance(told, list) else [told] if told is not None else []:
            for name, value in fields.items():
                row[name] = value(row.get(name)) if callable(value) else value
        return told

    return answers((_GET, _LIST), change)


def _same_image_twice(told: Any, call: Call) -> Any:
    if told is not None and len(told["generated_images"]) > 1:
        told["generated_images"][1] = told["generated_images"][0]
    return told


def _urls_swapped(told: Any, call: Call) -> Any:
    if told is not None and len(told["generated_images"]) > 1:
        first, second = told["generated_images"][:2]
        first["url"], second["url"] = second["url"], first["url"]
    return told


def _years_ahead(told: str) -> str:
    return f"{int(told[:_YEAR]) + 5}{told[_YEAR:]}"


def _no_images_of_dataset(told: Any, call: Call) -> Any:
    for image in told["dataset_images"] if told is not None else ():
        image["url"] = None
    return told


def _cut_prompt(told: Any, call: Call) -> Any:
    return {**told, "prompt": told["prompt"][:0]}


BUGS: Mapping[str, Bug] = {
    "negative-prompt-lost": Bug("the negative prompt is not told back", lambda: _told(negativePrompt="")),
    "steps-told-otherwise": Bug("another number of steps is told back", lambda: _told(inferenceSteps=3)),
    "guidance-told-otherwise": Bug("another guidance is told back", lambda: _told(guidanceScale=19)),
    "preset-lost": Bug("the preset style is not told back", lambda: _told(presetStyle=None)),
    "scheduler-told-otherwise": Bug("another scheduler is told back", lambda: _told(scheduler="DPM_SOLVER")),
    "elements-lost": Bug("the elements are not told back", lambda: _told(generation_elements=[])),
    "photo-real-lost": Bug("PhotoReal is told where nobody asked", lambda: _told(photoReal=True)),
    "init-strength-lost": Bug("the strength is not told back", lambda: _told(initStrength=None)),
    "not-moving": Bug("a video says that it does not move", lambda: _told(motion=None)),
    "moderation-lost": Bug(
        "nothing is said of moderation", lambda: answer(_GET, without_field("prompt_moderations"))
    ),
    "fields-too-many": Bug("a generation tells more than it should", lambda: _told(apiKey="secret")),
    "same-image-twice": Bug("one image is there twice", lambda: answer(_GET, _same_image_twice)),
    "urls-swapped": Bug("two images have each other's URL", lambda: answer(_GET, _urls_swapped)),
    "born-in-the-future": Bug("a generation is made years from now", lambda: _told(createdAt=_years_ahead)),
    "born-in-1970": Bug("a generation is as old as time", lambda: _told(createdAt="1970-01-01T00:00:00.000")),
    "changed-before-made": Bug(
        "a model was changed before it was made",
        lambda: answer("getModelById", with_field("updatedAt", "2001-01-01T00:00:00.000")),
    ),
    "dataset-images-without-url": Bug(
        "a dataset's images have no URL", lambda: answer("getDatasetById", _no_images_of_dataset)
    ),
    "element-focus-lost": Bug(
        "an element is of another focus", lambda: answer("getElementById", with_field("focus", "Character"))
    ),
    "element-rate-otherwise": Bug(
        "an element was trained at another rate",
        lambda: answer("getElementById", with_field("learningRate", 0.5)),
    ),
    "texture-prompt-lost": Bug(
        "a texture's prompt is not told back",
        lambda: answer("getTextureGenerationById", with_field("prompt", "")),
    ),
    "mesh-name-lost": Bug(
        "a mesh has another name", lambda: answer("get3DModelById", with_field("name", "mesh"))
    ),
    "request-time-not-echoed": Bug(
        "a realtime answer tells another time of the request",
        lambda: answer("createLCMGeneration", with_field("requestTimestamp", "2001-01-01")),
    ),
    "improved-to-nothing": Bug("an improved prompt is empty", lambda: answer("promptImprove", _cut_prompt)),
    "dollars-wrong": Bug(
        "an amount in dollars is always the same",
        lambda: function("mockleo.core.pricing.dollars", lambda true: lambda rules, cost: "0.01"),
    ),
    "video-upscale-of-another-size": Bug(
        "an enlarged video has another resolution",
        lambda: answer("getMotionVariationById", with_field("resolution", "RESOLUTION_480")),
    ),
    "execution-inputs-lost": Bug(
        "an execution does not tell its inputs",
        lambda: answer("getBlueprintExecution", without_field("inputs")),
    ),
}
