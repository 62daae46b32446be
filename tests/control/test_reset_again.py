"""A reset is a new start: the same calls after it are answered with the same bytes."""

from typing import Any

from .operator import Operator

FAULT = {
    "fault": "status",
    "id": "from-the-start",
    "status": 503,
    "operations": ["getUserSelf"],
    "share": 0.5,
}


def play(operator: Operator) -> list[tuple[Any, ...]]:
    """Polls of which the seed lets some fail, an order, and what became of it."""
    leo, seen = operator.leo, []
    headers = {"authorization": f"Bearer {leo.key}"}
    for _ in range(6):
        answer = leo.send("GET", "/api/rest/v1/me", headers=headers)
        seen.append((answer.status_code, answer.headers.raw, answer.content))
    answer = leo.send("POST", "/api/rest/v1/generations", headers=headers, json={"prompt": "x"})
    seen.append((answer.status_code, answer.headers.raw, answer.content))
    operator.post("clock/advance", by_ms=77_777)
    job = answer.json()["sdGenerationJob"]["generationId"]
    answer = leo.send("GET", f"/api/rest/v1/generations/{job}", headers=headers)
    seen.append((answer.status_code, answer.headers.raw, answer.content))
    return seen


def test_the_same_calls_after_a_reset_are_answered_with_the_same_bytes() -> None:
    operator = Operator(faults=(FAULT,))
    first = play(operator)
    assert {status for status, *_ in first} == {200, 503}
    operator.post("faults", fault="empty-body")
    operator.post("reset")
    assert [each["id"] for each in operator.get("faults")["faults"]] == ["from-the-start"]
    assert play(operator) == first


def test_lifting_the_faults_lifts_those_of_the_start_too() -> None:
    operator = Operator(faults=(FAULT,))
    operator.post("reset/faults")
    assert operator.get("faults")["faults"] == []
