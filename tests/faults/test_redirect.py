"""An answer that sends the client elsewhere."""

from __future__ import annotations

import pytest

from mockleo.faults.redirect import STATUSES

from .rig import applied, refused

TO = "http://localhost:5360/elsewhere"


@pytest.mark.parametrize("status", STATUSES)
def test_it_names_the_place(status: int) -> None:
    sending = applied({"fault": "redirect", "to": TO, "status": status})
    assert (sending.status, sending.body) == (status, b"")
    assert dict(sending.headers)[b"location"] == TO.encode()


@pytest.mark.parametrize("status", [200, 300, 304, 305, 400])
def test_no_other_status_sends_anywhere(status: int) -> None:
    refused({"fault": "redirect", "to": TO, "status": status}, f"^status: {status} is none of 301")


@pytest.mark.parametrize("to", ["http://x/\r\nset-cookie: a", "http://ä/"])
def test_what_no_header_can_hold_is_refused(to: str) -> None:
    refused({"fault": "redirect", "to": to}, "^to: ")
