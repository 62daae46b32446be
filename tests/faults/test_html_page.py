"""A page where JSON is expected."""

import pytest

from .rig import HTML_TYPE, applied, refused


@pytest.mark.parametrize("status", [200, 403, 503])
def test_it_is_a_page(status: int) -> None:
    sending = applied({"fault": "html-page", "status": status, "title": "Hold on"})
    assert (sending.status, sending.content_type.decode()) == (status, HTML_TYPE)
    assert b"<title>Hold on</title>" in sending.body


def test_a_title_is_text() -> None:
    body = applied({"fault": "html-page", "title": "<script>&"}).body
    assert b"<title>&lt;script&gt;&amp;</title>" in body


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"status": 199}, "^status: 199 is not between 200 and 599"),
        ({"status": 600}, "^status: 600 is not between 200 and 599"),
        ({"status": 204}, "^status: an answer of status 204 has no body"),
        ({"title": 3}, r"Expected `str`, got `int` - at `\$.title`"),
    ],
)
def test_what_cannot_be_is_told(given: dict[str, object], message: str) -> None:
    refused({"fault": "html-page", **given}, message)
