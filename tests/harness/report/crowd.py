"""A run with as many exchanges as one likes, written without an emulator: a crowd of jobs, looked at
again and again, with refusals, lost answers, webhooks and faults among them.

    lines = a_crowd(10_000)
    judged.of(lines)
"""

from __future__ import annotations

import json
from typing import Any

from mockleo.harness import run, scenario
from mockleo.record import Attempt, Decision, Delivery, Exchange, Record
from mockleo.record.lines import Run, lines
from mockleo.record.shapes import Booked, Booking, Head, Moved, Opening

BEGAN_MS = 1_800_000_000_000
USER = "8915ee6a-bc12-4983-81a2-334f4af33b81"
_LOOKS_EACH = 19
_STEP_MS = 400
_API = "/api/rest/v1/generations"


def a_crowd(exchanges: int) -> list[bytes]:
    """The lines of a saved run with so many exchanges: orders, each followed by looks."""
    record = Record(exchanges_most=exchanges)
    ledger: list[Booking] = []
    for n in range(1, exchanges + 1):
        _enter(record, ledger, n)
    ended_ms = BEGAN_MS + (exchanges + 50) * _STEP_MS
    client = run.ClientRun(command=("client", "--many"), started_ms=BEGAN_MS, ended_ms=ended_ms, exit_code=0)
    told = scenario.of(
        {"title": "A crowd", "story": "Many jobs.", "client": {"task": "generate", "exit": "any"}},
        name="crowd",
    )
    head = Head(version="test", seed=1, accounts=(Opening(USER, 1_000_000),))
    return list(
        run.write(
            run.Graded(scenario=told, client=client), lines(Run(head=head, record=record, ledger=ledger))
        )
    )


def job_id(nth: int) -> str:
    return f"1f1e6d1d-56e6-6051-9948-{nth:012x}"


def _enter(record: Record, ledger: list[Booking], n: int) -> None:
    nth, look = divmod(n - 1, _LOOKS_EACH + 1)
    job, at_ms = job_id(nth), BEGAN_MS + n * _STEP_MS
    if look:
        is_done = look >= _LOOKS_EACH - 1
        status = 429 if look == 5 else 502 if look == 9 and nth % 3 == 0 else 200
        shown = {"generations_by_pk": {"id": job, "status": "COMPLETE" if is_done else "PENDING"}}
        record.exchange(an_exchange(n, at_ms, "GET", f"{_API}/{job}", "getGenerationById", status, shown))
        return
    made = {"sdGenerationJob": {"generationId": job, "apiCreditCost": 15}}
    body = json.dumps({"prompt": f"a cat, {nth}", "num_images": 1}).encode()
    order = an_exchange(n, at_ms, "POST", _API, "createGeneration", 200, made, body=body)
    order.booked = (job,)
    record.exchange(order)
    done_ms = at_ms + (_LOOKS_EACH - 1) * _STEP_MS - 1
    record.moved(
        [
            Booked(at_ms, USER, job, "Generation", "image", 15, "a-key"),
            Moved(at_ms + _STEP_MS, USER, job, "Generation", "RUNNING"),
            Moved(done_ms, USER, job, "Generation", "COMPLETE"),
        ]
    )
    ledger.append(Booking(at_ms, USER, "CHARGE", 15, job))
    record.decided(
        Decision(at_ms=at_ms, fault="f-1", kind="status", operation="getGenerationById", user_id=USER,
                 call=nth, attempt=1)
    )  # fmt: skip
    attempts = [Attempt(at_ms=done_ms, ended_ms=done_ms + 20, status=200 if nth % 5 else 500)]
    record.delivery(
        Delivery(n=nth + 1, at_ms=done_ms, user_id=USER, key_id="a-key", job_id=job,
                 type="image_generation.complete", url="http://127.0.0.1:9/hook", attempts=attempts)
    )  # fmt: skip


def an_exchange(
    n: int, at_ms: int, method: str, path: str, operation: str, status: int, told: Any, *, body: bytes = b""
) -> Exchange:
    """One exchange as the emulator would have noted it."""
    answer = json.dumps(told).encode() if status == 200 else b"{}"
    return Exchange(
        n=n, at_ms=at_ms, answered_ms=at_ms + 30, method=method, path=path, query="", operation=operation,
        user_id=USER, key_id="a-key", scheme="Bearer", headers={b"host": b"127.0.0.1"}, body=body,
        body_bytes=len(body), status=status, why="" if status == 200 else "too-many-requests",
        answer=answer, answer_bytes=len(answer), client=("", n % 4 + 1),
    )  # fmt: skip
