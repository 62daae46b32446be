"""What is ordered, and what can be expected of it. Plain data: nothing is sent here."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from mockleo import contracts
from mockleo.conformance.lifecycle import files
from mockleo.conformance.lifecycle.known import (
    ELEMENT,
    GENERATION,
    MODEL,
    MOTION_VARIATION,
    TEXTURE,
    VARIATION,
    Noun,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One order of a job.

    `id_at` is the key of the id in its answer, `asked` how many results it brings, `base_ms` how
    long such a job takes. Orders of one `shape` have one price; `service` is the same order as
    the pricing calculator takes it; `price` what is published for it, None where nothing is.
    `hopeless` is one that names a file that never came, `elements` are the platform's that it names.
    """

    operation: str
    body: Mapping[str, Any]
    noun: Noun = GENERATION
    id_at: str = "generationId"
    lane: str = "image"
    asked: int = 1
    base_ms: int
    told_back: Mapping[str, Any] = {}
    shape: tuple[object, ...] = ()
    service: Mapping[str, Any] | None = None
    price: int | None = None
    hopeless: bool = False
    size: tuple[int, int] | None = None
    elements: tuple[str, ...] = ()
    parent: str = ""


# Models by family, of those whose prices the calculator knows: (id, its flag there).
MODELS: Mapping[str, tuple[str, str | None]] = {
    "lightning": ("b24e16ff-06e3-43eb-8d33-4416c2d75876", "isSDXLLightning"),
    "phoenix": ("de7d3faf-762f-48e0-b3b7-9d0ac3a3fcf3", "isPhoenix"),
    "sdxl": ("1e60896f-3c26-4296-8ecc-53e2afecc132", "isSDXL"),
    "flux": ("b2614463-296c-462a-9586-aafdb8f00e36", "isFluxDev"),
    "sd15": ("ac614f96-1082-45bf-be9d-757f2d31c174", None),
}
# An element of the platform's, for the model "sd15". Source: contracts/catalogue.
ONE_ELEMENT = {"akUUID": "01b6184e-3905-4dc7-9ec6-4f09982536d5", "weight": 1}
SIDES = (256, 512, 768)
# Of a field in an order of images, the field in which it is told back. Source: recordings.
_TOLD = {
    "guidance_scale": "guidanceScale",
    "init_strength": "initStrength",
    "presetStyle": "presetStyle",
    "scheduler": "scheduler",
}
VIDEO_MODELS = ("MOTION2", "MOTION2FAST")
RESOLUTIONS = ("RESOLUTION_480", "RESOLUTION_720")
MADE_OF_IMAGES = ("upscale", "unzoom", "nobg", "universal")
REALTIME = ("createLCMGeneration", "performInstantRefine", "performInpaintingLCM")
KEEPS_ITS_PICTURE = "performAlchemyUpscaleLCM"


# Read once: they are looked up for every order.
_rules = lru_cache(contracts.rules)


def published(service: str) -> int:
    """Credits for work that has one price."""
    price: int = _rules()["pricing"]["services"]["values"][service]
    return price


def slowest_ms(kind: str) -> int:
    """The longest base duration of a kind of job, with its spread."""
    row = _rules()["durations"][kind]
    base = row["value"] if "value" in row else max(row["values"].values())
    return int(base * (100 + _rules()["durations"]["spread"]["value"]) / 100) + 1


