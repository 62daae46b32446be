"""How a share ends when the door does not give an answer."""

import msgspec
import pytest

from mockleo.conformance.door import Answer, MayNot, NoAnswer, OutOfBudget, Request
from mockleo.conformance.schema.way_out import SILENT_MOST
from tests.conformance.schema.crooked import Crooked, tried


def test_a_used_up_budget_ends_the_share_with_what_it_has() -> None:
    left = 12

    def pay(request: Request, answer: Answer) -> Answer:
        nonlocal left
        left -= 1
        if left < 0:
            raise OutOfBudget("$0.01 left")
        return answer

    made = tried(pay, "getUserSelf", "promptRandom", phases=("coverage", "fuzzing"))
    assert isinstance(made.ended, OutOfBudget)
    # No call after the first that was not paid for.
    assert left == -1
    assert not made.tally.findings
    assert sum(made.tally.statuses.values()) > 0


def test_what_may_not_be_sent_is_left_out_and_the_rest_is_made() -> None:
    def forbid(request: Request, answer: Answer) -> Answer:
        if request.operation == "promptRandom":
            raise MayNot("it is not among what was allowed")
        return answer

    made = tried(forbid, "promptRandom", "getUserSelf", examples=10)
    assert made.ended is None
    assert not made.tally.findings
    assert ("schema", "calls of promptRandom") in made.tally.omissions
    assert made.tally.statuses["getUserSelf", 200] > 0


def test_in_a_sequence_what_may_not_be_sent_is_left_out() -> None:
    deleted = 0

    def forbid(request: Request, answer: Answer) -> Answer:
        nonlocal deleted
        deleted += request.method == "DELETE"
        if request.method == "DELETE" and deleted == 2:
            raise MayNot("it is not ours")
        return answer

    made = tried(
        forbid,
        "uploadInitImage",
        "getInitImageById",
        "deleteInitImageById",
        phases=("stateful",),
        examples=5,
    )
    assert not made.tally.findings
    assert made.tally.cases["schema"] > 3
    assert deleted > 2


def test_a_call_without_an_answer_is_a_finding_and_not_the_end() -> None:
    calls = 0

    def lose(request: Request, answer: Answer) -> Answer:
        nonlocal calls
        calls += request.operation == "promptRandom"
        if request.operation == "promptRandom" and calls == 5:
            raise NoAnswer("the line went dead")
        return answer

    made = tried(lose, "promptRandom", "getUserSelf", phases=("coverage",))
    assert [finding.check for finding in made.tally.findings.values()] == ["answers"]
    assert made.ended is None
    assert made.tally.statuses["getUserSelf", 200] > 0


def test_where_nobody_answers_any_more_it_ends() -> None:
    sent = 0

    def lose(request: Request, answer: Answer) -> Answer:
        nonlocal sent
        sent += 1
        raise NoAnswer("nobody there")

    made = tried(lose, "promptRandom", "getUserSelf")
    assert isinstance(made.ended, NoAnswer)
    assert sent == SILENT_MOST


def test_the_invalid_key_has_the_form_of_one() -> None:
    shown: set[str] = set()

    def look(request: Request, answer: Answer) -> Answer:
        shown.update(value for name, value in request.headers if name.lower() == "authorization")
        return answer

    tried(look, "getUserSelf", phases=("coverage",))
    assert not any("SCHEMATHESIS" in value for value in shown)


def test_nothing_goes_past_the_door(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket of its own")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    made = tried(lambda _, answer: msgspec.structs.replace(answer), "getUserSelf")
    assert made.tally.cases["schema"] > 0


def test_a_door_is_closed_once_it_was_used() -> None:
    door = Crooked()
    door.close()
    door.close()
