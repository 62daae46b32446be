"""Any status, and what the body says under it."""

import json

import pytest

from mockleo.faults.status import BODILESS, KNOWN
from mockleo.wire.contract import load

from .rig import ANSWER, applied, refused


def test_every_status_can_be_answered() -> None:
    for status in range(200, 600):
        sending = applied({"fault": "status", "status": status})
        assert sending.status == status
        if status in BODILESS:
            assert sending.body == b""
        elif status < 300:
            assert sending.body == ANSWER
        else:
            assert list(json.loads(sending.body)) == ["error", "path", "code"]


@pytest.mark.parametrize("status", [-1, 0, 100, 199, 600, 1000])
def test_no_other_can(status: int) -> None:
    refused({"fault": "status", "status": status}, f"^status: {status} is not between 200 and 599")


def test_without_a_status_there_is_none() -> None:
    refused({"fault": "status"}, "required field `status`")


@pytest.mark.parametrize(
    ("given", "error", "code"),
    [
        ({"status": 503}, "Service Unavailable", "unexpected"),
        ({"status": 599}, "Status 599", "unexpected"),
        ({"status": 500}, "Service Error", "unexpected"),
        ({"status": 500, "error": "internal error"}, "internal error", "unexpected"),
        ({"status": 400, "error": "no", "code": "bad-request"}, "no", "bad-request"),
        ({"status": 401, "code": "x"}, "Authentication hook unauthorized this request", "x"),
        # An error under 200, which clients that never look at the status take for data.
        ({"status": 200, "error": "no"}, "no", "unexpected"),
        ({"status": 500, "error": ""}, "", "unexpected"),
    ],
)
def test_the_body_says_what_is_wanted(given: dict[str, object], error: str, code: str) -> None:
    body = json.loads(applied({"fault": "status", **given}).body)
    assert body == {"error": error, "path": "$", "code": code}


@pytest.mark.parametrize("status", sorted(BODILESS))
@pytest.mark.parametrize("field", ["error", "code"])
def test_what_has_no_body_says_nothing(status: int, field: str) -> None:
    refused({"fault": "status", "status": status, field: "x"}, f"^{field}: an answer of status {status} has")


@pytest.mark.parametrize(
    ("status", "row"),
    [
        (401, "unauthenticated"),
        (404, "endpoint-not-found"),
        (429, "too-many-requests"),
        (500, "wrong-kind-of-id"),
    ],
)
def test_what_is_known_is_in_the_contract(status: int, row: str) -> None:
    refusal = load().refusals[row]
    assert (refusal.status, (refusal.error, refusal.code)) == (status, KNOWN[status])


def test_nothing_else_is_known() -> None:
    assert set(KNOWN) == {401, 404, 429, 500}
