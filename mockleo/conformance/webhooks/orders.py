"""The jobs that are ordered, by kind, and how each is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockleo.conformance.caller import Caller, Told
    from mockleo.conformance.door import Request

# How the contract's events are called when a job has come to good, and when it has not. That post
# processing has one name for both is attested by its clients.
_ENDINGS = {"COMPLETE": "complete", "FAILED": "failed"}
POST_PROCESSING = "post_processing"


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of job. `order` is the operation that orders it, `id` the member of its answer that
    names the job, `show` the operation that shows it. `reported_as` is how its event begins and
    `noun` what the envelope's `object` says.
    """

    name: str
    order: str
    id: str
    show: str
    reported_as: str
    noun: str


IMAGE = Kind(
    name="image",
    order="createGeneration",
    id="generationId",
    show="getGenerationById",
    reported_as="image_generation",
    noun="generation",
)
VIDEO = Kind(
    name="video",
    order="createTextToVideoGeneration",
    id="generationId",
    show="getGenerationById",
    reported_as="video_generation",
    noun="generation",
)
UPSCALE = Kind(
    name="upscaled image",
    order="createVariationUpscale",
    id="id",
    show="getVariationById",
    reported_as=POST_PROCESSING,
    noun="generated_image_variation_generic",
)
NOBG = msgspec.structs.replace(UPSCALE, name="image without background", order="createVariationNoBG")
VIDEO_UPSCALE = Kind(
    name="upscaled video",
    order="createVideoUpscale",
    id="variationId",
    show="getMotionVariationById",
    reported_as=POST_PROCESSING,
    noun="generated_image_variation_motion",
)
KINDS = (IMAGE, VIDEO, UPSCALE, NOBG, VIDEO_UPSCALE)


class Job(msgspec.Struct, kw_only=True):
    """One job that was ordered. `price` is in credits, None where it is not told so; `shown` what
    GET said last. `early` is set once it was reported while GET still showed it as going on, `late`
    once it was not while GET had long shown its end.
    """

    kind: Kind
    id: str
    request: Request
    price: int | None
    shown: dict[str, Any] = {}
    early: bool = False
    late: bool = False

    @property
    def status(self) -> str:
        return str(self.shown.get("status", ""))

    @property
    def ended(self) -> bool:
        return self.status in _ENDINGS

    def is_reported_as(self, type_: str) -> bool:
        """Whether an event's name is one for a job of this kind that has ended so."""
        noun, _, ending = type_.rpartition(".")
        if noun != self.kind.reported_as:
            return False
        if noun == POST_PROCESSING:
            return ending in {"complete", "completed"}
        # FAILED under the name of success is the other way that has been seen (assumed, both).
        return ending == _ENDINGS.get(self.status) or (self.status == "FAILED" and ending == "complete")


def place(caller: Caller, kind: Kind, body: Mapping[str, object]) -> Job | Told:
    """Order a job; the answer itself where it was not accepted."""
    told = caller.call(kind.order, body)
    value = told.value
    if not isinstance(value, dict) or not isinstance(value.get(kind.id), str):
        return told
    price = value.get("apiCreditCost")
    return Job(
        kind=kind,
        id=value[kind.id],
        request=told.request,
        price=price if isinstance(price, int) else None,
    )


def look(caller: Caller, job: Job) -> None:
    """See how far a job is."""
    value = caller.call(job.kind.show, at=job.id).value
    row = value[0] if isinstance(value, list) and value else value
    job.shown = row if isinstance(row, dict) else {}


def an_image(count: int = 1) -> dict[str, object]:
    """An order of the smallest images: on the real service it is paid for."""
    return {"prompt": "a lighthouse in the fog", "width": 512, "height": 512, "num_images": count}


def a_video() -> dict[str, object]:
    return {"prompt": "a lighthouse in the fog, the light turns"}


def images_of(job: Job) -> list[str]:
    """The ids of a finished generation's images."""
    rows = job.shown.get("generated_images") or []
    return [row["id"] for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)]
