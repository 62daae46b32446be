"""The official Python SDK, unmodified, against the emulator: every method, both ways."""

import asyncio
import inspect
from collections.abc import Iterator

import pytest
from leonardo_ai_sdk import LeonardoAiSDK
from leonardo_ai_sdk.basesdk import BaseSDK
from leonardo_ai_sdk.models.shared import JobStatus

import mockleo

from .journeys import JOURNEYS, Journey
from .journeys.steps import generation, variation
from .leo import Leo

SYNCHRONOUS, ASYNCHRONOUS = "", "_async"
WAYS = pytest.mark.parametrize("suffix", [SYNCHRONOUS, ASYNCHRONOUS], ids=["sync", "async"])


@WAYS
@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.__name__)
def test_a_journey(journey: Journey, suffix: str, emulator: mockleo.Emulator, api_key: str) -> None:
    called = travel(journey, suffix, url=emulator.base_url, key=api_key)
    assert {method + suffix for method in JOURNEYS[journey]} <= called


@WAYS
def test_every_method_is_on_a_journey(suffix: str) -> None:
    promised = {method + suffix for methods in JOURNEYS.values() for method in methods}
    assert promised == {name for name in methods() if name.endswith(ASYNCHRONOUS) == bool(suffix)}


def test_the_sdk_has_as_many_methods_as_this_suite_was_written_for() -> None:
    assert len(set(methods())) == 2 * 55


@WAYS
def test_a_job_is_pending_until_its_time_has_come(suffix: str, api_key: str) -> None:
    """On a clock that stands still: what a client polls before the job is done."""
    with mockleo.Emulator(seed=7, time="manual") as emulator:

        async def journey(leo: Leo) -> None:
            body = await leo.call(leo.sdk.image.create_generation, request={"prompt": "x", "num_images": 1})
            job = body.sd_generation_job
            for _ in range(3):
                early = await generation(leo, job.generation_id)
                assert (early.status, early.generated_images) == (JobStatus.PENDING, [])
            emulator.advance(60_000)
            (image,) = (await generation(leo, job.generation_id)).generated_images

            body = await leo.call(leo.sdk.variation.create_variation_upscale, request={"id": image.id})
            early = await variation(leo, body.sd_upscale_job.id)
            assert (early.status, early.url) == (JobStatus.PENDING, None)
            emulator.advance(60_000)
            done = await variation(leo, body.sd_upscale_job.id)
            assert done.status is JobStatus.COMPLETE
            assert done.url

        travel(journey, suffix, url=emulator.base_url, key=api_key)


def travel(journey: Journey, suffix: str, *, url: str, key: str) -> set[str]:
    """Make `journey` with the SDK's own HTTP clients; return the methods that answered."""
    sdk = LeonardoAiSDK(bearer_auth=key, server_url=url)
    leo = Leo(sdk, awaited=suffix == ASYNCHRONOUS)

    async def there_and_back() -> None:
        async with sdk:
            await leo.sign_in()
            await journey(leo)

    with sdk:
        asyncio.run(there_and_back())
    return leo.called


def methods() -> Iterator[str]:
    """`Class.method` for each public method of each part of the SDK."""
    sdk = LeonardoAiSDK(bearer_auth="")
    for name in dir(sdk):
        part = None if name.startswith("_") else getattr(sdk, name)
        if isinstance(part, BaseSDK) and part is not sdk:
            for method, function in vars(type(part)).items():
                if inspect.isfunction(function) and not method.startswith("_"):
                    yield function.__qualname__
