"""A service of one operation behind a plan of faults; what it answers is known to the byte.

service = Service({"fault": "status", "status": 503, "commit": True})
assert seen(service).status == 503
assert service.booked == 1
"""

import asyncio
from typing import Any, NamedTuple

import httpx
import msgspec
import pytest

from mockleo.core.chance import Chance
from mockleo.faults.fault import AnswerFault, Draw
from mockleo.faults.menu import KINDS
from mockleo.faults.plan import Plan
from mockleo.runtime.clock import Mode
from mockleo.wire.http import JSON
from mockleo.wire.sending import CutOff, Sending
from tests.wire.tiny import Tiny

Description = dict[str, Any]

ANSWER = b'{"sdGenerationJob":{"generationId":"a","apiCreditCost":7}}'
JSON_TYPE = JSON.decode()
HTML_TYPE = "text/html; charset=utf-8"


class Seen(NamedTuple):
    """What a client gets: an answer, or status 0 where it was cut off."""

    status: int
    body: bytes = b""
    content_type: str = JSON_TYPE


CUT = Seen(0, content_type="")
GOOD = Seen(200, ANSWER)


def read(description: Description) -> AnswerFault:
    """The fault that is described, as the operator's API reads it."""
    fault = msgspec.convert(description, KINDS)
    assert isinstance(fault, AnswerFault)
    return fault


def refused(description: Description, match: str) -> None:
    """The description is refused in these words."""
    with pytest.raises(msgspec.ValidationError, match=match):
        msgspec.convert(description, KINDS)


def applied(description: Description, body: bytes = ANSWER, **given: Any) -> Sending:
    """What a fault makes of an answer, where it draws the largest numbers it can."""
    fault = read({"commit": True, **description})
    before = Sending(status=200, body=body, **given)
    after = fault.apply(before, draw=Draw(lambda bound: bound - 1))
    assert before == Sending(status=200, body=body, **given), "a fault makes a new one"
    return after


class Service(Tiny):
    """Meets its faults as the emulator does: before the call is carried out, and after."""

    def __init__(self, *descriptions: Description, mode: Mode = Mode.MANUAL, seed: bytes = b"7") -> None:
        super().__init__(mode=mode)
        self.booked = 0
        self.plan = Plan(
            chance=Chance(seed), operations={"api": ("createGeneration",)}, note=lambda decision: None
        )
        for description in descriptions:
            self.plan.add(read(description), now_ms=self.clock.now_ms())

    def answer(self) -> Sending:
        call = self.plan.open("createGeneration", user_id="u", sent=b"", now_ms=self.clock.now_ms())
        faults = [fault for fault in call.faults if isinstance(fault, AnswerFault)]
        body = b""
        if all(fault.commit for fault in faults):
            self.booked += 1
            body = ANSWER
        sending = Sending(status=200, body=body)
        for fault in faults:
            sending = fault.apply(sending, draw=self.plan.draw(fault, call))
        self.plan.close(call, failed=False)
        return sending


async def ask(service: Service) -> httpx.Response:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(service), base_url="http://leo.test"
    ) as client:
        return await client.post("/", content=b"{}")


async def seen_by(service: Service) -> Seen:
    """What the next call gets. Where the clock is to be moved first, it is."""
    call = asyncio.create_task(ask(service))
    while not call.done():
        if (due_ms := service.agenda.due_ms()) is not None:
            await service.scheduler.move_to(due_ms)
        await asyncio.sleep(0)
    try:
        answer = await call
    except CutOff:
        return CUT
    assert int(answer.headers["content-length"]) == len(answer.content)
    return Seen(answer.status_code, answer.content, answer.headers["content-type"])


def seen(service: Service) -> Seen:
    return asyncio.run(seen_by(service))
