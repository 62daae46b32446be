"""PUT and DELETE: what is kept, what is refused, and that nothing half is ever there."""

import base64
import hashlib
import io
from typing import Any

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]  # it ships no types

from .aws import client
from .rig import NAME, NOW_MS, Answer, Rig

HOSTILE = ["../../x", "/etc/passwd", "a\0b", "..", "C:\\x", "k" * 1_024, "\u732b" * 341, "a//b", " ", "<&>"]


def error_of(call: Any, **more: Any) -> tuple[int, str]:
    with pytest.raises(ClientError) as caught:
        call(**more)
    told = caught.value.response
    return told["ResponseMetadata"]["HTTPStatusCode"], told["Error"]["Code"]


def test_an_object_comes_back_with_all_that_was_said_of_it(rig: Rig) -> None:
    s3 = client(rig)
    told = s3.put_object(
        Bucket=NAME,
        Key="k",
        Body=b"meow",
        ContentType="text/plain",
        CacheControl="no-cache",
        ContentDisposition="inline",
        ContentLanguage="de",
        Metadata={"name": "Tom"},
        StorageClass="STANDARD_IA",
        Tagging="a=1",
        ACL="public-read",
        WebsiteRedirectLocation="/other",
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId="k1",
    )
    assert (told["ETag"], told["ChecksumType"]) == ('"4a4be40c96ac6314e91d93f38043a634"', "FULL_OBJECT")
    found = s3.get_object(Bucket=NAME, Key="k")
    assert found["Body"].read() == b"meow"
    expected = {
        "ContentLength": 4,
        "ContentType": "text/plain",
        "CacheControl": "no-cache",
        "ContentDisposition": "inline",
        "ContentLanguage": "de",
        "Metadata": {"name": "Tom"},
        "StorageClass": "STANDARD_IA",
        "TagCount": 1,
        "WebsiteRedirectLocation": "/other",
        "ServerSideEncryption": "aws:kms",
        "SSEKMSKeyId": "k1",
        "ETag": told["ETag"],
        "ChecksumCRC32": told["ChecksumCRC32"],
    }
    assert {name: found[name] for name in expected} == expected
    assert {grant["Permission"] for grant in s3.get_object_acl(Bucket=NAME, Key="k")["Grants"]} == {
        "FULL_CONTROL",
        "READ",
    }
    assert [stored.stored_at_ms for stored in rig.told] == [NOW_MS]


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_checksums_of_the_library(rig: Rig, algorithm: str) -> None:
    s3 = client(rig)
    told = s3.put_object(Bucket=NAME, Key="k", Body=io.BytesIO(b"meow"), ChecksumAlgorithm=algorithm)
    name = f"Checksum{algorithm}"
    assert s3.head_object(Bucket=NAME, Key="k", ChecksumMode="ENABLED")[name] == told[name]
    assert name not in s3.head_object(Bucket=NAME, Key="k")


def test_a_sum_is_told_of_what_had_none(rig: Rig) -> None:
    rig.store.put(bucket=NAME, key="k", data=b"123456789", content_type="text/plain", stored_at_ms=0)
    found = client(rig).get_object(Bucket=NAME, Key="k")
    assert base64.b64decode(found["ChecksumCRC64NVME"]).hex() == "ae8b14860a799888"
    rig.store.put(bucket=NAME, key="k", data=b"x" * 1_048_577, content_type="text/plain", stored_at_ms=0)
    assert "ChecksumType" not in client(rig).get_object(Bucket=NAME, Key="k")


@pytest.mark.parametrize("key", HOSTILE)
def test_keys_are_data(rig: Rig, key: str) -> None:
    s3 = client(rig)
    s3.put_object(Bucket=NAME, Key=key, Body=b"meow")
    assert [stored.key for stored in rig.store] == [key]
    assert rig.store._directory is not None
    assert [path.name for path in rig.store._directory.iterdir()] == ["00000001"]
    assert s3.get_object(Bucket=NAME, Key=key)["Body"].read() == b"meow"
    s3.put_object_tagging(Bucket=NAME, Key=key, Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
    assert s3.get_object_tagging(Bucket=NAME, Key=key)["TagSet"] == [{"Key": "a", "Value": "1"}]
    assert [found["Key"] for found in s3.list_objects(Bucket=NAME)["Contents"]] == [key]
    if "\0" in key:  # XML cannot carry it
        s3.delete_object(Bucket=NAME, Key=key)
    else:
        s3.delete_objects(Bucket=NAME, Delete={"Objects": [{"Key": key}]})
    assert (len(rig.store), list(rig.store._directory.iterdir())) == (0, [])


def test_a_key_of_1025_bytes(rig: Rig) -> None:
    told = error_of(client(rig).put_object, Bucket=NAME, Key="\u00e9" * 513, Body=b"x")
    assert told == (400, "KeyTooLongError")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"Bucket": "absent-bucket"}, (404, "NoSuchBucket")),
        ({"ACL": "mine"}, (400, "InvalidArgument")),
        ({"StorageClass": "FakeClass"}, (400, "InvalidStorageClass")),
        ({"Tagging": "a=1&a=2"}, (400, "InvalidTag")),
        ({"ServerSideEncryption": "ROT13"}, (400, "InvalidArgument")),
        ({"WebsiteRedirectLocation": "x"}, (400, "InvalidRedirectLocation")),
        ({"ChecksumSHA256": "AAAA"}, (400, "InvalidRequest")),
        ({"ChecksumCRC32": "AAAAAA=="}, (400, "BadDigest")),
        ({"ContentMD5": "AAAAAAAAAAAAAAAAAAAAAA=="}, (400, "BadDigest")),
        ({"ContentMD5": "x"}, (400, "InvalidDigest")),
        ({"IfMatch": '"x"'}, (412, "PreconditionFailed")),
        ({"IfNoneMatch": '"x"'}, (501, "NotImplemented")),
    ],
)
def test_what_is_refused_stores_nothing(rig: Rig, more: dict[str, str], told: tuple[int, str]) -> None:
    assert error_of(client(rig).put_object, **{"Bucket": NAME, "Key": "k", "Body": b"meow", **more}) == told
    assert (len(rig.store), rig.told) == (0, [])


