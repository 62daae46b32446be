"""A member more, or another value."""

import json
from typing import Any

import pytest

from .rig import applied, refused

BODY = b'{"job":{"status":"COMPLETE","images":[{"id":1},{"id":2}]}}'


@pytest.mark.parametrize("value", [None, True, 7, 1.5, "x", [1, {"a": []}], {"a": {"b": None}}, 2**53])
def test_any_value_can_be_added(value: Any) -> None:
    body = json.loads(applied({"fault": "add-field", "path": "job.more", "value": value}, BODY).body)
    assert body["job"].pop("more") == value
    assert body == json.loads(BODY)


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("more", BODY[:-1] + b',"more":"added"}'),
        ("job.status", BODY.replace(b"COMPLETE", b"added")),
        (
            "job.images[*].more",
            BODY.replace(b"1}", b'1,"more":"added"}').replace(b"2}", b'2,"more":"added"}'),
        ),
        ("job.images[1].more", BODY.replace(b"2}", b'2,"more":"added"}')),
        ("job.nothing.more", BODY),
        ("job.images.more", BODY),
        ("job.status.more", BODY),
        ("job.images[5].more", BODY),
    ],
)
def test_it_stands_there_and_nowhere_else(path: str, wanted: bytes) -> None:
    assert applied({"fault": "add-field", "path": path}, BODY).body == wanted


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "required field `path`"),
        ({"path": "a..b"}, "^path: 'a..b' is not of the form"),
        ({"path": "a[*]"}, r"^path: 'a\[\*\]' does not end in a name"),
        ({"path": "a[0]"}, r"^path: 'a\[0\]' does not end in a name"),
        ({"path": "a", "commit": False}, "^commit: add-field needs an answer"),
    ],
)
def test_what_cannot_be_is_told(given: dict[str, object], message: str) -> None:
    refused({"fault": "add-field", **given}, message)
