"""Answers of the real service, as they were recorded, and ours beside them.

The tables stand here so that the tests prove something wherever they run; where the recordings
themselves are at hand, the tables are held against them.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from tests.contracts.documents import reference

from .leo import LONG_MS, STRANGER, Json, Leo

PHOENIX = "de7d3faf-762f-48e0-b3b7-9d0ac3a3fcf3"
NOT_FOR_THE_API = "740848f7-3240-481a-b251-625f92ecb7ec"
PUPPY = "A Great Dane/Pit Bull puppy looking cute and happy."


class Recorded(NamedTuple):
    """A refusal: `provoke` asks for it; `settings` are what the emulator is told for it.

    The recording states a status where `stated`; the others are of the fact sheet.
    """

    status: int
    error: str
    code: str
    provoke: Callable[[Leo], httpx.Response]
    path: str = "$"
    stated: bool = False
    settings: Mapping[str, Any] = {}


def order(**variables: Any) -> Callable[[Leo], httpx.Response]:
    return posted("/generations", prompt="a lighthouse", **variables)


def posted(path: str, **variables: Any) -> Callable[[Leo], httpx.Response]:
    return lambda leo: leo.ask("POST", path, json=variables)


def with_authorization(*header: str) -> Callable[[Leo], httpx.Response]:
    headers = [("authorization", text) for text in header]
    return lambda leo: leo.send("GET", "/api/rest/v1/me", headers=headers)


STRICT = {"keys": "strict"}

REFUSALS: Mapping[str, Recorded] = {
    "docs.authentication-hook": Recorded(
        401,
        "Authentication hook unauthorized this request",
        "access-denied",
        with_authorization(),
    ),
    "docs.couldnt-access-image": Recorded(
        400,
        "couldn't access image",
        "unexpected",
        lambda leo: leo.ask("POST", "/variations/nobg", json={"id": leo.uploaded()}),
    ),
    "docs.expected-boolean": Recorded(
        400,
        "expected a boolean for type 'Boolean', but found a string",
        "validation-failed",
        order(photoReal="true"),
        path="$.selectionSet.sdGenerationJob.args.arg1.photoReal",
    ),
    "docs.failed-to-find-init-variation": Recorded(
        400,
        "failed to find init variation",
        "unexpected",
        lambda leo: leo.ask("POST", "/variations/unzoom", json={"id": leo.image(), "isVariation": True}),
    ),
    "docs.improve-prompt-too-long": Recorded(
        400,
        "Prompt is too long, please keep it under 200 characters",
        "unexpected",
        posted("/prompt/improve", prompt="x" * 201),
    ),
    "docs.invalid-authorization-hook": Recorded(
        500,
        "Invalid response from authorization hook",
        "unexpected",
        with_authorization("Bearer my-key"),
        settings=STRICT,
    ),
    "docs.invalid-dimensions": Recorded(400, "invalid dimensions", "unexpected", order(width=1000, height=1)),
    "docs.invalid-file-extension": Recorded(
        400, "invalid file extension", "unexpected", posted("/init-image", extension="gif")
    ),
    "docs.invalid-init-image-id": Recorded(
        400,
        "invalid init image id",
        "unexpected",
        lambda leo: order(init_image_id=leo.image())(leo),
    ),
    "docs.missing-prompt": Recorded(
        400,
        'expecting a value for non-nullable variable: "prompt"',
        "validation-failed",
        posted("/generations", width=512),
    ),
    "docs.model-not-in-production-api": Recorded(
        400,
        "<MODEL_ID> is not supported within the Production API. Please try again with a different model ID.",
        "unexpected",
        order(modelId=NOT_FOR_THE_API),
    ),
    "docs.moderation-filter-nsfw-page": Recorded(
        400,
        "content moderation filter: nude",
        "unexpected",
        posted("/generations", prompt="A nude statue"),
        stated=True,
    ),
    "docs.moderation-filter": Recorded(
        403,
        "content moderation filter: naked",
        "unexpected",
        posted("/generations", prompt="The Naked Gun"),
        stated=True,
        settings={"refusals": {"word-filtered.status": 403}},
    ),
    "docs.moderation-tos": Recorded(
        403,
        "Your prompt appears to contain inappropriate content, please be mindful of our Terms of Service."
        " You may modify your prompt and try again.",
        "unexpected",
        posted("/generations", prompt="something against the terms"),
        stated=True,
    ),
    "docs.prompt-too-long": Recorded(
        400,
        "Invalid prompt, maximum length of 1500 characters exceeded.",
        "unexpected",
        posted("/generations", prompt="x" * 1501),
    ),
    "docs.service-error": Recorded(
        500,
        "Service Error",
        "unexpected",
        lambda leo: leo.ask("POST", "/generations-motion-svd", json={"imageId": leo.order()}),
    ),
    "docs.unexpected-variable": Recorded(
        400, "Unexpected variable sd_Version", "bad-request", order(sd_Version="v2")
    ),
    "recorded.internal-error": Recorded(500, "internal error", "unexpected", order(modelId="LEONARDO")),
    "recorded.phoenix-sd-version": Recorded(
        400,
        "Phoenix request requires sd_version to be PHOENIX.",
        "unexpected",
        order(modelId=PHOENIX, sd_version="SDXL_LIGHTNING"),
    ),
    "reported.model-lookup-error": Recorded(
        400, "model lookup error", "unexpected", order(modelId=STRANGER), stated=True
    ),
    "reported.unauthorized-401": Recorded(
        401,
        "Authentication hook unauthorized this request",
        "access-denied",
        with_authorization(f"Bearer {STRANGER}"),
        stated=True,
        settings=STRICT,
    ),
}

# What a recorded answer has, by the path of each value: null where nothing else was seen.
ANSWERS: Mapping[str, Mapping[str, str]] = {
    "elements.GET.200": {
        "loras": "array",
        "loras[].akUUID": "string",
        "loras[].name": "string",
        "loras[].description": "string",
        "loras[].urlImage": "string",
        "loras[].baseModel": "string",
        "loras[].weightDefault": "number",
        "loras[].weightMin": "number",
        "loras[].weightMax": "number",
        "loras[].creatorName": "string",
    },
    "generations.POST.200.2023": {
        "sdGenerationJob": "object",
        "sdGenerationJob.generationId": "string",
        "sdGenerationJob.apiCreditCost": "number",
    },
    "generations.id.GET.200.complete.2023": {
        "generations_by_pk": "object",
        "generations_by_pk.generated_images": "array",
        "generations_by_pk.generated_images[].url": "string",
        "generations_by_pk.generated_images[].nsfw": "boolean",
        "generations_by_pk.generated_images[].id": "string",
        "generations_by_pk.generated_images[].likeCount": "number",
        "generations_by_pk.generated_images[].generated_image_variation_generics": "array",
        "generations_by_pk.modelId": "string",
        "generations_by_pk.prompt": "string",
        "generations_by_pk.negativePrompt": "string",
        "generations_by_pk.imageHeight": "number",
        "generations_by_pk.imageWidth": "number",
        "generations_by_pk.inferenceSteps": "number",
        "generations_by_pk.seed": "number",
        "generations_by_pk.public": "boolean",
        "generations_by_pk.scheduler": "string",
        "generations_by_pk.sdVersion": "string",
        "generations_by_pk.status": "string",
        "generations_by_pk.presetStyle": "null",
        "generations_by_pk.initStrength": "null",
        "generations_by_pk.guidanceScale": "number",
        "generations_by_pk.id": "string",
        "generations_by_pk.createdAt": "string",
        "generations_by_pk.promptMagic": "boolean",
        "generations_by_pk.promptMagicVersion": "null",
        "generations_by_pk.promptMagicStrength": "null",
        "generations_by_pk.photoReal": "boolean",
        "generations_by_pk.photoRealStrength": "null",
        "generations_by_pk.generation_elements": "array",
    },
    "init-image.POST.200.docs-shape": {
        "uploadInitImage": "object",
        "uploadInitImage.id": "string",
        "uploadInitImage.fields": "string",
        "uploadInitImage.key": "string",
        "uploadInitImage.url": "string",
    },
    "me.GET.200.docs": {
        "user_details": "array",
        "user_details[].user": "object",
        "user_details[].user.id": "string",
        "user_details[].user.username": "string",
        "user_details[].tokenRenewalDate": "null",
        "user_details[].paidTokens": "number",
        "user_details[].subscriptionTokens": "number",
        "user_details[].subscriptionGptTokens": "number",
        "user_details[].subscriptionModelTokens": "number",
        "user_details[].apiConcurrencySlots": "number",
        "user_details[].apiPaidTokens": "number",
        "user_details[].apiSubscriptionTokens": "number",
        "user_details[].apiPlanTokenRenewalDate": "null",
    },
    "platformModels.GET.200": {
        "custom_models": "array",
        "custom_models[].id": "string",
        "custom_models[].name": "string",
        "custom_models[].description": "string",
        "custom_models[].nsfw": "boolean",
        "custom_models[].featured": "boolean",
        "custom_models[].generated_image": "object",
        "custom_models[].generated_image.id": "string",
        "custom_models[].generated_image.url": "string",
    },
    "prompt.improve.POST.200.docs": {
        "promptGeneration": "object",
        "promptGeneration.prompt": "string",
        "promptGeneration.apiCreditCost": "number",
    },
    "prompt.random.POST.200.docs": {
        "promptGeneration": "object",
        "promptGeneration.prompt": "string",
        "promptGeneration.apiCreditCost": "number",
    },
}


def order_puppies(leo: Leo) -> httpx.Response:
    """The order behind the recorded generation; without alchemy, which was not on by itself then."""
    wanted = {
        "prompt": PUPPY,
        "modelId": "6bef9f1b-29cb-40c7-b9df-32b51c1f67d3",
        "width": 512,
        "height": 512,
        "num_images": 4,
        "num_inference_steps": 30,
        "guidance_scale": 10,
        "seed": 276687360,
        "alchemy": False,
    }
    return leo.ask("POST", "/generations", json=wanted)


def puppies(leo: Leo) -> httpx.Response:
    generation_id = order_puppies(leo).json()["sdGenerationJob"]["generationId"]
    leo.advance(LONG_MS)
    return leo.ask("GET", f"/generations/{generation_id}")


OURS: Mapping[str, Callable[[Leo], httpx.Response]] = {
    "elements.GET.200": lambda leo: leo.ask("GET", "/elements"),
    "generations.POST.200.2023": order_puppies,
    "generations.id.GET.200.complete.2023": puppies,
    "init-image.POST.200.docs-shape": posted("/init-image", extension="jpg"),
    "me.GET.200.docs": lambda leo: leo.ask("GET", "/me"),
    "platformModels.GET.200": lambda leo: leo.ask("GET", "/platformModels"),
    "prompt.improve.POST.200.docs": posted("/prompt/improve", prompt="a sea"),
    "prompt.random.POST.200.docs": lambda leo: leo.ask("POST", "/prompt/random"),
}

# Recordings of what is not this API: the next version's, the web app's, and webhooks.
ELSEWHERE = ("v2.", "web-graphql.", "webhook.")


@pytest.mark.parametrize("name", REFUSALS)
def test_a_recorded_refusal_is_provoked(name: str) -> None:
    recorded = REFUSALS[name]
    leo = Leo(**recorded.settings)

    answer = recorded.provoke(leo)

    error = recorded.error.replace("<MODEL_ID>", NOT_FOR_THE_API)
    body = {"error": error, "path": recorded.path, "code": recorded.code}
    assert answer.status_code == recorded.status
    assert answer.content == json.dumps(body, separators=(",", ":")).encode()
    assert answer.headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_of_the_table_is_as_recorded(name: str) -> None:
    recorded = REFUSALS[name]
    found = read(reference(f"recordings/errors/{name}.json"))
    assert found["body"] == {"error": recorded.error, "path": recorded.path, "code": recorded.code}
    assert found["status"] == (recorded.status if recorded.stated else None)


def test_no_recorded_refusal_is_left_out() -> None:
    assert {file.stem for file in reference("recordings/errors").glob("*.json")} == set(REFUSALS)


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_has_what_was_recorded(name: str) -> None:
    ours = kinds(OURS[name](Leo()).json())
    for path, kind in ANSWERS[name].items():
        assert ours.get(path, set()) - {"null"} == {kind} - {"null"}, path


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_of_the_table_is_as_recorded(name: str) -> None:
    found = kinds(read(reference(f"recordings/{name}.json")))
    assert {path: seen - {"null"} or {"null"} for path, seen in found.items()} == {
        path: {kind} for path, kind in ANSWERS[name].items()
    }


def test_no_recorded_answer_is_left_out() -> None:
    found = {file.stem for file in reference("recordings").glob("*.json")}
    assert {name for name in found if not name.startswith(ELSEWHERE)} == set(ANSWERS)


def test_a_generation_tells_back_what_was_recorded() -> None:
    recorded = read(reference("recordings/generations.id.GET.200.complete.2023.json"))["generations_by_pk"]
    ours = puppies(Leo()).json()["generations_by_pk"]
    # These are drawn, or the owner's.
    drawn = {"generated_images", "id", "createdAt"}
    assert {key: ours[key] for key in recorded.keys() - drawn} == {
        key: recorded[key] for key in recorded.keys() - drawn
    }
    assert [Path(image["url"]).name for image in ours["generated_images"]] == [
        Path(image["url"]).name for image in recorded["generated_images"]
    ]


def test_pictures_are_named_as_recorded() -> None:
    ours = puppies(Leo()).json()["generations_by_pk"]
    assert [Path(image["url"]).name for image in ours["generated_images"]] == [
        f"Leonardo_Creative_A_Great_DanePit_Bull_puppy_looking_cute_and_{n}.jpg" for n in range(4)
    ]


@cache
def read(path: Path) -> Json:
    return json.loads(path.read_text("utf-8"))


def kinds(body: Json) -> dict[str, set[str]]:
    """Every JSON type that was seen at each path of `body`."""
    seen: dict[str, set[str]] = {}
    for path, kind in _kinds(body, ""):
        if path:
            seen.setdefault(path, set()).add(kind)
    return seen


def _kinds(value: Json, path: str) -> Iterator[tuple[str, str]]:
    yield path, kind_of(value)
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _kinds(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, dict):
                for key, inner in item.items():
                    yield from _kinds(inner, f"{path}[].{key}")


def kind_of(value: Json) -> str:
    """The JSON type of a value."""
    names = {bool: "boolean", int: "number", float: "number", str: "string", list: "array", dict: "object"}
    return "null" if value is None else names[type(value)]