def test_only_where_there_is_none(rig: Rig) -> None:
    s3 = client(rig)
    s3.put_object(Bucket=NAME, Key="k", Body=b"one", IfNoneMatch="*")
    assert error_of(s3.put_object, Bucket=NAME, Key="k", Body=b"two", IfNoneMatch="*")[0] == 412
    assert s3.get_object(Bucket=NAME, Key="k")["Body"].read() == b"one"


def test_conditions_on_reading(rig: Rig) -> None:
    s3 = client(rig)
    etag = s3.put_object(Bucket=NAME, Key="k", Body=b"meow")["ETag"]
    assert s3.get_object(Bucket=NAME, Key="k", IfMatch=etag)["Body"].read() == b"meow"
    assert error_of(s3.get_object, Bucket=NAME, Key="k", IfMatch='"x"') == (412, "PreconditionFailed")
    assert error_of(s3.get_object, Bucket=NAME, Key="k", IfNoneMatch=etag) == (304, "304")
    answer = rig.get(f"/s3/{NAME}/k", **{"if-none-match": etag})
    assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", etag)
    assert "content-length" not in answer.headers


def test_a_version_is_null_or_none(rig: Rig) -> None:
    s3 = client(rig)
    s3.put_object(Bucket=NAME, Key="k", Body=b"meow")
    s3.get_object(Bucket=NAME, Key="k", VersionId="null")
    for call in (s3.get_object, s3.delete_object):
        assert error_of(call, Bucket=NAME, Key="k", VersionId="1") == (400, "InvalidArgument")
    s3.delete_object(Bucket=NAME, Key="k", VersionId="null")
    assert len(rig.store) == 0


def test_deleting_what_is_not_there(rig: Rig) -> None:
    s3 = client(rig)
    s3.delete_object(Bucket=NAME, Key="absent")
    assert error_of(s3.delete_object, Bucket="absent-bucket", Key="k") == (404, "NoSuchBucket")
    told = s3.delete_objects(Bucket=NAME, Delete={"Objects": [{"Key": "absent"}]})
    assert told["Deleted"] == [{"Key": "absent"}]
    told = s3.delete_objects(Bucket=NAME, Delete={"Objects": [{"Key": "absent"}], "Quiet": True})
    assert "Deleted" not in told
    many = [{"Key": str(number)} for number in range(1_001)]
    assert error_of(s3.delete_objects, Bucket=NAME, Delete={"Objects": many}) == (400, "MalformedXML")


def test_tags_and_acls_of_an_object(rig: Rig) -> None:
    s3 = client(rig)
    for call, more in (
        (s3.get_object_tagging, {}),
        (s3.put_object_tagging, {"Tagging": {"TagSet": []}}),
        (s3.delete_object_tagging, {}),
        (s3.get_object_acl, {}),
        (s3.put_object_acl, {"ACL": "private"}),
    ):
        assert error_of(call, Bucket=NAME, Key="absent", **more) == (404, "NoSuchKey")
    s3.put_object(Bucket=NAME, Key="k", Body=b"meow", Tagging="a=1")
    s3.put_object_acl(Bucket=NAME, Key="k", ACL="public-read")
    s3.delete_object_tagging(Bucket=NAME, Key="k")
    (stored,) = rig.store
    assert (stored.acl, stored.tags, rig.store.read(stored)) == ("public-read", {}, b"meow")


def test_a_copy_is_not_built(rig: Rig) -> None:
    s3 = client(rig)
    told = error_of(s3.copy_object, Bucket=NAME, Key="k", CopySource={"Bucket": NAME, "Key": "k"})
    assert told == (501, "NotImplemented")