def image(
    *,
    prompt: str,
    width: int = 512,
    height: int = 512,
    count: int = 1,
    model: str = "lightning",
    seed: int | None = None,
    negative: str = "",
    public: bool = False,
    alchemy: bool = False,
    steps: int = 15,
    extra: Mapping[str, Any] | None = None,
    hopeless: bool = False,
) -> Order:
    """Images, with everything told that has a say in the price."""
    given = extra or {}
    body: dict[str, Any] = {
        "prompt": prompt,
        "width": width,
        "height": height,
        "num_images": count,
        "modelId": MODELS[model][0],
        "public": public,
        "alchemy": alchemy,
        "num_inference_steps": steps,
        **given,
    }
    if model == "phoenix":
        body["contrast"] = 3.5
    if seed is not None:
        body["seed"] = seed
    if negative:
        body["negative_prompt"] = negative
    told = {"prompt": prompt, "imageWidth": width, "imageHeight": height, "modelId": body["modelId"]}
    told |= {"public": public, "inferenceSteps": steps, "negativePrompt": negative, "photoReal": False}
    told |= {_TOLD[name]: value for name, value in given.items() if name in _TOLD}
    return Order(
        operation="createGeneration",
        body=body,
        asked=count,
        base_ms=slowest_ms("image_by_family"),
        told_back=told | ({"seed": seed} if seed is not None else {}),
        shape=(model, width, height, count, alchemy, steps, *sorted(given)),
        service=_calculated(body, model),
        size=(width, height),
        elements=tuple(one["akUUID"] for one in given.get("elements", ())),
        hopeless=hopeless,
    )


def _calculated(body: Mapping[str, Any], model: str) -> Mapping[str, Any] | None:
    """An order of images as the pricing calculator takes it; None where it does not."""
    # The calculator takes no longer sides, though orders may have them.
    too_long = max(body["width"], body["height"]) > _rules()["pricing"]["imageWidth"]["max"]
    model_id, flag = MODELS[model]
    # Whoever names a model of his own, or an element, is priced by more than this.
    if too_long or body["modelId"] != model_id or {"userElements", "elements"} & body.keys():
        return None
    service = {
        "imageWidth": body["width"],
        "imageHeight": body["height"],
        "numImages": body["num_images"],
        "inferenceSteps": body["num_inference_steps"],
        "alchemyMode": body["alchemy"],
        "highResolution": False,
    }
    return {"IMAGE_GENERATION": service | ({flag: True} if flag else {})}


def plain(prompt: str, *, alchemy: bool = True) -> Order:
    """Images of which nothing is said but what they show: the rest is by default."""
    rules = _rules()["generation"]
    width, height = rules["width"]["default"], rules["height"]["default"]
    told = {"imageWidth": width, "imageHeight": height, "modelId": rules["modelId"]["default"]}
    told["inferenceSteps"] = rules["num_inference_steps"]["default"]
    if not alchemy:
        told["guidanceScale"] = rules["guidance_scale"]["default"]
    return Order(
        operation="createGeneration",
        # Alchemy is on unless somebody says otherwise.
        body={"prompt": prompt, **({} if alchemy else {"alchemy": False})},
        asked=rules["num_images"]["default"],
        base_ms=slowest_ms("image_by_family"),
        told_back={"prompt": prompt, **told},
        shape=("plain", alchemy),
        size=(width, height),
    )


def video(
    *,
    prompt: str,
    model: str,
    resolution: str,
    seed: int | None = None,
    image_id: str = "",
    uploaded: bool = False,
) -> Order:
    """A clip from a text, or from an image."""
    body: dict[str, Any] = {"prompt": prompt, "model": model, "resolution": resolution, "isPublic": False}
    if seed is not None:
        body["seed"] = seed
    if image_id:
        body |= {"imageId": image_id, "imageType": "UPLOADED" if uploaded else "GENERATED"}
    moving = {"motion": True, "imageToVideo": bool(image_id)}
    return Order(
        operation="createImageToVideoGeneration" if image_id else "createTextToVideoGeneration",
        body=body,
        lane="video",
        base_ms=slowest_ms("video"),
        told_back={"prompt": prompt, **moving, **({"seed": seed} if seed is not None else {})},
        shape=(model, resolution),
        service={"MOTION_VIDEO_GENERATION": {"resolution": resolution}} if model == "MOTION2" else None,
    )


