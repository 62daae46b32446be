"""Buckets: made, listed, opened, removed."""

from typing import Any

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]  # it ships no types

from .aws import client
from .rig import NAME, REGION, Rig
from .test_objects import error_of


@pytest.fixture
def s3(rig: Rig) -> Any:
    return client(rig)


def names(s3: Any) -> list[str]:
    return [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]


def test_a_bucket_comes_and_goes(rig: Rig, s3: Any) -> None:
    assert names(s3) == [NAME]
    assert s3.create_bucket(Bucket="a-new-one")["Location"] == "/a-new-one"
    assert names(s3) == ["a-new-one", NAME]
    assert s3.head_bucket(Bucket="a-new-one")["BucketRegion"] == REGION
    assert error_of(s3.create_bucket, Bucket="a-new-one") == (409, "BucketAlreadyOwnedByYou")
    s3.put_object(Bucket="a-new-one", Key="k", Body=b"x")
    assert error_of(s3.delete_bucket, Bucket="a-new-one") == (409, "BucketNotEmpty")
    s3.delete_object(Bucket="a-new-one", Key="k")
    s3.delete_bucket(Bucket="a-new-one")
    assert names(s3) == [NAME]
    for call in (s3.head_bucket, s3.delete_bucket):
        assert error_of(call, Bucket="a-new-one")[0] == 404
    for call in (s3.list_objects, s3.list_objects_v2, s3.get_bucket_acl, s3.get_bucket_location):
        assert error_of(call, Bucket="a-new-one") == (404, "NoSuchBucket")


def test_the_emulators_own_stays(rig: Rig, s3: Any) -> None:
    assert error_of(s3.delete_bucket, Bucket=NAME) == (403, "AccessDenied")
    s3.create_bucket(Bucket="a-new-one")
    s3.put_bucket_acl(Bucket=NAME, ACL="public-read")
    rig.store.clear()
    assert names(s3) == [NAME]
    assert len(s3.get_bucket_acl(Bucket=NAME)["Grants"]) == 1


def test_a_form_makes_the_bucket_it_is_for(rig: Rig, s3: Any) -> None:
    other = rig.presigner.__class__(name="made-by-form", region=REGION, credentials=rig.app.credentials)
    form = other.presign(key="k", content_type="image/png", now_ms=rig.now_ms)
    assert rig.post(form, path="/s3/made-by-form").status == 204
    assert names(s3) == ["made-by-form", NAME]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("aaa", None),
        ("a.b-c", None),
        ("a" * 63, None),
        ("aa", (400, "InvalidBucketName")),
        ("a" * 64, (400, "InvalidBucketName")),
        ("Upper", (400, "InvalidBucketName")),
        ("under_score", (400, "InvalidBucketName")),
        ("-a-", (400, "InvalidBucketName")),
        ("a..b", (400, "InvalidBucketName")),
    ],
)
def test_names(s3: Any, name: str, told: tuple[int, str] | None) -> None:
    if told is None:
        s3.create_bucket(Bucket=name)
    else:
        assert error_of(s3.create_bucket, Bucket=name) == told


@pytest.mark.parametrize(("place", "status"), [(REGION, None), ("us-west-2", 400)])
def test_a_place(s3: Any, place: str, status: int | None) -> None:
    more = {"Bucket": "aaa", "CreateBucketConfiguration": {"LocationConstraint": place}}
    if status is None:
        s3.create_bucket(**more)
        assert s3.get_bucket_location(Bucket="aaa")["LocationConstraint"] == place
    else:
        assert error_of(s3.create_bucket, **more) == (status, "IllegalLocationConstraintException")


GROUP = "http://acs.amazonaws.com/groups/global/"
OPENED = {
    "private": [],
    "public-read": [(f"{GROUP}AllUsers", "READ")],
    "public-read-write": [(f"{GROUP}AllUsers", "READ"), (f"{GROUP}AllUsers", "WRITE")],
    "authenticated-read": [(f"{GROUP}AuthenticatedUsers", "READ")],
}


@pytest.mark.parametrize("acl", OPENED)
@pytest.mark.parametrize("way", ["at birth", "later", "as grants"])
def test_acls(rig: Rig, s3: Any, acl: str, way: str) -> None:
    s3.create_bucket(Bucket="aaa", **({"ACL": acl} if way == "at birth" else {}))
    if way == "later":
        s3.put_bucket_acl(Bucket="aaa", ACL=acl)
    if way == "as grants":
        s3.create_bucket(Bucket="bbb", ACL=acl)
        there = s3.get_bucket_acl(Bucket="bbb")
        policy = {"Owner": there["Owner"], "Grants": there["Grants"]}
        s3.put_bucket_acl(Bucket="aaa", AccessControlPolicy=policy)
    owner, *granted = s3.get_bucket_acl(Bucket="aaa")["Grants"]
    assert owner["Permission"] == "FULL_CONTROL"
    assert [(grant["Grantee"]["URI"], grant["Permission"]) for grant in granted] == OPENED[acl]
    may_list = ("AllUsers" in str(granted)) is True
    for method in ("GET", "HEAD"):
        answer = rig.ask(method, "/s3/aaa")
        assert answer is not None
        assert answer.status == (200 if may_list else 403)


def test_acls_that_are_none(s3: Any) -> None:
    with pytest.raises(ClientError) as caught:
        s3.put_bucket_acl(Bucket=NAME, ACL="mine")
    told = caught.value.response["Error"]
    assert (told["Code"], told["ArgumentName"], told["ArgumentValue"]) == (
        "InvalidArgument",
        "x-amz-acl",
        "mine",
    )
    assert error_of(s3.create_bucket, Bucket="aaa", ACL="mine") == (400, "InvalidArgument")
    assert error_of(s3.put_bucket_acl, Bucket=NAME, GrantRead=f'uri="{GROUP}AllUsers"') == (
        501,
        "NotImplemented",
    )
    everything = [{"Grantee": {"Type": "Group", "URI": f"{GROUP}AllUsers"}, "Permission": "FULL_CONTROL"}]
    policy = {"Owner": {"ID": "x"}, "Grants": everything}
    assert error_of(s3.put_bucket_acl, Bucket=NAME, AccessControlPolicy=policy) == (501, "NotImplemented")
