"""Jobs, as the operator sees them, and what he lets happen to them."""

import asyncio
from typing import Any

import httpx
import pytest

from mockleo.core.lifecycle import TRANSITIONS, Event, State
from tests.wire.leo import LONG_MS, RECIPE

from .operator import HERE, No, Operator

SMALL = {"num_images": 1, "width": 64, "height": 64}


def in_each_state(operator: Operator) -> dict[State, str]:
    """A job in each state there is."""
    leo = operator.leo
    ended = leo.order(**SMALL)
    leo.advance(LONG_MS)
    running, failed, *_ = [leo.order(**SMALL) for _ in range(2)]
    operator.post(f"jobs/{failed}", event="FAIL")
    leo.order(**SMALL)
    return {
        State.COMPLETE: ended,
        State.RUNNING: running,
        State.FAILED: failed,
        State.QUEUED: leo.order(**SMALL),
    }


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("state", State)
def test_what_can_happen_happens_and_nothing_else(state: State, event: Event) -> None:
    operator = Operator(slots={"image": 2})
    job = in_each_state(operator)[state]
    before = operator.leo.balance
    cost = operator.get(f"jobs/{job}")["cost"]
    if (state, event) in {
        (State.QUEUED, Event.FAIL),
        (State.RUNNING, Event.FAIL),
        (State.RUNNING, Event.FINISH),
    }:
        told = operator.post(f"jobs/{job}", event=event.value)
        assert told["state"] == TRANSITIONS[state][event].value == operator.leo.status(job)
        assert operator.leo.balance == before + (cost if event is Event.FAIL else 0)
    else:
        assert operator.no("POST", f"jobs/{job}", json={"event": event.value}) == No(409, "event")
        assert operator.get(f"jobs/{job}")["state"] == state.value
        assert operator.leo.balance == before


def test_who_waited_starts_when_a_slot_becomes_free() -> None:
    operator = Operator(slots={"image": 1})
    first, second = operator.leo.order(**SMALL), operator.leo.order(**SMALL)
    assert operator.get(f"jobs/{second}")["ends_ms"] is None
    operator.post(f"jobs/{first}", event="FINISH")
    told = operator.get(f"jobs/{second}")
    assert told["state"] == "RUNNING"
    assert operator.get("clock")["due_ms"] == told["ends_ms"]


def test_a_part_lives_and_ends_with_its_whole() -> None:
    operator = Operator()
    operator.leo.post("/blueprint-executions", **RECIPE)
    (whole,) = operator.get("jobs", kind="Execution")["jobs"]
    (part,) = operator.get("jobs", kind="Generation")["jobs"]
    assert (part["part_of"], whole["part_of"]) == (whole["id"], None)
    assert part["ends_ms"] == whole["ends_ms"]
    assert operator.no("POST", f"jobs/{part['id']}", json={"event": "FAIL"}) == No(409, "event")
    operator.post(f"jobs/{whole['id']}", event="FAIL")
    assert operator.get(f"jobs/{part['id']}")["state"] == "FAILED"


@pytest.mark.parametrize(
    ("standing", "states"),
    [
        ("QUEUED", {"QUEUED"}),
        ("RUNNING", {"RUNNING"}),
        ("COMPLETE", {"COMPLETE"}),
        ("FAILED", {"FAILED"}),
        ("PENDING", {"QUEUED", "RUNNING"}),
        ("ENDED", {"COMPLETE", "FAILED"}),
    ],
)
def test_jobs_by_where_they_stand(standing: str, states: set[str]) -> None:
    operator = Operator(slots={"image": 2})
    in_each_state(operator)
    told = operator.get("jobs", state=standing)
    assert {job["state"] for job in told["jobs"]} == states
    assert told["total"] == len(told["jobs"])
    assert len(operator.post("jobs/wait_for", status=standing)["jobs"]) == told["total"]


def test_jobs_of_all_kinds_and_accounts_newest_first() -> None:
    operator = Operator()
    leo = operator.leo
    image = leo.image()
    upscaled = leo.post("/variations/upscale", id=image)["id"]
    leo.advance(1)
    mine = leo.beside("another-key")
    last = mine.order()
    told = operator.get("jobs")
    assert [job["id"] for job in told["jobs"]][:2] == [last, upscaled]
    assert {job["kind"] for job in told["jobs"]} == {"Generation", "Variation"}
    assert [job["id"] for job in operator.get("jobs", account=mine.user_id)["jobs"]] == [last]
    assert [job["id"] for job in operator.get("jobs", kind="Variation")["jobs"]] == [upscaled]
    assert len(operator.get("jobs", limit=1)["jobs"]) == 1
    assert operator.get(f"jobs/{upscaled}")["lane"] == "upscale"


def test_a_job_that_never_ends_says_so_and_can_be_ended() -> None:
    operator = Operator()
    operator.post("faults", fault="job-never-ends", times=1)
    key = {"authorization": f"Bearer {operator.leo.key}"}
    operator.leo.send("POST", "/api/rest/v1/generations", headers=key, json={"prompt": "x"})
    (job,) = operator.get("jobs")["jobs"]
    assert (job["state"], job["ends_ms"]) == ("RUNNING", None)
    assert operator.post(f"jobs/{job['id']}", event="FINISH")["state"] == "COMPLETE"


def test_who_waits_for_a_job_is_answered_when_it_has_ended() -> None:
    operator = Operator()
    job = operator.leo.order()

    async def send(path: str, **body: Any) -> httpx.Response:
        return await operator.leo._send(httpx.Request("POST", f"{HERE}/_mockleo/{path}", json=body))

    async def walk() -> httpx.Response:
        waiting = asyncio.create_task(send("jobs/wait_for", id=job, timeout_ms=60_000))
        for _ in range(20):
            await asyncio.sleep(0)
        assert not waiting.done()
        await send("clock/advance", by_ms=LONG_MS)
        return await waiting

    told = asyncio.run(walk()).json()
    assert [(each["id"], each["state"]) for each in told["jobs"]] == [(job, "COMPLETE")]