def raw(rig: Rig, body: bytes, *, acl: str = "public-read-write", **headers: str) -> Answer:
    """PUT into a bucket that is open to everybody, so that nothing needs a signature."""
    rig.store.buckets.open_to(NAME, acl)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    chunks = [body[at : at + 7] for at in range(0, len(body), 7)] or [b""]
    answer = rig.ask("PUT", f"/s3/{NAME}/k", headers=named, chunks=chunks)
    assert answer is not None
    return answer


WRAPPED = b"5;chunk-signature=ab\r\nhello\r\n0;chunk-signature=cd\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"
STREAMED = {
    "x_amz_content_sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "x_amz_decoded_content_length": "5",
    "x_amz_trailer": "x-amz-checksum-crc32",
    "content_encoding": "gzip,aws-chunked",
}


@pytest.mark.parametrize(
    "kind",
    [
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    ],
)
def test_a_wrapped_body_is_unwrapped(rig: Rig, kind: str) -> None:
    assert raw(rig, WRAPPED, **{**STREAMED, "x_amz_content_sha256": f"STREAMING-{kind}"}).status == 200
    (stored,) = rig.store
    assert (rig.store.read(stored), stored.headers["content-encoding"]) == (b"hello", "gzip")
    assert stored.checksums == {"crc32": "NhCmhg=="}


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        (WRAPPED.replace(b"NhC", b"AAA"), STREAMED, "BadDigest"),
        (WRAPPED[:-60], STREAMED, "IncompleteBody"),
        (WRAPPED, {**STREAMED, "x_amz_decoded_content_length": "6"}, "IncompleteBody"),
        (WRAPPED, {**STREAMED, "x_amz_decoded_content_length": "x"}, "MissingContentLength"),
        (b"hello", {"content_length": "6"}, "IncompleteBody"),
        (b"hello", {"transfer_encoding": ""}, "MissingContentLength"),
        (b"hello", {"transfer_encoding": "chunked"}, "NotImplemented"),
        (b"hello", {"content_length": "5", "x_amz_content_sha256": "0" * 64}, "XAmzContentSHA256Mismatch"),
        (b"hello", {"content_length": str(10**9)}, "EntityTooLarge"),
    ],
)
def test_a_body_that_is_not_what_it_is_said_to_be(
    rig: Rig, body: bytes, headers: dict[str, str], code: str
) -> None:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = raw(rig, body, **named)
    assert answer.xml["Code"] == code
    assert (len(rig.store), rig.told) == (0, [])
    assert rig.store._directory is None or list(rig.store._directory.iterdir()) == []


def test_the_hash_of_a_body_that_holds(rig: Rig) -> None:
    digest = hashlib.sha256(b"hello").hexdigest()
    assert raw(rig, b"hello", **{"content-length": "5", "x-amz-content-sha256": digest}).status == 200


def test_a_gigabyte_that_is_not_wanted_is_not_read_nor_written() -> None:
    rig = Rig(size_bytes_max=10_000_000)
    rig.store.buckets.open_to(NAME, "public-read-write")
    chunk = b"x" * 1_000_000
    answer = rig.ask("PUT", f"/s3/{NAME}/k", headers={"content-length": "1000000000"}, chunks=[chunk] * 1_000)
    assert answer is not None
    assert (answer.xml["ProposedSize"], answer.xml["MaxSizeAllowed"]) == ("1000000000", "10000000")
    assert (rig.unread, rig.store._directory) == (1_000, None)


def test_a_client_that_hangs_up_leaves_nothing(rig: Rig) -> None:
    rig.store.buckets.open_to(NAME, "public-read-write")
    headers = {"content-length": "10"}
    assert rig.ask("PUT", f"/s3/{NAME}/k", headers=headers, chunks=[b"half"], hangs_up=True) is None
    assert len(rig.store) == 0
    assert rig.store._directory is not None
    assert list(rig.store._directory.iterdir()) == []


@pytest.mark.parametrize("acl", ["private", "public-read", "authenticated-read", "public-read-write"])
def test_nobody_may_write_but_where_everybody_may(rig: Rig, acl: str) -> None:
    allowed = acl == "public-read-write"
    answer = raw(rig, b"meow", acl=acl, **{"content-length": "4"})
    assert (answer.status, len(rig.store)) == ((200, 1) if allowed else (403, 0))
    if not allowed:
        assert (answer.xml["Code"], answer.xml["Message"]) == ("AccessDenied", "Access Denied")
    rig.store.put(bucket=NAME, key="k", data=b"", content_type="text/plain", stored_at_ms=0)
    deleted = rig.ask("DELETE", f"/s3/{NAME}/k")
    assert deleted is not None
    assert (deleted.status, len(rig.store)) == ((204, 0) if allowed else (403, 1))
