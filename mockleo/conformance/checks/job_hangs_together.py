"""Do a job's status and its results agree?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockleo.conformance.checks.seen import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.conformance.checks.promise import Promise
    from mockleo.conformance.checks.seen import Seen

_RESULTS = {"generated_images": "generation", "model_asset_texture_images": "texture"}
_ALL_AT_ONCE = "the results come all at once, with COMPLETE"


def job_hangs_together(promise: Promise, seen: Seen) -> Iterator[Wrong]:
    """Nothing before COMPLETE, something with it, nothing after FAILED."""
    rows = seen.content if type(seen.content) is list else [seen.content]
    for row in rows:
        if type(row) is dict and type(row.get("status")) is str:
            yield from _results(row)
            yield from _variation(row)


def _results(job: dict[str, Any]) -> Iterator[Wrong]:
    for name, noun in _RESULTS.items():
        results, status = job.get(name), job["status"]
        if type(results) is not list:
            continue
        if status == "COMPLETE" and not results:
            yield _wrong(f"a {noun} is COMPLETE, and {name} is empty", _ALL_AT_ONCE, "inferred; source: FAQ")
        if status == "PENDING" and results:
            yield _wrong(f"a {noun} is PENDING, and has {name}", _ALL_AT_ONCE, "inferred; source: FAQ")
        if status == "FAILED" and results:
            yield _wrong(
                f"a {noun} is FAILED, and has {name}",
                "a failed job has no results",
                "observed; src 63210365415",
            )
        if status == "COMPLETE" and name == "generated_images":
            yield from _images(job, results)


def _images(job: dict[str, Any], images: list[Any]) -> Iterator[Wrong]:
    for image in images:
        if type(image) is dict and job.get("motion") is True and image.get("motionMP4URL") is None:
            yield _wrong(
                "a video is COMPLETE, and has no motionMP4URL",
                "motionMP4URL is the clip, url its poster",
                "observed; source: OAS, REC",
            )


def _variation(row: dict[str, Any]) -> Iterator[Wrong]:
    if "transformType" not in row and "motionTransformType" not in row:
        return
    if row["status"] == "COMPLETE" and row.get("url", "") is None:
        yield _wrong(
            "a variation is COMPLETE, and has no url", "its url", "observed; source: src 28497237496"
        )
    if row["status"] in {"PENDING", "FAILED"} and row.get("url") is not None:
        yield _wrong(
            f"a variation is {row['status']}, and has a url",
            "url is null until the variation is there",
            "inferred; source: OAS",
        )


def _wrong(message: str, expected: str, evidence: str) -> Wrong:
    return Wrong(
        message=message,
        expected=f"{expected} ({evidence})",
        fix="which of the two is set first: clients take what they need as soon as they see the status",
    )
