"""An answer with nothing in it."""

from .rig import applied, refused


def test_the_status_stays_and_the_body_goes() -> None:
    sending = applied({"fault": "empty-body"})
    assert (sending.status, sending.body, sending.cut_after) == (200, b"", None)


def test_it_has_nothing_to_set() -> None:
    refused({"fault": "empty-body", "status": 200}, "unknown field `status`")
