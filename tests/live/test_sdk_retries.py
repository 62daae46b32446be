"""Both official SDKs, unmodified, trying again: how many jobs that makes, by the ledger.

The trap is an error after the commit: the SDK tries again, and the account pays twice.
"""

import asyncio
import json
from typing import Any, NamedTuple

import httpx
import pytest
from leonardo_ai_sdk import LeonardoAiSDK
from leonardo_ai_sdk.models.errors import SDKError
from leonardo_ai_sdk.utils import BackoffStrategy, RetryConfig

from mockleo.emulator import Emulator
from tests.sdk.test_typescript_sdk import node, run

from .rig import KEY, SMALL, booked

__all__ = ["node"]

# Pauses of a millisecond, for as long as it takes.
PAUSE_MS = 1
PATIENT = RetryConfig("backoff", BackoffStrategy(PAUSE_MS, PAUSE_MS, 1, 60_000), True)

ORDERS = 5


class Cost(NamedTuple):
    """What has come of the orders, as the emulator knows it."""

    calls: int
    jobs: int
    charges: int


def cost(emulator: Emulator) -> Cost:
    lines = [json.loads(line) for line in emulator.control("GET", "record").splitlines()]
    charges = [line for line in lines if line["kind"] == "ledger" and line["why"] == "CHARGE"]
    jobs = booked(emulator)
    assert sorted(line["job_id"] for line in charges) == sorted(job["id"] for job in jobs)
    return Cost(emulator.control("GET", "requests/count")["count"], len(jobs), len(charges))


# What a fault at the third order costs an SDK that tries again on 429 and 5xx.
RETRIED: list[tuple[dict[str, Any], Cost]] = [
    ({"fault": "status", "status": 503}, Cost(6, 5, 5)),
    ({"fault": "status", "status": 503, "attempts": 3}, Cost(8, 5, 5)),
    ({"fault": "status", "status": 503, "commit": True}, Cost(6, 6, 6)),
    ({"fault": "status", "status": 503, "commit": True, "attempts": 3}, Cost(8, 8, 8)),
    ({"fault": "status", "status": 400}, Cost(5, 4, 4)),
    ({"fault": "gateway-error"}, Cost(6, 5, 5)),
    ({"fault": "throttle"}, Cost(6, 5, 5)),
    ({"fault": "throttle", "retry_after": "0.001"}, Cost(6, 5, 5)),
]


def script(emulator: Emulator, fault: dict[str, Any]) -> None:
    emulator.control("POST", "faults", {**fault, "nth": [3], "operations": ["createGeneration"]})


@pytest.mark.parametrize("awaited", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize(("fault", "wanted"), RETRIED, ids=str)
def test_the_python_sdk(emulator: Emulator, fault: dict[str, Any], wanted: Cost, awaited: bool) -> None:
    script(emulator, fault)
    refused = order_by_python(emulator, awaited=awaited)
    assert refused == ([2] if fault.get("status") == 400 else [])
    assert cost(emulator) == wanted


def order_by_python(emulator: Emulator, *, awaited: bool, retries: RetryConfig | None = PATIENT) -> list[int]:
    """Order several times, the same each time, and tell which orders were refused."""
    refused: list[int] = []
    given: dict[str, Any] = {"bearer_auth": KEY, "server_url": emulator.base_url, "retry_config": retries}

    async def order() -> None:
        async with LeonardoAiSDK(**given) as sdk:
            for nth in range(ORDERS):
                try:
                    if awaited:
                        await sdk.image.create_generation_async(request=dict(SMALL))
                    else:
                        sdk.image.create_generation(request=dict(SMALL))
                except SDKError:
                    refused.append(nth)

    asyncio.run(order())
    return refused


def test_an_sdk_that_does_not_try_again_leaves_the_script_as_it_is(emulator: Emulator) -> None:
    script(emulator, {"fault": "status", "status": 503})
    assert order_by_python(emulator, awaited=False, retries=None) == [2]
    # The fourth order is the same to the byte, and so counts as another attempt at the third.
    assert cost(emulator) == Cost(5, 4, 4)


@pytest.mark.parametrize(("commit", "jobs"), [(False, 2), (True, 3)])
def test_a_lost_connection_is_not_tried_again_by_itself(emulator: Emulator, commit: bool, jobs: int) -> None:
    """The SDK takes it for permanent; whoever orders again by hand has paid, or not."""
    script(emulator, {"fault": "connection-close", "commit": commit})
    with LeonardoAiSDK(bearer_auth=KEY, server_url=emulator.base_url, retry_config=PATIENT) as sdk:
        for _ in range(2):
            sdk.image.create_generation(request=dict(SMALL))
        with pytest.raises(httpx.RemoteProtocolError):
            sdk.image.create_generation(request=dict(SMALL))
    assert cost(emulator) == Cost(3, jobs, jobs)


def test_an_outage_is_waited_for_by_an_sdk_that_tries_again() -> None:
    fault = {"fault": "outage", "for_ms": 20, "times": 1, "operations": ["getUserSelf"]}
    with (
        Emulator(seed=7, time="real", faults=(fault,)) as emulator,
        LeonardoAiSDK(bearer_auth=KEY, server_url=emulator.base_url, retry_config=PATIENT) as sdk,
    ):
        with pytest.raises(httpx.ReadError):
            sdk.user.get_user_self()
        sdk.image.create_generation(request=dict(SMALL))
        assert len(booked(emulator)) == 1


TYPESCRIPT = """
import { Leonardo } from "@leonardo-ai/sdk";
const { BASE, KEY, ORDER, ORDERS, PAUSE_MS } = process.env;
const pause = Number(PAUSE_MS);
const leonardo = new Leonardo({
  bearerAuth: KEY,
  serverURL: BASE,
  retryConfig: {
    strategy: "backoff",
    backoff: { initialInterval: pause, maxInterval: pause, exponent: 1, maxElapsedTime: 60000 },
    retryConnectionErrors: true,
  },
});
const refused = [];
for (let nth = 0; nth < Number(ORDERS); nth++) {
  try {
    await leonardo.image.createGeneration(JSON.parse(ORDER));
  } catch (error) {
    refused.push(nth);
  }
}
console.log(JSON.stringify(refused));
"""


@pytest.mark.node
@pytest.mark.parametrize(("fault", "wanted"), [RETRIED[0], RETRIED[2], RETRIED[4]], ids=str)
def test_the_typescript_sdk(node: str, emulator: Emulator, fault: dict[str, Any], wanted: Cost) -> None:
    script(emulator, fault)
    done = run(
        [node, "--input-type=module", "--eval", TYPESCRIPT],
        seconds_max=60,
        BASE=emulator.base_url,
        KEY=KEY,
        ORDER=json.dumps({"prompt": "a lighthouse", "numImages": 1, "width": 64, "height": 64}),
        ORDERS=str(ORDERS),
        PAUSE_MS=str(PAUSE_MS),
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ([2] if fault.get("status") == 400 else [])
    assert cost(emulator) == wanted
