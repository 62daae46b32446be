"""The webhook of a job is sent before its order is answered."""

import asyncio
from typing import Any

import httpx
import msgspec
import pytest

from mockleo.core.keys import Webhook
from mockleo.faults.menu import KINDS
from mockleo.runtime.delivery import Outcome
from mockleo.wire.links import API_PATH as API
from tests.wire.leo import HOST, Leo

# By payload or by answer, which of them came when.
Seen = list[str]


async def order(leo: Leo, seen: Seen, *, fault: dict[str, Any] | None) -> httpx.Response:
    """Order while webhooks are sent by somebody who writes them down."""

    async def deliver(url: str, **_: Any) -> Outcome:
        await asyncio.sleep(0)
        seen.append("webhook")
        return Outcome(status=200)

    leo.app.sender.deliver = deliver
    if fault is not None:
        leo.app.faults.add(msgspec.convert(fault, KINDS), now_ms=leo.clock.now_ms())
    leo.app.reporter.start()
    transport = httpx.ASGITransport(leo.app)
    async with httpx.AsyncClient(transport=transport, base_url=HOST) as client:
        headers = {"authorization": f"Bearer {leo.key}"}
        answer = await client.post(f"{API}/generations", json={"prompt": "a cat"}, headers=headers)
    seen.append("answer")
    for _ in range(20):
        await asyncio.sleep(0)
    await leo.app.reporter.stop()
    return answer


def with_webhook() -> Leo:
    leo = Leo()
    key = next(iter(leo.account.keys.values()))
    key.webhook = Webhook(url="https://receiver.test/hook", key="s3cret", payload="2026")
    return leo


FIRST = {"fault": "webhook-first"}


def test_the_webhook_comes_first_and_the_job_is_complete() -> None:
    leo, seen = with_webhook(), Seen()
    answer = asyncio.run(order(leo, seen, fault=FIRST))
    assert seen == ["webhook", "answer"]
    assert answer.headers["x-mockleo-why"] == "fault=fault-1; webhook-first"
    assert leo.status(answer.json()["sdGenerationJob"]["generationId"]) == "COMPLETE"


@pytest.mark.parametrize("fault", [None, {"fault": "nsfw"}])
def test_otherwise_it_does_not(fault: dict[str, Any] | None) -> None:
    leo, seen = with_webhook(), Seen()
    asyncio.run(order(leo, seen, fault=fault))
    assert seen == ["answer"]


def test_an_order_with_nothing_to_wait_for_is_answered() -> None:
    leo, seen = Leo(), Seen()
    assert asyncio.run(order(leo, seen, fault=FIRST)).status_code == 200
    assert seen == ["answer"]


def test_an_order_that_waits_for_a_slot_is_answered() -> None:
    leo, seen = with_webhook(), Seen()
    for _ in range(10):
        leo.order()
    assert asyncio.run(order(leo, seen, fault=FIRST)).status_code == 200
    assert seen == ["answer"]


def test_a_webhook_that_is_lost_holds_nothing_up() -> None:
    leo, seen = with_webhook(), Seen()
    leo.app.faults.add(msgspec.convert({"fault": "webhook-lost"}, KINDS), now_ms=leo.clock.now_ms())
    assert asyncio.run(order(leo, seen, fault=FIRST)).status_code == 200
    assert seen == ["answer"]
