"""The menu of operations: what is on it is answered, what is not is 501 by its name, to who signs."""

from itertools import product

import pytest
from botocore.auth import S3SigV4Auth  # type: ignore[import-untyped]  # it ships no types
from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]  # nor do these
from botocore.credentials import Credentials as AWSCredentials  # type: ignore[import-untyped]

from mockleo.bucket.operations import MENU, METHODS, RESOURCES

from .aws import deliver
from .rig import CREDENTIALS, NAME, Rig

NAMED = {
    ("GET", "bucket", "versioning"): "GetBucketVersioning",
    ("PUT", "bucket", "object-lock"): "PutBucketObjectLock",
    ("POST", "object", "uploads"): "CreateMultipartUpload",
    ("PUT", "object", "uploadId"): "UploadPart",
    ("DELETE", "object", "uploadId"): "AbortMultipartUpload",
    ("GET", "object", "attributes"): "GetObjectAttributes",
}


def asked(rig: Rig, method: str, level: str, resource: str, *, signed: bool) -> tuple[int, bytes]:
    """Send a request with AWS's own signature on it, or none."""
    path = f"/s3/{NAME}" + ("/k" if level == "object" else "")
    url = f"http://127.0.0.1:5360{path}?{resource}"
    headers = {"content-length": "0"}
    if signed:
        request = AWSRequest(method, url, headers=headers, data=b"")
        holder = AWSCredentials(CREDENTIALS.access_key_id, CREDENTIALS.secret_access_key)
        S3SigV4Auth(holder, "s3", rig.app.region).add_auth(request)
        headers = dict(request.headers.items())
    answer = deliver(rig, method, url, headers)
    return answer.status_code, answer.content


ALL = [
    (method, level, resource)
    for level in ("bucket", "object")
    for method, resource in product(
        sorted({"GET", "PUT", "DELETE", "POST"} & (METHODS[level] | {"POST"})), sorted(RESOURCES)
    )
]


@pytest.mark.parametrize(("method", "level", "resource"), ALL)
def test_what_is_not_on_the_menu_is_501_to_who_signs_and_403_to_others(
    rig: Rig, method: str, level: str, resource: str
) -> None:
    place = (method, level, resource)
    status, body = asked(rig, *place, signed=True)
    if place in MENU:
        assert status != 501 or b"grants" in body
    else:
        assert (status, b"<Code>NotImplemented</Code>" in body) == (501, True)
        assert f"<Operation>{NAMED.get(place, '')}".encode() in body
        assert asked(rig, *place, signed=False)[0] == 403


def test_every_row_is_of_a_method_and_a_resource_that_there_is() -> None:
    for method, level, resource in MENU:
        assert method in METHODS[level]
        assert resource == "" or resource in RESOURCES


def test_each_is_named_once() -> None:
    names = [operation.name for operation in MENU.values()]
    assert len(names) == len(set(names))
