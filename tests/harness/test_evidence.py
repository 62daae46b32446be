"""Judging takes time in proportion to the run, whatever the run is made of: no loop within a loop.

Counted are the lines that are run, and no seconds: the same on every machine.
"""

from __future__ import annotations

import json
import sys
import uuid
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from mockleo.harness import run, scenario
from mockleo.harness.checks import judge
from mockleo.record import Attempt, Delivery, Record
from mockleo.record.lines import Run, lines
from mockleo.record.shapes import Booked, Booking, Head, Moved, Opening
from tests.harness.report.crowd import BEGAN_MS, USER, an_exchange, job_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

FEW, MANY = 150, 600
# Four times as much is four times the work; a loop within a loop would make it sixteen.
TIMES_MOST = 7
# What is run less often for each exchange than this is no matter.
OFTEN = 8
API = "/api/rest/v1/generations"
FORM = "/api/rest/v1/init-image"
STEP_MS = 400


class Told:
    """A run that is written step by step: a call each."""

    def __init__(self) -> None:
        self.record = Record(exchanges_most=100_000)
        self.ledger: list[Booking] = []
        self.n = 0

    def call(
        self, method: str, path: str, name: str, status: int, told: Any, body: Any = None, **more: Any
    ) -> None:
        self.n += 1
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        made = an_exchange(self.n, BEGAN_MS + self.n * STEP_MS, method, path, name, status, told, body=raw)
        for field, value in more.items():
            setattr(made, field, value)
        self.record.exchange(made)

    def order(self, body: Any, *, lasts: int = 3, status: int = 200, **more: Any) -> str:
        job = job_id(self.n)
        told = {"sdGenerationJob": {"generationId": job}}
        self.call("POST", API, "createGeneration", status, told, body, booked=(job,), **more)
        at_ms = BEGAN_MS + self.n * STEP_MS
        self.record.moved(
            [
                Booked(at_ms, USER, job, "Generation", "image", 15, "a-key"),
                Moved(at_ms + 1, USER, job, "Generation", "RUNNING"),
                Moved(at_ms + lasts * STEP_MS, USER, job, "Generation", "COMPLETE"),
            ]
        )
        self.ledger.append(Booking(at_ms, USER, "CHARGE", 15, job))
        return job

    def look(self, job: str, status: str = "PENDING", **more: Any) -> None:
        shown = {"generations_by_pk": {"id": job, "status": status, **more}}
        self.call("GET", f"{API}/{job}", "getGenerationById", 200, shown)

    def run(self) -> run.Run:
        client = run.ClientRun(
            command=("client",), started_ms=BEGAN_MS, ended_ms=BEGAN_MS + (self.n + 50) * STEP_MS,
            exit_code=0, receiver="http://127.0.0.1:9/hook",
        )  # fmt: skip
        wanted = {"task": "test", "exit": "any", "webhook": True, "jobs": 3, "files": 3, "credits_most": 3}
        told = scenario.of({"title": "Much", "story": "Much.", "client": wanted}, name="much")
        record = Run(
            head=Head(version="test", seed=1, accounts=(Opening(USER, 1_000_000),)),
            record=self.record,
            ledger=self.ledger,
        )
        return run.read(run.write(run.Graded(scenario=told, client=client), lines(record)))


def one_job(told: Told, size: int) -> None:
    job = told.order({"prompt": "a"}, lasts=size)
    for _ in range(size):
        told.look(job)


def the_same_order(told: Told, size: int) -> None:
    for _ in range(size):
        told.order({"prompt": "a"})


def the_same_order_in_other_words(told: Told, size: int) -> None:
    for seed in range(size):
        told.order({"prompt": "a", "seed": seed}, status=0, outcome="cut", faults=("f-1",))


def an_order_that_fails(told: Told, size: int) -> None:
    for _ in range(size):
        told.order({"prompt": "a"}, status=502)


def refusals(told: Told, size: int) -> None:
    for nth in range(size):
        told.call("POST", API, "createGeneration", 429 if nth % 3 else 503, {}, {"prompt": f"{nth // 9}"})


def uploads(told: Told, size: int) -> None:
    for nth in range(size // 3):
        form = str(uuid.UUID(int=nth))
        told.call("POST", FORM, "uploadInitImage", 200, {"uploadInitImage": {"id": form}}, {})
        kind = {b"content-type": b"multipart/form-data; boundary=b"}
        part = b'--b\r\ncontent-disposition: form-data; name="key"\r\n\r\nu/%s.jpg\r\n--b--' % form.encode()
        told.call("POST", "/s3/b", "s3.post", 204, {}, part, headers=kind)
        told.order({"prompt": f"{nth}", "init_image_id": form})


def assets(told: Told, size: int) -> None:
    for nth in range(size // 4):
        job = told.order({"prompt": f"{nth}"}, lasts=1)
        told.look(
            job, "COMPLETE", generated_images=[{"id": str(uuid.UUID(int=nth)), "url": f"/cdn/{job}/a.jpg"}]
        )
        told.call("GET", f"/cdn/{job}/a.jpg", "cdn.get", 200, {})
        told.call("DELETE", f"{API}/{job}", "deleteGenerationById", 200, {})


def lists(told: Told, size: int) -> None:
    for nth in range(size // 2):
        told.order({"prompt": f"{nth}"}, lasts=9)
        told.call("GET", f"{API}/user/{USER}", "getGenerationsByUserId", 200, {"generations": []})


def webhooks(told: Told, size: int) -> None:
    for nth in range(size):
        job = told.order({"prompt": f"{nth}"}, lasts=2)
        at_ms = BEGAN_MS + (told.n + 2) * STEP_MS
        for again in range(2):
            attempt = Attempt(at_ms=at_ms, ended_ms=at_ms + 20, status=500 if nth % 7 == 0 else 200)
            told.record.delivery(
                Delivery(n=nth * 2 + again, at_ms=at_ms, user_id=USER, key_id="a-key", job_id=job,
                         type="image_generation.complete", url="http://127.0.0.1:9/hook",
                         attempts=[attempt])
            )  # fmt: skip


def work(shape: Callable[[Told, int], None], size: int) -> Counter[str]:
    """How often each line is run to judge a run of this shape and size."""
    told = Told()
    shape(told, size)
    read = told.run()
    ran: Counter[str] = Counter()

    def count(frame: FrameType, event: str, _told: Any) -> Any:
        if event == "line":
            ran[f"{frame.f_code.co_filename}:{frame.f_lineno}"] += 1
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        judge(read)
    finally:
        sys.settrace(before)
    return ran


@pytest.mark.parametrize(
    "shape",
    [one_job, the_same_order, the_same_order_in_other_words, an_order_that_fails, refusals, uploads, assets,
     lists, webhooks],
)  # fmt: skip
def test_judging_takes_time_in_proportion(shape: Callable[[Told, int], None]) -> None:
    few, many = work(shape, FEW), work(shape, MANY)
    assert {
        line: (few[line], times)
        for line, times in many.items()
        if times > OFTEN * MANY and times > TIMES_MOST * few[line]
    } == {}
