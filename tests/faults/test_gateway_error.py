"""What stands before the service fails, in its own words."""

import json

import pytest

from mockleo.core.errors import NotTheApi
from mockleo.wire.contract import load
from mockleo.wire.errors import page

from .rig import HTML_TYPE, JSON_TYPE, applied, refused


def test_the_gateway_says_what_the_contract_says() -> None:
    sending = applied({"fault": "gateway-error", "status": 500})
    row = load().refusals["malformed-key"]
    assert (sending.status, sending.content_type.decode()) == (row.status, JSON_TYPE)
    assert json.loads(sending.body) == {"error": row.error, "path": row.path, "code": row.code}


@pytest.mark.parametrize(
    ("status", "title"),
    [(502, "502 Bad Gateway"), (503, "503 Service Unavailable"), (504, "504 Gateway Timeout")],
)
def test_the_front_answers_with_a_page(status: int, title: str) -> None:
    sending = applied({"fault": "gateway-error", "status": status})
    assert (sending.status, sending.content_type.decode()) == (status, HTML_TYPE)
    assert f"<h1>{title}</h1>".encode() in sending.body


def test_its_pages_are_the_fronts() -> None:
    assert page("403 Forbidden") == load().refusals.write(NotTheApi()).body


@pytest.mark.parametrize("status", [200, 404, 501, 505])
def test_no_other_status_is_theirs(status: int) -> None:
    refused({"fault": "gateway-error", "status": status}, f"^status: {status} is none of 500, 502, 503, 504")
