"""Listings: their order, their pages, their prefixes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockleo.bucket.listing import page
from mockleo.bucket.store import StoredObject

from .aws import client
from .rig import NAME, Rig
from .test_objects import error_of


def an_object(key: str) -> StoredObject:
    return StoredObject(bucket="b", key=key, size_bytes=0, etag="", content_type="", stored_at_ms=0, number=0)


KEYS = st.lists(st.text(alphabet="abB/\u00e9\U0001f431", min_size=1, max_size=5), unique=True, max_size=12)


@given(KEYS, st.text(alphabet="ab", max_size=2), st.sampled_from(["", "/"]), st.integers(1, 4))
def test_pages_put_together_are_the_listing(keys: list[str], prefix: str, delimiter: str, most: int) -> None:
    def cut(after: str, most: int) -> Any:
        there = (an_object(key) for key in keys)
        return page(there, prefix=prefix, delimiter=delimiter, after=after, most=most)

    whole = cut("", 1_000)
    objects, prefixes, after = [], [], ""
    while True:
        one = cut(after, most)
        assert len(one.objects) + len(one.prefixes) <= most
        objects += one.objects
        prefixes += one.prefixes
        after = one.next_from
        if not after:
            break
    assert (tuple(objects), tuple(prefixes), whole.next_from) == (whole.objects, whole.prefixes, "")
    found = [stored.key for stored in whole.objects]
    assert found == sorted(found, key=str.encode)
    expected = {key for key in keys if key.startswith(prefix)}
    inside = {key for key in expected if delimiter and delimiter in key[len(prefix) :]}
    assert set(found) == expected - inside
    assert set(prefixes) == {prefix + key[len(prefix) :].partition("/")[0] + "/" for key in inside}


@pytest.fixture
def s3(rig: Rig) -> Any:
    for key in ("a/1", "a/2", "b", "c/<&>", "d e", "\u732b"):
        rig.store.put(bucket=NAME, key=key, data=b"x", content_type="text/plain", stored_at_ms=5_000)
    rig.store.put(bucket="other", key="z", data=b"x", content_type="text/plain", stored_at_ms=0)
    return client(rig)


def keys(told: Any) -> list[str]:
    return [found["Key"] for found in told.get("Contents", [])]


def test_what_is_told_of_each(s3: Any) -> None:
    told = s3.list_objects_v2(Bucket=NAME, FetchOwner=True)
    assert keys(told) == ["a/1", "a/2", "b", "c/<&>", "d e", "\u732b"]
    assert (told["KeyCount"], told["IsTruncated"], told["MaxKeys"], told["Name"]) == (6, False, 1_000, NAME)
    first = told["Contents"][0]
    assert (first["ETag"], first["Size"], first["StorageClass"]) == (
        '"9dd4e461268c8034f5c8564e155c67a6"',
        1,
        "STANDARD",
    )
    assert first["LastModified"].timestamp() == 5
    assert first["Owner"]["ID"]
    assert "Owner" not in s3.list_objects_v2(Bucket=NAME)["Contents"][0]


@pytest.mark.parametrize("call", ["list_objects", "list_objects_v2", "list_object_versions"])
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_the_librarys_own_paginator_sees_all(s3: Any, call: str, size: int) -> None:
    pages = list(s3.get_paginator(call).paginate(Bucket=NAME, PaginationConfig={"PageSize": size}))
    name = "Versions" if call == "list_object_versions" else "Contents"
    found = [each["Key"] for one in pages for each in one.get(name, [])]
    assert found == ["a/1", "a/2", "b", "c/<&>", "d e", "\u732b"]
    assert len(pages) == -(-6 // size)


def test_prefixes(s3: Any) -> None:
    told = s3.list_objects_v2(Bucket=NAME, Delimiter="/")
    assert keys(told) == ["b", "d e", "\u732b"]
    assert [one["Prefix"] for one in told["CommonPrefixes"]] == ["a/", "c/"]
    told = s3.list_objects(Bucket=NAME, Delimiter="/", MaxKeys=1)
    assert (told["NextMarker"], told["CommonPrefixes"]) == ("a/", [{"Prefix": "a/"}])
    assert keys(s3.list_objects(Bucket=NAME, Delimiter="/", Marker="a/", MaxKeys=1)) == ["b"]
    assert keys(s3.list_objects_v2(Bucket=NAME, StartAfter="b", Prefix="c/")) == ["c/<&>"]
    assert keys(s3.list_objects(Bucket=NAME, Marker="d e")) == ["\u732b"]


def test_versions_are_null(s3: Any) -> None:
    told = s3.list_object_versions(Bucket=NAME, Prefix="b")
    (found,) = told["Versions"]
    assert (found["Key"], found["VersionId"], found["IsLatest"]) == ("b", "null", True)
    s3.delete_objects(Bucket=NAME, Delete={"Objects": [{"Key": "b", "VersionId": "null"}]})
    assert "b" not in keys(s3.list_objects(Bucket=NAME))


def test_no_keys_at_all(s3: Any) -> None:
    told = s3.list_objects_v2(Bucket=NAME, MaxKeys=0)
    assert (keys(told), told["IsTruncated"]) == ([], False)


def test_what_cannot_be_read(rig: Rig, s3: Any) -> None:
    assert error_of(s3.list_objects_v2, Bucket=NAME, ContinuationToken="\u732b") == (400, "InvalidArgument")
    assert error_of(s3.list_objects, Bucket=NAME, MaxKeys=-1) == (400, "InvalidArgument")
    rig.store.buckets.open_to(NAME, "public-read")
    assert rig.get(f"/s3/{NAME}?max-keys=x").xml["ArgumentName"] == "max-keys"
