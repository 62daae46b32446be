"""A member that is null."""

import pytest

from .rig import applied, refused

BODY = b'{"job":{"status":"COMPLETE","images":[{"url":"a","id":1},{"url":"b"},{"id":2}],"seed":1.5}}'


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        ("job", {BODY[7:-1]: b"null"}),
        ("job.status", {b'"COMPLETE"': b"null"}),
        ("job.images[*].url", {b'"a"': b"null", b'"b"': b"null"}),
        ("job.images[1].url", {b'"b"': b"null"}),
        ("job.images[2]", {b'{"id":2}': b"null"}),
        ("job.images[*]", {b'{"url":"a","id":1},{"url":"b"},{"id":2}': b"null,null,null"}),
        ("job.images[9].url", {}),
        ("job.nothing", {}),
        ("status", {}),
    ],
)
def test_null_stands_there_and_nowhere_else(path: str, changes: dict[bytes, bytes]) -> None:
    wanted = BODY
    for old, new in changes.items():
        wanted = wanted.replace(old, new)
    assert applied({"fault": "null-field", "path": path}, BODY).body == wanted


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "required field `path`"),
        ({"path": ""}, "^path: '' is not of the form"),
        ({"path": "a[b]"}, r"^path: 'a\[b\]' is not of the form"),
        ({"path": "a", "commit": False}, "^commit: null-field needs an answer"),
    ],
)
def test_what_cannot_be_is_told(given: dict[str, object], message: str) -> None:
    refused({"fault": "null-field", **given}, message)
