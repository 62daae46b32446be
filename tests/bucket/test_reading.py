"""GET and HEAD: ranges, the headers an object carries, and what it must not smuggle into them."""

from collections.abc import Mapping

import pytest

from mockleo.bucket.errors import RangeNotSatisfiable
from mockleo.bucket.reading import mail_safe, span

from .rig import NAME, Rig, open_form

PATH = f"/s3/{NAME}/u/cat.png"
DATA = b"0123456789"


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=0-9", (0, 10)),
        ("bytes=0-", (0, 10)),
        ("bytes=9-", (9, 10)),
        ("bytes=3-5", (3, 6)),
        ("bytes=3-500", (3, 10)),
        ("bytes=-1", (9, 10)),
        ("bytes=-10", (0, 10)),
        ("bytes=-500", (0, 10)),
        ("Bytes= 3-5 ", (3, 6)),
        # Not a range of ours: the whole object.
        ("bytes=0-1,3-4", None),
        ("bytes=5-3", None),
        ("bytes=-", None),
        ("bytes=", None),
        ("bytes=a-b", None),
        ("bytes=1.5-3", None),
        ("bytes=\u0661-", None),
        ("bytes=" + "9" * 5_000 + "-", None),
        ("lines=0-1", None),
        ("0-1", None),
        ("", None),
        # Behind the end.
        ("bytes=10-", RangeNotSatisfiable),
        ("bytes=10-20", RangeNotSatisfiable),
        ("bytes=-0", RangeNotSatisfiable),
    ],
)
def test_ranges_of_ten_bytes(header: str, wanted: tuple[int, int] | type[RangeNotSatisfiable] | None) -> None:
    if isinstance(wanted, type):
        with pytest.raises(wanted):
            span(header, 10)
    else:
        assert span(header, 10) == wanted


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=0-0", "bytes=-5", "bytes=-0"])
def test_an_empty_object_has_no_range(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable):
        span(header, 0)


def stocked(rig: Rig, data: bytes = DATA, fields: Mapping[str, str] | None = None) -> Rig:
    assert rig.post(open_form({"key": "u/cat.png", **(fields or {})}), data).status == 204
    return rig


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("asked", "status", "data", "more"),
    [
        (None, 200, DATA, {"content-length": "10"}),
        ("bytes=2-4", 206, b"234", {"content-length": "3", "content-range": "bytes 2-4/10"}),
        ("bytes=-3", 206, b"789", {"content-length": "3", "content-range": "bytes 7-9/10"}),
        ("bytes=0-1,5-6", 200, DATA, {"content-length": "10"}),
    ],
)
def test_an_object_whole_or_in_part(
    rig: Rig, method: str, asked: str | None, status: int, data: bytes, more: dict[str, str]
) -> None:
    headers = {} if asked is None else {"range": asked}
    answer = stocked(rig, fields={"Content-Type": "image/png"}).ask(method, PATH, headers=headers)
    assert answer is not None
    assert answer.status == status
    assert answer.body == (data if method == "GET" else b"")
    expected = {
        "content-type": "image/png",
        "etag": '"781e5e245d69b566979b86e28d23f2c7"',
        "last-modified": "Fri, 15 Jan 2027 08:00:00 GMT",
        "accept-ranges": "bytes",
        "x-amz-server-side-encryption": "AES256",
        **more,
    }
    ours = {"x-amz-request-id", "x-amz-id-2"}
    found = {
        name: value
        for name, value in answer.headers.items()
        if name not in ours and not name.startswith("access-control-")
    }
    assert found == expected


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_range_behind_the_end(rig: Rig, method: str) -> None:
    answer = stocked(rig).ask(method, PATH, headers={"range": "bytes=10-"})
    assert answer is not None
    assert (answer.status, answer.headers["content-range"]) == (416, "bytes */10")
    assert int(answer.headers["content-length"]) > 0
    if method == "HEAD":
        assert answer.body == b""
    else:
        assert answer.xml["Code"] == "InvalidRange"
        assert (answer.xml["RangeRequested"], answer.xml["ActualObjectSize"]) == ("bytes=10-", "10")


@pytest.mark.parametrize(
    "path",
    [
        f"/s3/{NAME}/absent",
        f"/s3/{NAME}/u/cat.pn",
        f"/s3/{NAME}//u/cat.png",
        f"/s3/{NAME}/U/cat.png",
    ],
)
def test_no_such_key(rig: Rig, path: str) -> None:
    answer = stocked(rig).get(path)
    assert (answer.status, answer.xml["Code"]) == (404, "NoSuchKey")
    assert answer.xml["Message"] == "The specified key does not exist."


def test_no_such_bucket(rig: Rig) -> None:
    answer = stocked(rig).get("/s3/other/u/cat.png")
    assert (answer.status, answer.xml["Code"], answer.xml["BucketName"]) == (404, "NoSuchBucket", "other")


def test_a_large_object_comes_whole(rig: Rig) -> None:
    data = bytes(range(256)) * 2_000
    assert stocked(rig, data).get(PATH).body == data


def test_an_empty_object_comes_empty(rig: Rig) -> None:
    answer = stocked(rig, b"").get(PATH)
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "0")


def test_an_object_carries_its_headers_metadata_and_the_count_of_its_tags(rig: Rig) -> None:
    fields = {
        "Cache-Control": "no-cache",
        "x-amz-meta-Name": "Tom",
        "x-amz-meta-umlaut": "\u00c4",
        "x-amz-meta-evil": "a\r\nb: c",
        "x-amz-meta-two words": "x",
        "x-amz-meta-\u732b": "x",
        "x-amz-storage-class": "STANDARD_IA",
        "tagging": "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>",
    }
    headers = stocked(rig, fields=fields).get(PATH).headers
    assert headers["cache-control"] == "no-cache"
    assert headers["x-amz-meta-name"] == "Tom"
    assert headers["x-amz-meta-umlaut"] == "=?UTF-8?B?w4Q=?="
    assert headers["x-amz-meta-evil"] == "=?UTF-8?B?YQ0KYjogYw==?="
    assert headers["x-amz-missing-meta"] == "2"
    assert headers["x-amz-storage-class"] == "STANDARD_IA"
    assert headers["x-amz-tagging-count"] == "1"
    assert all("\r" not in value and value == value.strip() for value in headers.values())


@pytest.mark.parametrize(
    ("value", "safe"),
    [
        ("plain", "plain"),
        ("", ""),
        (" padded ", "padded"),
        ("\0\1\2\3\4", "=?UTF-8?B?AAECAwQ=?="),
        ("=?UTF-8?Q?=C3=84?=", "=?UTF-8?Q?=C3=84?="),
    ],
)
def test_values_are_made_mail_safe(value: str, safe: str) -> None:
    assert mail_safe(value) == safe
