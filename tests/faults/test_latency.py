"""An answer that comes late, on the service's clock."""

import asyncio

import pytest

from .rig import ANSWER, GOOD, Service, applied, ask, refused, seen_by


@pytest.mark.parametrize(
    ("given", "wait_ms"), [({"ms": 30_000}, 30_000), ({"ms": 0}, 0), ({"ms": 100, "spread_ms": 50}, 150)]
)
def test_it_holds_the_answer_back(given: dict[str, int], wait_ms: int) -> None:
    sending = applied({"fault": "latency", **given})
    assert (sending.wait_ms, sending.body) == (wait_ms, ANSWER)


def test_two_of_them_add_up() -> None:
    assert applied({"fault": "latency", "ms": 100}, wait_ms=30).wait_ms == 130


async def _moments(seed: bytes, count: int = 20) -> list[int]:
    """How late each of many answers comes."""
    service = Service({"fault": "latency", "ms": 100, "spread_ms": 50}, seed=seed)
    late_ms = []
    for _ in range(count):
        begin_ms = service.clock.now_ms()
        assert await seen_by(service) == GOOD
        late_ms.append(service.clock.now_ms() - begin_ms)
    return late_ms


def test_the_spread_is_the_seeds() -> None:
    late_ms = asyncio.run(_moments(b"7"))
    assert set(late_ms) <= set(range(100, 151))
    assert len(set(late_ms)) > 5
    assert asyncio.run(_moments(b"7")) == late_ms
    assert asyncio.run(_moments(b"8")) != late_ms


async def _held() -> None:
    service = Service({"fault": "latency", "ms": 30_000})
    call = asyncio.create_task(ask(service))
    begin_ms = service.clock.now_ms()
    while service.agenda.due_ms() is None:  # noqa: ASYNC110  turn by turn, not second by second
        await asyncio.sleep(0)
    # The job is there already: that is what makes a client that gives up pay twice.
    assert service.booked == 1
    await service.scheduler.move_to(begin_ms + 29_999)
    assert not call.done()
    await service.scheduler.move_to(begin_ms + 30_000)
    assert (await call).content == ANSWER


def test_the_call_is_carried_out_before_the_wait() -> None:
    asyncio.run(_held())


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"ms": -1}, "^ms: -1 is below zero"),
        ({"ms": 1, "spread_ms": -1}, "^spread_ms: -1 is below zero"),
        ({"ms": 1, "commit": False}, "^commit: latency needs an answer"),
        ({}, "required field `ms`"),
        ({"ms": "1s"}, r"Expected `int`, got `str` - at `\$.ms`"),
        ({"ms": 1, "spread": 3}, "unknown field `spread`"),
    ],
)
def test_what_cannot_be_is_told(given: dict[str, object], message: str) -> None:
    refused({"fault": "latency", **given}, message)
