"""The official Python SDK, unmodified, against the emulator: every method, both ways."""

import asyncio
import inspect
from collections.abc import Iterator

import httpx
import pytest
from leonardo_ai_sdk import LeonardoAiSDK
from leonardo_ai_sdk.basesdk import BaseSDK
from leonardo_ai_sdk.models.errors import ResponseValidationError, SDKError
from leonardo_ai_sdk.models.shared import JobStatus

import mockleo

from .journeys import JOURNEYS, Journey
from .journeys.images import images
from .journeys.realtime import realtime
from .journeys.steps import generation, variation
from .journeys.videos import videos
from .leo import Leo

SYNCHRONOUS, ASYNCHRONOUS = "", "_async"
WAYS = pytest.mark.parametrize("suffix", [SYNCHRONOUS, ASYNCHRONOUS], ids=["sync", "async"])


@WAYS
@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.__name__)
def test_a_journey(
    journey: Journey, suffix: str, emulator: mockleo.Emulator, api_key: str, web: httpx.Client
) -> None:
    called = travel(journey, suffix, url=emulator.base_url, key=api_key, web=web)
    assert {method + suffix for method in JOURNEYS[journey]} <= called


@WAYS
def test_every_method_is_on_a_journey(suffix: str) -> None:
    promised = {method + suffix for methods in JOURNEYS.values() for method in methods}
    assert promised == {name for name in methods() if name.endswith(ASYNCHRONOUS) == bool(suffix)}


def test_the_sdk_has_as_many_methods_as_this_suite_was_written_for() -> None:
    assert len(set(methods())) == 2 * 55


@WAYS
def test_a_job_is_pending_until_its_time_has_come(suffix: str, api_key: str, web: httpx.Client) -> None:
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

        travel(journey, suffix, url=emulator.base_url, key=api_key, web=web)


def test_an_account_that_pays_in_dollars(api_key: str, web: httpx.Client) -> None:
    with mockleo.Emulator(seed=7, time="instant", plan="payg") as emulator:
        for journey in (images, videos, realtime):
            travel(journey, SYNCHRONOUS, url=emulator.base_url, key=api_key, web=web)


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [("00000000-0000-4000-8000-000000000000", 401, "access-denied"), ("my key", 500, "unexpected")],
    ids=["nobody's key", "no key at all"],
)
def test_a_key_that_nobody_issued(key: str, status: int, code: str) -> None:
    with mockleo.Emulator(seed=7, time="instant", keys="strict") as emulator:
        with LeonardoAiSDK(bearer_auth=emulator.api_key, server_url=emulator.base_url) as sdk:
            assert sdk.user.get_user_self().status_code == 200
        with (
            LeonardoAiSDK(bearer_auth=key, server_url=emulator.base_url) as sdk,
            pytest.raises(SDKError) as told,
        ):
            sdk.user.get_user_self()

    assert told.value.status_code == status
    assert told.value.raw_response.json()["code"] == code


def test_the_true_values_are_what_the_sdk_stumbles_over(api_key: str) -> None:
    """What the default profile keeps from the SDKs is real: the other one shows it."""
    with (
        mockleo.Emulator(seed=7, time="instant", profile="wire-true") as emulator,
        LeonardoAiSDK(bearer_auth=api_key, server_url=emulator.base_url) as sdk,
        pytest.raises(ResponseValidationError, match="input_value='WAN21'"),
    ):
        sdk.elements.list_elements()


def travel(journey: Journey, suffix: str, *, url: str, key: str, web: httpx.Client) -> set[str]:
    """Make `journey` with the SDK's own HTTP clients; return the methods that answered."""
    sdk = LeonardoAiSDK(bearer_auth=key, server_url=url)
    leo = Leo(sdk, web, awaited=suffix == ASYNCHRONOUS)

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
