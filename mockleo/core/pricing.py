"""What a job costs, in whole credits.

One function for each kind of work; the job that is booked, the answer that tells its cost and
the pricing calculator all call the same one, so they agree.

An image's price is a published point where there is one, and otherwise a line through such
points: facts are in rules.toml under `pricing`, the lines are inferred.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from math import ceil
from typing import Any

import msgspec

from mockleo.core.rules import Rules

_DOLLARS_PER_CREDIT = "pricing.dollars_per_credit"
_FOUR_DECIMALS = Decimal("0.0001")
_PIXELS_IN_A_MEGAPIXEL = 1_000_000


class ImageWork(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What decides the price of one order of images; sizes in pixels."""

    family: str
    width: int
    height: int
    num_images: int
    steps: int
    alchemy: bool = False
    ultra: bool = False
    fantasy_avatar: bool = False
    photo_real: str | None = None
    prompt_magic: str | None = None
    loras: int = 0
    controlnets_cost: int = 0


def image_class(work: ImageWork) -> str:
    """The row of `pricing.image_classes` that `work` belongs to."""
    if work.fantasy_avatar:
        return "sd_alchemy"
    match work.family:
        case "sdxl" | "lightning" | "sd15" | "sd21" if work.photo_real == "v1":
            return "photoreal_v1"
        case "lightning" if work.alchemy and work.photo_real is None:
            return "lightning_alchemy"
        case "sdxl" | "lightning":
            return "sdxl_alchemy" if work.alchemy or work.photo_real else "sdxl_fast"
        case "sd15" | "sd21":
            if not work.alchemy:
                return "sd_plain"
            return "sd_magic_alchemy" if work.prompt_magic == "v3" else "sd_alchemy"
        case "flux_schnell":
            return "flux_schnell"
        case _:
            return "modern"


def images(rules: Rules, work: ImageWork) -> int:
    """Credits for one order of images."""
    named = image_class(work)
    base = _point(rules, named, work)
    if base is None:
        base = _on_the_line(rules.table(f"pricing.image_classes.{named}"), work)
    if work.ultra:
        base *= rules.integer("pricing.ultra_factor")
    return base + work.loras * rules.integer("pricing.element") + work.controlnets_cost


def _points(rules: Rules, named: str) -> dict[tuple[int, int, int], dict[int | None, int]]:
    """The published points of one class: by images, width and height, then by steps (None: any)."""
    points: dict[tuple[int, int, int], dict[int | None, int]] = {}
    for point, price in rules.table("pricing.points").items():
        of_class, _, size = point.partition(" ")
        if of_class == named:
            size, _, steps = size.partition("@")
            images, width, height = map(int, size.split("x"))
            points.setdefault((images, width, height), {})[int(steps) if steps else None] = price
    return points


def _point(rules: Rules, named: str, work: ImageWork) -> int | None:
    prices = rules.derived(_points, named).get((work.num_images, work.width, work.height))
    if prices is None:
        return None
    return prices.get(work.steps, prices.get(None))


def _on_the_line(line: Mapping[str, Any], work: ImageWork) -> int:
    megapixels = work.width * work.height / _PIXELS_IN_A_MEGAPIXEL
    if "threshold" in line:
        each: int = line["above"] if megapixels > line["threshold"] else line["below"]
        return each * work.num_images
    total = (line["base"] + line["per_megapixel"] * megapixels) * work.num_images
    floor: int = line["floor"]
    return max(floor, _half_up(total))


def _half_up(credits: float) -> int:
    """To a whole number; what a binary fraction is off by is far below the last decimal kept."""
    return int(round(credits, 6) + 0.5)


def service(rules: Rules, name: str) -> int:
    """Credits for work that has one price."""
    price: int = rules.table("pricing.services")[name]
    return price


def realtime(rules: Rules, *, width: int, height: int) -> int:
    """Credits for one realtime picture: by area, from 512 by 512 pixels on."""
    large = width * height > rules.integer("pricing.realtime_large_above")
    return service(rules, "realtime_large" if large else "realtime")


def universal_upscale(rules: Rules, *, width: float, height: float) -> int:
    """Credits by the megapixels that come out, of whole pixels; a begun megapixel counts."""
    line = rules.table("pricing.universal_upscaler")
    megapixels = ceil(int(width) * int(height) / _PIXELS_IN_A_MEGAPIXEL)
    beyond = max(0, megapixels - int(line["included_megapixels"]))
    return int(line["base"]) + int(line["per_megapixel"]) * beyond


def video(rules: Rules, *, model: str, resolution: str) -> int:
    """Credits for one video."""
    price: int = rules.table("pricing.video")[f"{model} {resolution}"]
    return price


def dollars(rules: Rules, credits: int) -> str:
    """What so many credits cost a customer who pays as he goes: "0.0254", as JavaScript writes it."""
    rate = Decimal(str(rules[_DOLLARS_PER_CREDIT].value))
    amount = (credits * rate).quantize(_FOUR_DECIMALS, ROUND_HALF_UP).normalize()
    return f"{amount:f}"