def motion(*, image_id: str, uploaded: bool, variation: bool = False) -> Order:
    """A clip by the older model."""
    body = {"imageId": image_id, "isInitImage": uploaded, "isVariation": variation, "motionStrength": 3}
    return Order(
        operation="createSVDMotionGeneration",
        body=body,
        lane="video",
        base_ms=slowest_ms("video"),
        service={"MOTION_SVD_GENERATION": {}},
        price=published("motion_svd"),
    )


def variation(*, how: str, image_id: str, size: tuple[int, int] | None, of_variation: bool = False) -> Order:
    """Something made of an image: one of `MADE_OF_IMAGES`."""
    operations = {
        "upscale": "createVariationUpscale",
        "unzoom": "createVariationUnzoom",
        "nobg": "createVariationNoBG",
        "universal": "CreateUniversalUpscalerJob",
    }
    if how == "universal":
        which = "variationId" if of_variation else "generatedImageId"
        body: dict[str, Any] = {which: image_id, "upscaleMultiplier": 1.5}
    else:
        body = {"id": image_id, **({"isVariation": of_variation} if how != "upscale" else {})}
    priced = how == "universal" and size is not None and not of_variation
    return Order(
        operation=operations[how],
        body=body,
        noun=VARIATION,
        id_at="id",
        lane="upscale",
        base_ms=slowest_ms("variation"),
        told_back={"transformType": how.upper()} if how != "universal" else {},
        # The universal upscaler is paid by what comes out.
        shape=(how, image_id if of_variation or size is None else size) if how == "universal" else (how,),
        service={
            "UNIVERSAL_UPSCALER_ULTRA": {
                "upscaleMultiplier": 1.5,
                "inputWidth": size[0],
                "inputHeight": size[1],
            }
        }
        if priced and size is not None
        else None,
        price=published(how) if how != "universal" else None,
        parent=image_id if not of_variation else "",
    )


def larger_video(*, generation_id: str) -> Order:
    return Order(
        operation="createVideoUpscale",
        body={"sourceGenerationId": generation_id, "resolution": "RESOLUTION_720"},
        noun=MOTION_VARIATION,
        id_at="variationId",
        lane="video",
        base_ms=slowest_ms("video"),
        told_back={"resolution": "RESOLUTION_720"},
    )


def texture(*, mesh_id: str, prompt: str, preview: bool, seed: int) -> Order:
    return Order(
        operation="createTextureGeneration",
        body={"modelAssetId": mesh_id, "prompt": prompt, "preview": preview, "seed": seed},
        noun=TEXTURE,
        id_at="id",
        lane="three_d",
        asked=len(_rules()["texture"]["maps"]["values"]["kinds"]),
        base_ms=slowest_ms("texture"),
        told_back={"prompt": prompt, "seed": seed},
        shape=(preview,),
        service={"TEXTURE_GENERATION": {"preview": preview}},
        price=published("texture_preview" if preview else "texture"),
    )


def model_training(*, name: str, dataset_id: str, resolution: int) -> Order:
    return Order(
        operation="createModel",
        body={"name": name, "datasetId": dataset_id, "instance_prompt": "a thing", "resolution": resolution},
        noun=MODEL,
        id_at="customModelId",
        lane="training",
        base_ms=slowest_ms("training"),
        told_back={"name": name, "instancePrompt": "a thing", "modelWidth": resolution},
        shape=(resolution,),
        service={"MODEL_TRAINING": {"resolution": resolution, "datasetImageCount": 1}},
        price=_rules()["pricing"]["training"]["values"][str(resolution)],
    )


def element_training(*, name: str, dataset_id: str) -> Order:
    body = {
        "name": name,
        "datasetId": dataset_id,
        "instance_prompt": "a thing",
        "lora_focus": "Style",
        "train_text_encoder": True,
        "sd_version": "SDXL_1_0",
        "num_train_epochs": 100,
        "learning_rate": 1e-6,
    }
    return Order(
        operation="createElement",
        body=body,
        noun=ELEMENT,
        id_at="userLoraId",
        lane="training",
        base_ms=slowest_ms("training"),
        told_back={"name": name, "focus": "Style", "instancePrompt": "a thing", "trainingEpoch": 100},
    )


