"""What something would cost. The same function prices the jobs themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockleo.core import pricing
from mockleo.core.errors import InvalidValue
from mockleo.core.training import training_price

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockleo.core.rules import Rules
    from mockleo.wire.call import Call, Reply


def calculate(call: Call) -> Reply:
    service = call.args.get("service")
    if service is None:
        raise InvalidValue(field="service")
    params = call.args.get("serviceParams", {}).get(service)
    if params is None:
        raise InvalidValue(field="serviceParams")
    return call.reply({"cost": SERVICES[service](call.world.rules, params)})


def _images(rules: Rules, params: Mapping[str, Any]) -> int:
    for field in ("imageWidth", "imageHeight", "numImages", "inferenceSteps", "loraCount", "controlnetsCost"):
        rules.check(f"pricing.{field}", field=field, given=params.get(field))
    return pricing.images(
        rules,
        pricing.ImageWork(
            family=_family(params),
            width=_needed(params, "imageWidth"),
            height=_needed(params, "imageHeight"),
            num_images=_needed(params, "numImages"),
            steps=_needed(params, "inferenceSteps"),
            alchemy=bool(params.get("alchemyMode")),
            ultra=bool(params.get("isUltra")),
            photo_real=(params.get("photoRealVersion") or "v1") if params.get("photoRealMode") else None,
            prompt_magic=(params.get("promptMagicVersion") or "v2") if params.get("promptMagic") else None,
            loras=params.get("loraCount") or 0,
            controlnets_cost=params.get("controlnetsCost") or 0,
        ),
    )


# Which flag stands for which family of models; the first that is set counts.
_FAMILIES = (
    ("isSDXLLightning", "lightning"),
    ("isPhoenix", "phoenix"),
    ("isFluxSchnell", "flux_schnell"),
    ("isFluxDev", "flux"),
    ("isFluxKontext", "kontext"),
    ("isSDXL", "sdxl"),
)


def _family(params: Mapping[str, Any]) -> str:
    return next((family for flag, family in _FAMILIES if params.get(flag)), "sd15")


def _avatar(rules: Rules, params: Mapping[str, Any]) -> int:
    for field in ("imageWidth", "imageHeight", "numImages"):
        rules.check(f"pricing.{field}", field=field, given=params.get(field))
    return pricing.images(
        rules,
        pricing.ImageWork(
            family="sd15",
            width=_needed(params, "imageWidth"),
            height=_needed(params, "imageHeight"),
            num_images=_needed(params, "numImages"),
            steps=rules.default("generation.num_inference_steps"),
            fantasy_avatar=True,
        ),
    )


def _motion_svd(rules: Rules, params: Mapping[str, Any]) -> int:
    return pricing.service(rules, "motion_svd")


def _motion_video(rules: Rules, params: Mapping[str, Any]) -> int:
    resolution = _needed(params, "resolution")
    if resolution not in rules.table("video.sizes"):
        raise InvalidValue(field="resolution", rule="video.sizes")
    return pricing.video(rules, model="MOTION2", resolution=resolution)


def _veo3(rules: Rules, params: Mapping[str, Any]) -> int:
    return pricing.video(rules, model="VEO3", resolution=params.get("resolution") or "RESOLUTION_720")


def _realtime(rules: Rules, params: Mapping[str, Any]) -> int:
    if params.get("refine"):
        return pricing.service(rules, "realtime_upscale")
    width = params.get("width") or rules.default("lcm.width")
    height = params.get("height") or rules.default("lcm.height")
    for field, side in (("width", width), ("height", height)):
        rules.check(f"lcm.{field}", field=field, given=side)
    return pricing.realtime(rules, width=width, height=height)


def _training(rules: Rules, params: Mapping[str, Any]) -> int:
    rules.check("pricing.datasetImageCount", field="datasetImageCount", given=params.get("datasetImageCount"))
    return training_price(rules, _needed(params, "resolution"))


def _texture(rules: Rules, params: Mapping[str, Any]) -> int:
    return pricing.service(rules, "texture_preview" if params.get("preview") else "texture")


def _universal(rules: Rules, params: Mapping[str, Any]) -> int:
    megapixels = _needed(params, "megapixel")
    rules.check("pricing.megapixel", field="megapixel", given=megapixels)
    return pricing.universal_upscale(rules, width=megapixels * 1_000, height=1_000)


def _universal_ultra(rules: Rules, params: Mapping[str, Any]) -> int:
    factor = _needed(params, "upscaleMultiplier")
    rules.check("pricing.upscaleMultiplier", field="upscaleMultiplier", given=factor)
    for field in ("inputWidth", "inputHeight"):
        rules.check(f"pricing.{field}", field=field, given=params.get(field))
    width, height = _needed(params, "inputWidth") * factor, _needed(params, "inputHeight") * factor
    if not 0 < width * height <= rules.integer("universal_upscaler.output_max"):
        raise InvalidValue(field="inputWidth", rule="universal_upscaler.output_max")
    return pricing.universal_upscale(rules, width=width, height=height)


def _needed(params: Mapping[str, Any], field: str) -> Any:
    value = params.get(field)
    if value is None:
        raise InvalidValue(field=field)
    return value


SERVICES: Mapping[str, Callable[[Rules, Mapping[str, Any]], int]] = {
    "IMAGE_GENERATION": _images,
    "FANTASY_AVATAR_GENERATION": _avatar,
    "MOTION_SVD_GENERATION": _motion_svd,
    "MOTION_VIDEO_GENERATION": _motion_video,
    "VEO3_MOTION_VIDEO_GENERATION": _veo3,
    "LCM_GENERATION": _realtime,
    "MODEL_TRAINING": _training,
    "TEXTURE_GENERATION": _texture,
    "UNIVERSAL_UPSCALER": _universal,
    "UNIVERSAL_UPSCALER_ULTRA": _universal_ultra,
}

HANDLERS: Mapping[str, Callable[[Call], Reply]] = {"pricingCalculator": calculate}
