"""Time as a client on a socket sees it pass: by itself, over every wait, or moved by hand."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from mockleo.emulator import Emulator
from mockleo.probing import ControlRefused
from mockleo.settings import BadSetting
from tests.runtime.receivers import OK, PATIENCE_S, answering

from .rig import KEY, LONG_MS, SMALL, Client, Gate, Street, clients, deliveries, make_key

# What a form is good for.
FORM_MS = 120_000

# Between two polls, and how many of them there are at most: whatever takes minutes is not waited for.
POLL_S = 0.005
POLLS_MOST = 400


@pytest.fixture
def aside() -> Iterator[ThreadPoolExecutor]:
    """Another thread or two, for whoever waits there."""
    with ThreadPoolExecutor(4) as pool:
        yield pool


def polls_until_complete(client: Client, generation: str) -> int:
    """How often a client has to look, who sleeps in between."""
    for polls in range(1, POLLS_MOST):
        time.sleep(POLL_S)
        if client.status(generation) == "COMPLETE":
            return polls
    raise AssertionError("it is not complete yet")


def video(client: Client) -> str:
    answer = client.ask("POST", "/generations-text-to-video", json={"prompt": "waves"})
    return str(answer.json()["motionVideoGenerationJob"]["generationId"])


def now_ms(emulator: Emulator) -> int:
    return int(emulator.control("GET", "clock")["now_ms"])


# --- auto -----------------------------------------------------------------------------------------


def test_a_video_of_minutes_is_done_at_the_next_poll() -> None:
    with Emulator(seed=7, time="auto") as emulator, clients(emulator, KEY) as (client,):
        before_ms = now_ms(emulator)
        generation = video(client)
        assert polls_until_complete(client, generation) == 1
        (job,) = emulator.control("GET", "jobs")["jobs"]
        assert job["changed_ms"] - job["created_ms"] > 30_000
        assert now_ms(emulator) - before_ms > 30_000


def test_a_row_of_jobs_that_wait_for_slots_is_done_at_the_next_poll() -> None:
    """Each end lets another one begin, so the clock jumps again and again."""
    with Emulator(seed=7, time="auto", slots={"image": 1}) as emulator, clients(emulator, KEY) as (client,):
        emulator.control("POST", "clock", {"mode": "manual"})
        waiting = [client.order() for _ in range(5)]
        emulator.control("POST", "clock", {"mode": "auto"})
        assert polls_until_complete(client, waiting[-1]) == 1
        assert {client.status(job) for job in waiting} == {"COMPLETE"}
        jobs = emulator.control("GET", "jobs")["jobs"]
        ended = sorted(job["changed_ms"] for job in jobs)
        assert len(set(ended)) == len(ended)


def test_the_clock_does_not_jump_while_a_webhook_is_on_its_way(street: Street) -> None:
    gate = Gate()
    receiver = street.receiver(gate.holding(answering(OK)), answering(OK))
    rules = {"webhooks.timeout": 1_000 * PATIENCE_S}
    with Emulator(seed=7, time="auto", rules=rules) as emulator, clients(emulator, KEY) as (client,):
        make_key(emulator, KEY, receiver.url)
        first = client.order()
        gate.wait()
        second = video(client)
        assert polls_until_complete(client, first) == 1
        # It would be done long ago, but for the receiver that has not answered.
        assert client.status(second) == "PENDING"
        (ends_ms,) = (job["ends_ms"] for job in emulator.control("GET", "jobs")["jobs"] if job["ends_ms"])
        assert now_ms(emulator) < ends_ms
        gate.open()
        emulator.control("POST", "webhooks/wait_for", {"state": "delivered", "count": 2})
        assert client.status(second) == "COMPLETE"
        assert [json.loads(came.body)["data"]["object"]["id"] for came in receiver.came] == [first, second]


def test_retries_of_a_dead_receiver_are_jumped_over(street: Street) -> None:
    rules = {"webhooks.retries": "exponential"}
    with Emulator(seed=7, time="auto", rules=rules) as emulator, clients(emulator, KEY) as (client,):
        make_key(emulator, KEY, street.dead())
        client.order()
        emulator.control("POST", "webhooks/wait_for", {"state": "failed"})
        (delivery,) = deliveries(emulator)
        assert len(delivery["attempts"]) == 8
        last, first = delivery["attempts"][-1], delivery["attempts"][0]
        assert last["at_ms"] - first["at_ms"] > 24 * 3_600_000


def test_whoever_waits_for_a_job_does_not_hold_the_clock() -> None:
    with Emulator(seed=7, time="auto") as emulator, clients(emulator, KEY) as (client,):
        generation = video(client)
        found = emulator.control("POST", "jobs/wait_for", {"id": generation, "status": "COMPLETE"})
        assert [job["state"] for job in found["jobs"]] == ["COMPLETE"]


def test_whoever_is_to_wait_does_wait() -> None:
    """A request that is held back is in flight: time passes for it as it does outside."""
    with Emulator(seed=7, time="auto") as emulator, clients(emulator, KEY) as (client,):
        generation = video(client)
        assert polls_until_complete(client, generation) == 1
        emulator.control("POST", "faults", {"fault": "latency", "ms": 20})
        before_ms = now_ms(emulator)
        client.ask("GET", "/me")
        assert now_ms(emulator) - before_ms >= 20
        emulator.control("DELETE", "faults")
        emulator.control("POST", "faults", {"fault": "latency", "ms": 600_000})
        with pytest.raises(httpx.ReadTimeout):
            client.ask("POST", "/generations", json=SMALL, timeout=0.02)
        emulator.control("POST", "requests/wait_for", {"status": "0"})
        emulator.control("POST", "jobs/wait_for", {"status": "COMPLETE", "count": 2})


# --- manual, and waiting for things ---------------------------------------------------------------


def waits(aside: ThreadPoolExecutor, emulator: Emulator, path: str, **wanted: Any) -> Future[Any]:
    """Wait for something in another thread; when this returns, it does."""
    before = len(emulator.app.record.waiting)
    waiting = aside.submit(emulator.control, "POST", f"{path}/wait_for", wanted)
    while len(emulator.app.record.waiting) == before and not waiting.done():
        time.sleep(0)
    return waiting


def test_whoever_waits_is_told_at_once(
    emulator: Emulator, client: Client, street: Street, aside: ThreadPoolExecutor
) -> None:
    receiver = street.receiver()
    make_key(emulator, KEY, receiver.url)
    asked = waits(aside, emulator, "requests", operation="createGeneration", count=2)
    reported = waits(aside, emulator, "webhooks", state="delivered")
    done = waits(aside, emulator, "jobs", status="COMPLETE", count=2)
    first = client.order()
    assert not asked.done()
    second = client.order()
    assert [each["booked"] for each in asked.result(PATIENCE_S)["requests"]] == [[first], [second]]
    emulator.control("POST", f"jobs/{first}", {"event": "FINISH"})
    assert [each["job_id"] for each in reported.result(PATIENCE_S)["webhooks"]] == [first]
    assert not done.done()
    moved = emulator.control("POST", "clock/advance", {"by_ms": LONG_MS})
    assert {job["id"] for job in done.result(PATIENCE_S)["jobs"]} == {first, second}
    assert moved["due_ms"] is None
    assert len(receiver.came) == 2


def test_whoever_waits_in_vain_is_told_how_many_there_were(emulator: Emulator, client: Client) -> None:
    client.order()
    for path, count in (("requests", 1), ("jobs", 0), ("webhooks", 0)):
        with pytest.raises(ControlRefused, match=rf"^408: count: {count} of 2 ") as told:
            emulator.control("POST", f"{path}/wait_for", {"count": 2, "timeout_ms": 5})
        assert told.value.field == "count"


def test_an_emulator_that_stops_lets_go_of_whoever_waits(
    aside: ThreadPoolExecutor, capfd: pytest.CaptureFixture[str]
) -> None:
    """Answers that are held back, an upload that is, and the operator himself."""
    with ExitStack() as later:
        with Emulator(seed=7, time="manual") as emulator:
            (client,) = later.enter_context(clients(emulator, KEY, timeout=PATIENCE_S))
            form = client.form()
            faults = [{"fault": "latency", "ms": 60_000}, {"fault": "upload-slow"}]
            emulator.control("POST", "faults", faults)
            asked = [aside.submit(client.ask, "GET", "/me"), aside.submit(client.upload, form)]
            waiting = waits(aside, emulator, "webhooks")
            while len(emulator.app.transmitter._waits) < len(asked):
                time.sleep(0)
        for each in asked:
            assert "disconnected" in str(each.exception(PATIENCE_S))
        assert "503: the emulator is being stopped" in str(waiting.exception(PATIENCE_S))
    assert capfd.readouterr().err == "", "nothing of it is an error"


def test_a_reset_lets_go_of_whoever_is_held(
    emulator: Emulator, client: Client, aside: ThreadPoolExecutor, capfd: pytest.CaptureFixture[str]
) -> None:
    form = client.form()
    emulator.control("POST", "faults", [{"fault": "latency", "ms": 60_000}, {"fault": "upload-slow"}])
    asked = [aside.submit(client.ask, "GET", "/me"), aside.submit(client.upload, form)]
    while len(emulator.app.transmitter._waits) < len(asked):
        time.sleep(0)
    emulator.reset()
    for each in asked:
        assert "disconnected" in str(each.exception(PATIENCE_S))
    # Nothing is left of them that would hold the clock, or that it would wait for.
    assert emulator.control("GET", "clock")["due_ms"] is None
    assert emulator.app.activity.is_still()
    emulator.advance(LONG_MS)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "head",
    [
        b"POST /api/rest/v1/generations HTTP/1.1\r\nauthorization: Bearer slow-client",
        b"POST /s3/image-uploads-emulated HTTP/1.1\r\ncontent-type: multipart/form-data; boundary=b",
        b"PUT /s3/image-uploads-emulated/key HTTP/1.1",
    ],
)
def test_a_client_that_is_slow_to_send_stops_no_clock(
    emulator: Emulator, client: Client, head: bytes
) -> None:
    generation = client.order()
    with socket.create_connection(("127.0.0.1", emulator.settings.port), PATIENCE_S) as slow:
        slow.sendall(head + b"\r\nhost: leo.test\r\ncontent-length: 100\r\n\r\n--b")
        # By the time that this one is answered, the slow one has been begun.
        assert client.status(generation) == "PENDING"
        emulator.advance(LONG_MS)
        assert client.status(generation) == "COMPLETE"
        assert emulator.app.activity.is_still()
    assert client.status(generation) == "COMPLETE"


def test_who_hangs_up_is_not_held_any_longer(
    emulator: Emulator, client: Client, capfd: pytest.CaptureFixture[str]
) -> None:
    form = client.form()
    faults = [{"fault": "latency", "ms": 60_000}, {"fault": "upload-slow"}]
    emulator.control("POST", "faults", faults)
    asking: list[Callable[[], object]] = [
        lambda: client.ask("GET", "/me", timeout=0.02),
        lambda: client.upload(form, timeout=0.02),
    ]
    for ask in asking:
        with pytest.raises(httpx.ReadTimeout):
            ask()
    found = emulator.control("POST", "requests/wait_for", {"status": "0", "count": 2})["requests"]
    assert [(each["operation"], each["outcome"]) for each in found] == [
        ("getUserSelf", "gone"),
        ("s3.post", "gone"),
    ]
    assert emulator.control("GET", "clock")["due_ms"] is None
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(("after_ms", "status"), [(FORM_MS - 1_000, 204), (FORM_MS + 1_000, 403)])
def test_a_form_is_good_for_two_minutes(
    emulator: Emulator, client: Client, after_ms: int, status: int
) -> None:
    form = client.form()
    emulator.control("POST", "clock/advance", {"by_ms": after_ms})
    answer = client.upload(form)
    assert answer.status_code == status, answer.text
    if status == 403:
        assert "<Code>AccessDenied</Code>" in answer.text
        assert "Policy expired" in answer.text


def test_a_minute_is_the_clocks(emulator: Emulator, client: Client) -> None:
    for _ in range(100):
        client.order()
    refused = client.ask("POST", "/generations", json=SMALL)
    assert (refused.status_code, refused.json()["code"]) == (429, "unexpected")
    assert refused.headers["x-mockleo-why"].startswith("too-many-of-this-kind; rule=plans.credits.per_minute")
    window_ms = 60_000
    left_ms = window_ms - now_ms(emulator) % window_ms
    emulator.advance(left_ms - 1)
    assert client.ask("POST", "/generations", json=SMALL).status_code == 429
    emulator.advance(1)
    client.order()


def test_a_move_says_what_it_needs(emulator: Emulator) -> None:
    for body, field in (
        ({}, "by_ms"),
        ({"by_ms": 1, "to_ms": 1}, "by_ms"),
        ({"by_ms": -1}, "by_ms"),
        ({"by_ms": "1"}, "by_ms"),
        ({"to_ms": 1}, "to_ms"),
        ({"for_ms": 1}, "for_ms"),
    ):
        with pytest.raises(ControlRefused, match=r"^400: ") as told:
            emulator.control("POST", "clock/advance", body)
        assert told.value.field == field


# --- from one to the other ------------------------------------------------------------------------


def test_time_can_be_let_go_and_held_again(street: Street) -> None:
    """Whatever the clock does meanwhile, each job is booked, ends and is reported once."""
    receiver = street.receiver()
    with Emulator(seed=7, time="manual") as emulator, clients(emulator, KEY) as (client,):
        make_key(emulator, KEY, receiver.url)
        jobs = []
        seen_ms = [now_ms(emulator)]
        for going in (
            {"mode": "auto"},
            {"mode": "real", "pace": 100_000},
            {"mode": "manual"},
            {"mode": "auto"},
            {"mode": "real", "pace": 1_000_000},
        ):
            emulator.control("POST", "clock", going)
            jobs.append(client.order())
            if going["mode"] == "manual":
                assert client.status(jobs[-1]) == "PENDING"
                emulator.control("POST", "clock/advance", {"by_ms": LONG_MS})
            else:
                with pytest.raises(BadSetting, match="advance needs manual"):
                    emulator.advance(1)
            assert polls_until_complete(client, jobs[-1]) < POLLS_MOST
            seen_ms.append(now_ms(emulator))
        emulator.control("POST", "clock/freeze")
        still_ms = now_ms(emulator)
        client.status(jobs[0])
        assert now_ms(emulator) == still_ms
        assert seen_ms == sorted(seen_ms)
        emulator.control("POST", "webhooks/wait_for", {"state": "delivered", "count": len(jobs)})
        told = [json.loads(came.body)["data"]["object"]["id"] for came in receiver.came]
        assert sorted(told) == sorted(jobs)
        lines = [json.loads(line) for line in emulator.control("GET", "record").splitlines()]
        charged = [line for line in lines if line["kind"] == "ledger"]
        assert sorted(line["job_id"] for line in charged) == sorted(jobs)


def test_a_clock_that_runs_sixty_times_faster() -> None:
    rules = {"durations.spread": 0}
    with Emulator(seed=7, time="x60", rules=rules) as emulator, clients(emulator, KEY) as (client,):
        assert emulator.control("GET", "clock")["pace"] == 60
        emulator.control("POST", "faults", {"fault": "latency", "ms": 600})
        before_s, before_ms = time.monotonic(), now_ms(emulator)
        client.ask("GET", "/me")
        took_ms = now_ms(emulator) - before_ms
        # No less than told, and no more than has passed outside.
        assert 600 <= took_ms <= 60_000 * (time.monotonic() - before_s) + 60
        emulator.control("POST", "clock", {"mode": "real", "pace": 100_000})
        emulator.control("DELETE", "faults")
        assert polls_until_complete(client, client.order()) < POLLS_MOST
