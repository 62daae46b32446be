"""429, and what it says about when to come again."""

import asyncio
import json

import pytest

from mockleo.wire.contract import load

from .rig import GOOD, Service, applied, refused, seen_by


def test_it_says_what_the_limits_say() -> None:
    sending = applied({"fault": "throttle"})
    row = load().refusals["too-many-requests"]
    assert (sending.status, sending.headers) == (row.status, ())
    assert json.loads(sending.body) == {"error": row.error, "path": row.path, "code": row.code}


@pytest.mark.parametrize(
    ("retry_after", "header"),
    [(3, b"3"), (0, b"0"), ("7", b"7"), ("soon", b"soon"), (-1, b"-1"),
     ("Thu, 01 Jan 2026 00:01:00 GMT", b"Thu, 01 Jan 2026 00:01:00 GMT")],
)  # fmt: skip
def test_it_says_when_to_come_again_as_it_is_told(retry_after: int | str, header: bytes) -> None:
    sending = applied({"fault": "throttle", "retry_after": retry_after}, headers=((b"x", b"y"),))
    assert sending.headers == ((b"x", b"y"), (b"retry-after", header))


def test_other_words_can_be_set() -> None:
    body = json.loads(applied({"fault": "throttle", "error": "slow down", "code": "busy"}).body)
    assert body == {"error": "slow down", "path": "$", "code": "busy"}


async def _burst() -> list[int]:
    service = Service({"fault": "throttle", "times": 3})
    return [(await seen_by(service)).status for _ in range(5)]


def test_a_burst_has_an_end() -> None:
    assert asyncio.run(_burst()) == [429, 429, 429, GOOD.status, GOOD.status]


@pytest.mark.parametrize("retry_after", ["", "1\r\nx: y", "später"])
def test_what_no_header_can_hold_is_refused(retry_after: str) -> None:
    refused({"fault": "throttle", "retry_after": retry_after}, "^retry_after: .* is not what a header")
