"""The same body under another name."""

import pytest

from .rig import ANSWER, applied, refused


@pytest.mark.parametrize(
    ("given", "content_type"),
    [
        ({}, b"text/plain"),
        ({"content_type": "application/octet-stream"}, b"application/octet-stream"),
        ({"content_type": "application/json; charset=latin-1"}, b"application/json; charset=latin-1"),
    ],
)
def test_only_the_type_is_another(given: dict[str, str], content_type: bytes) -> None:
    sending = applied({"fault": "wrong-type", **given})
    assert (sending.content_type, sending.body) == (content_type, ANSWER)


@pytest.mark.parametrize("content_type", ["", "text/plain\r\nx: y", "text/plain\n", "tëxt", "\x00"])
def test_what_no_header_can_hold_is_refused(content_type: str) -> None:
    refused({"fault": "wrong-type", "content_type": content_type}, "^content_type: .* is not what a header")


def test_without_an_answer_there_is_nothing_to_misname() -> None:
    refused({"fault": "wrong-type", "commit": False}, "^commit: wrong-type needs an answer")
