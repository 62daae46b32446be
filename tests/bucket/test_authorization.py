"""Who signed: AWS's own library does, in four ways; and every way to get it wrong."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]  # it ships no types
from starlette.datastructures import Headers

from mockleo.bucket.authorization import LINK_V4, is_signed
from mockleo.bucket.request import Request
from mockleo.bucket.signature import Credentials

from .aws import client, deliver
from .rig import CREDENTIALS, NAME, NOW_MS, REGION, Rig

KEYS = ["k", "a b+c", "../../x", "/etc/x", "a//b/", "\u732b?#&=", "%41~*'()", "."]


def code(call: Callable[[], Any]) -> str:
    try:
        call()
    except ClientError as error:
        told: str = error.response["Error"]["Code"]
        return told
    return ""


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_a_request_signed_by_header_is_known(rig: Rig, version: str, key: str) -> None:
    s3 = client(rig, version=version, session=version == "s3v4")
    s3.put_object(Bucket=NAME, Key=key, Body=b"meow", Metadata={"a": "b  c"})
    assert s3.get_object(Bucket=NAME, Key=key)["Body"].read() == b"meow"
    assert s3.get_object_tagging(Bucket=NAME, Key=key)["TagSet"] == []
    assert [found["Key"] for found in s3.list_objects_v2(Bucket=NAME, Prefix=key)["Contents"]] == [key]


@pytest.mark.parametrize("version", ["s3v4", "s3"])
@pytest.mark.parametrize(
    ("call", "more"),
    [
        ("list_buckets", {}),
        ("head_bucket", {"Bucket": NAME}),
        ("list_objects", {"Bucket": NAME, "Prefix": "a b", "Delimiter": "/"}),
        ("get_bucket_acl", {"Bucket": NAME}),
    ],
)
def test_so_is_one_about_buckets(rig: Rig, version: str, call: str, more: dict[str, str]) -> None:
    getattr(client(rig, version=version), call)(**more)


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_wrong_credentials(rig: Rig, version: str) -> None:
    stranger = client(rig, version=version, access_key_id="AKIAOTHER")
    assert code(lambda: stranger.put_object(Bucket=NAME, Key="k", Body=b"x")) == "InvalidAccessKeyId"
    liar = client(rig, version=version, secret_access_key="other")
    assert code(lambda: liar.put_object(Bucket=NAME, Key="k", Body=b"x")) == "SignatureDoesNotMatch"
    # Who signs is judged, even for what anybody may do.
    assert code(lambda: liar.get_object(Bucket=NAME, Key="k")) == "SignatureDoesNotMatch"
    assert len(rig.store) == 0


def test_another_region(rig: Rig) -> None:
    url = link("s3v4").replace(f"%2F{REGION}%2F", "%2Fus-west-2%2F")
    rig.now_ms = 0
    answer = deliver(rig, "GET", url)
    assert answer.status_code == 400
    assert f"the region 'us-west-2' is wrong; expecting '{REGION}'".encode() in answer.content
    assert f"<Region>{REGION}</Region>".encode() in answer.content


def test_the_library_goes_to_the_region_it_is_told(rig: Rig) -> None:
    client(rig, region="us-west-2").list_objects(Bucket=NAME)


def test_it_is_what_aws_says_it_is() -> None:
    # AWS: sig-v4-header-based-auth, "Example: GET Object".
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    headers = {
        "host": "examplebucket.s3.amazonaws.com",
        "range": "bytes=0-9",
        "x-amz-content-sha256": empty,
        "x-amz-date": "20130524T000000Z",
        "authorization": (
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        ),
    }
    request = Request(
        method="GET",
        scheme="https",
        path="/test.txt",
        root="",
        bucket="examplebucket",
        key="test.txt",
        query=(),
        headers=Headers(headers),
        body=None,  # type: ignore[arg-type]  # nobody reads it
    )
    example = Credentials(
        access_key_id="AKIAIOSFODNN7EXAMPLE", secret_access_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    )
    assert is_signed(request, credentials=example, region="us-east-1", now_ms=0)


def signed(rig: Rig, change: Callable[[dict[str, str]], None], *, path: str = f"/s3/{NAME}") -> str:
    """List a bucket with headers that were changed after they were signed."""
    caught: list[dict[str, str]] = []
    s3 = client()

    def keep(request: Any, **_: object) -> Any:
        caught.append({name.lower(): str(value, "latin-1") for name, value in request.headers.items()})
        raise KeyboardInterrupt

    s3.meta.events.register("before-send.s3", keep)
    with pytest.raises(KeyboardInterrupt):
        s3.list_objects(Bucket=NAME, EncodingType="url")
    (headers,) = caught
    headers["host"] = "127.0.0.1:5360"
    change(headers)
    answer = rig.ask("GET", path, headers=headers, query="encoding-type=url")
    assert answer is not None
    return "" if answer.status == 200 else answer.xml["Code"]


def nothing(headers: dict[str, str]) -> None: ...


def replaced(name: str, old: str, new: str) -> Callable[[dict[str, str]], None]:
    def change(headers: dict[str, str]) -> None:
        assert old in headers[name]
        headers[name] = headers[name].replace(old, new)

    return change


def only(authorization: str) -> Callable[[dict[str, str]], None]:
    return lambda headers: headers.update({"authorization": authorization})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (nothing, ""),
        (lambda headers: headers.update({"x-other": "1"}), ""),
        (lambda headers: headers.update({"x-amz-meta-a": "1"}), "AccessDenied"),
        (lambda headers: headers.update({"host": "other"}), "SignatureDoesNotMatch"),
        (lambda headers: headers.update({"x-amz-content-sha256": "0" * 64}), "SignatureDoesNotMatch"),
        (lambda headers: headers.pop("x-amz-content-sha256"), "InvalidRequest"),
        (lambda headers: headers.pop("x-amz-date"), "AuthorizationHeaderMalformed"),
        (lambda headers: headers.update({"x-amz-date": "19700101T000000Z"}), "AuthorizationHeaderMalformed"),
        (replaced("authorization", "Signature=", "Signature=0"), "SignatureDoesNotMatch"),
        (replaced("authorization", ", Signature=", ", Sig="), "AuthorizationHeaderMalformed"),
        (replaced("authorization", "SignedHeaders=", "S="), "AuthorizationHeaderMalformed"),
        (replaced("authorization", "/s3/", "/sqs/"), "AuthorizationHeaderMalformed"),
        (replaced("authorization", "AWS4-HMAC-SHA256", "Bearer"), "AccessDenied"),
        (replaced("authorization", "AWS4-HMAC-SHA256", "AWS"), "InvalidAccessKeyId"),
        (
            lambda headers: headers.update({"authorization": "AWS4-HMAC-SHA256"}),
            "AuthorizationHeaderMalformed",
        ),
        (lambda headers: headers.update({"authorization": "AWS"}), "InvalidAccessKeyId"),
    ],
)
def test_headers_that_were_changed(rig: Rig, change: Callable[[dict[str, str]], None], told: str) -> None:
    assert signed(rig, change) == told


def test_a_path_that_was_changed(rig: Rig) -> None:
    assert signed(rig, nothing, path="/s3/other") == "SignatureDoesNotMatch"


def test_a_session_token_is_ours_or_none(rig: Rig) -> None:
    client(rig, session=True).list_buckets()
    client(rig, session=False).list_buckets()
    other = Rig()
    other.app.credentials = type(CREDENTIALS)(
        access_key_id=CREDENTIALS.access_key_id,
        secret_access_key=CREDENTIALS.secret_access_key,
        session_token="new",
    )
    assert code(client(other, session=True).list_buckets) == "InvalidToken"


def link(version: str, call: str = "get_object", *, key: str = "k", seconds: int = 60, **more: Any) -> str:
    made: str = client(version=version).generate_presigned_url(
        call, Params={"Bucket": NAME, "Key": key, **more}, ExpiresIn=seconds
    )
    return made


@pytest.fixture
def today(rig: Rig) -> Rig:
    """A bucket whose clock shows what the library's does, to the second it has just signed."""
    url = link("s3v4")
    moment = url.partition("X-Amz-Date=")[2][:16]
    rig.now_ms = int(datetime.strptime(f"{moment}+0000", "%Y%m%dT%H%M%SZ%z").timestamp() * 1_000)
    return rig


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_a_presigned_url_reads_and_writes_and_removes(today: Rig, version: str, key: str) -> None:
    length = {"content-length": "4"}
    assert deliver(today, "PUT", link(version, "put_object", key=key), length, b"meow").status_code == 200
    assert [stored.key for stored in today.store] == [key]
    assert deliver(today, "GET", link(version, key=key)).content == b"meow"
    assert deliver(today, "DELETE", link(version, "delete_object", key=key)).status_code == 204
    assert len(today.store) == 0


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_it_is_for_its_method_key_and_query(today: Rig, version: str) -> None:
    url = link(version, ResponseContentType="text/plain")
    today.store.put(bucket=NAME, key="k", data=b"meow", content_type="image/png", stored_at_ms=0)
    assert deliver(today, "GET", url).headers["content-type"] == "text/plain"
    for method, changed in (
        ("PUT", url),
        ("DELETE", url),
        ("GET", url.replace("/k?", "/l?")),
        ("GET", url.replace("plain", "html")),
        ("GET", url.replace("Signature=", "Signature=0")),
    ):
        answer = deliver(today, method, changed, {"content-length": "0"})
        assert (answer.status_code, b"SignatureDoesNotMatch" in answer.content) == (403, True)


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_it_ends(today: Rig, version: str) -> None:
    # Another second may have begun since the clock was set.
    url = link(version, seconds=600)
    today.now_ms += 590_000
    assert b"NoSuchKey" in deliver(today, "GET", url).content
    today.now_ms += 30_000
    answer = deliver(today, "GET", url)
    assert answer.status_code == 403
    assert b"<Code>AccessDenied</Code><Message>Request has expired</Message><Expires>" in answer.content