def realtime(*, operation: str, prompt: str, side: int, seed: int) -> Mapping[str, Any]:
    """The body of an order that is answered with its picture."""
    body = {"imageDataUrl": files.DATA_URL, "prompt": prompt, "width": side, "height": side, "seed": seed}
    body["requestTimestamp"] = f"2026-01-02T03:04:05.{seed:03d}Z"
    if operation == "performInpaintingLCM":
        body["maskDataUrl"] = files.DATA_URL
    return body


_NOBODY = "00000000-0000-4000-8000-00000000dead"

# What breaks a rule, by name: the operation, and what in its body does. Sources: the rows of
# contracts/rules.toml and errors.toml that are named.
WRONG: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "a side that is no multiple of 8 (generation.width)": ("createGeneration", {"prompt": "x", "width": 513}),
    "nine images (generation.num_images)": (
        "createGeneration", {"prompt": "x", "num_images": 9, "width": 512, "height": 512},
    ),
    "a prompt of 1,501 characters (generation.prompt)": ("createGeneration", {"prompt": "x" * 1_501}),
    "a word that moderation filters (moderation.words)": ("createGeneration", {"prompt": "a nude"}),
    "an unknown init image (invalid-init-image)": (
        "createGeneration", {"prompt": "x", "init_image_id": _NOBODY, "init_strength": 0.5},
    ),
    "an unknown generated image (invalid-init-image)": (
        "createGeneration", {"prompt": "x", "init_generation_image_id": _NOBODY, "init_strength": 0.5},
    ),
    "an unknown model (model-not-found)": ("createGeneration", {"prompt": "x", "modelId": _NOBODY}),
    "a side of 1,544 px (generation.width)": (
        "createGeneration", {"prompt": "x", "width": 1_544, "num_images": 1, "alchemy": False},
    ),
    "a side of 24 px (generation.width)": ("createGeneration", {"prompt": "x", "width": 24}),
    "ultra together with alchemy (generation.ultra)": (
        "createGeneration", {"prompt": "x", "ultra": True, "alchemy": True},
    ),
    "PhotoReal without alchemy (generation.photoReal)": (
        "createGeneration", {"prompt": "x", "photoReal": True, "alchemy": False},
    ),
    "a number as text (wrong-type)": ("createGeneration", {"prompt": "x", "width": "512"}),
    "an unknown field of an element (wrong-type)": (
        "createGeneration", {"prompt": "x", "elements": [{**ONE_ELEMENT, "nothing": 1}]},
    ),
    "an unknown variable (unexpected-variable)": ("createGeneration", {"prompt": "x", "nothing": 1}),
    "an empty prompt (generation.prompt)": ("createGeneration", {"prompt": ""}),
    "no prompt (missing-variable)": ("createGeneration", {"num_images": 1}),
    "an unknown image to enlarge (cannot-access-image)": ("createVariationUpscale", {"id": _NOBODY}),
    "an unknown image to be moved (init-variation-not-found)": (
        "createSVDMotionGeneration", {"imageId": _NOBODY},
    ),
    "an unknown dataset (invalid-value)": (
        "createModel", {"name": "x", "datasetId": _NOBODY, "instance_prompt": "x"},
    ),
    "an unknown mesh (invalid-value)": ("createTextureGeneration", {"modelAssetId": _NOBODY, "prompt": "x"}),
    "no data URL (lcm.data_url)": (
        "createLCMGeneration", {"imageDataUrl": "https://example.com/a.png", "prompt": "x"},
    ),
    "no such resolution for a clip (wrong-type)": (
        "createTextToVideoGeneration", {"prompt": "x", "resolution": "RESOLUTION_12"},
    ),
}  # fmt: skip