@pytest.mark.parametrize(
    ("old", "new"),
    [
        *((f"{name}=", f"{name}-=") for name in LINK_V4 if name != "X-Amz-Signature"),
        ("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"),
        ("aws4_request", "aws5_request"),
        ("X-Amz-Expires=60", "X-Amz-Expires=-1"),
        ("X-Amz-Expires=60", "X-Amz-Expires=604801"),
        ("X-Amz-Expires=60", "X-Amz-Expires=x"),
        ("X-Amz-Date=2", "X-Amz-Date=1"),
        ("X-Amz-Date=2", "X-Amz-Date=x"),
    ],
)
def test_a_malformed_link(today: Rig, old: str, new: str) -> None:
    answer = deliver(today, "GET", link("s3v4").replace(old, new))
    assert answer.status_code == 400
    assert b"<Code>AuthorizationQueryParametersError</Code>" in answer.content


@pytest.mark.parametrize("name", ["AWSAccessKeyId", "Expires"])
def test_a_malformed_link_of_the_older_kind(today: Rig, name: str) -> None:
    answer = deliver(today, "GET", link("s3").replace(f"{name}=", f"{name}-="))
    assert (answer.status_code, b"AuthorizationQueryParametersError" in answer.content) == (400, True)


def test_a_header_that_a_link_does_not_cover(today: Rig) -> None:
    headers = {"content-length": "4", "x-amz-acl": "public-read"}
    answer = deliver(today, "PUT", link("s3v4", "put_object"), headers, b"meow")
    assert b"<HeadersNotSigned>x-amz-acl</HeadersNotSigned>" in answer.content
    assert len(today.store) == 0


def test_the_clock_is_not_held_against_a_header(rig: Rig) -> None:
    rig.now_ms = NOW_MS + 10**10
    client(rig).list_buckets()
