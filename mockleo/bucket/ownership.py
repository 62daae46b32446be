"""Buckets made, looked at and removed by who holds the credentials.

The emulator's own bucket is always there, and stays.

Source: AWS: CreateBucket (names: "Bucket naming rules"), HeadBucket, DeleteBucket,
GetBucketLocation (an empty location is us-east-1).
"""

import re

from mockleo.bucket import acl, listing
from mockleo.bucket.errors import (
    BadBucketName,
    BadLocation,
    BucketNotEmpty,
    BucketOwned,
    Forbidden,
    NoSuchBucket,
)
from mockleo.bucket.markup import read, result
from mockleo.bucket.payload import whole
from mockleo.bucket.reply import Reply
from mockleo.bucket.request import Request, Stock


async def create(request: Request, stock: Stock) -> Reply:
    """CreateBucket."""
    name = request.bucket
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", name) or ".." in name:
        raise BadBucketName(name)
    opened = acl.canned(request.headers.get("x-amz-acl", acl.DEFAULT))
    if body := await whole(request):
        location = read(body).findtext("LocationConstraint") or stock.region
        if location != stock.region:
            raise BadLocation(location)
    if stock.store.buckets.get(name) is not None:
        raise BucketOwned(name)
    stock.store.buckets.ensure(name, now_ms=stock.now_ms())
    stock.store.buckets.open_to(name, opened)
    return Reply(status=200, headers={"location": f"/{name}"})


def head(request: Request, stock: Stock) -> Reply:
    """HeadBucket."""
    _check(request, stock)
    return Reply(status=200, headers={"content-type": "application/xml", "x-amz-bucket-region": stock.region})


def delete(request: Request, stock: Stock) -> Reply:
    """DeleteBucket."""
    _check(request, stock)
    if any(stored.bucket == request.bucket for stored in stock.store):
        raise BucketNotEmpty(request.bucket)
    if request.bucket == stock.name:
        raise Forbidden("This bucket is the emulator's own.")
    stock.store.buckets.delete(request.bucket)
    return Reply(status=204)


def list_all(request: Request, stock: Stock) -> Reply:
    """ListBuckets."""
    return listing.buckets(stock)


def list_objects(request: Request, stock: Stock) -> Reply:
    """ListObjects and ListObjectsV2."""
    _check(request, stock)
    if request.asked.get("list-type") == "2":
        return listing.objects_v2(request, stock)
    return listing.objects(request, stock)


def list_versions(request: Request, stock: Stock) -> Reply:
    """ListObjectVersions."""
    _check(request, stock)
    return listing.versions(request, stock)


def locate(request: Request, stock: Stock) -> Reply:
    """GetBucketLocation."""
    _check(request, stock)
    body = result("LocationConstraint", [] if stock.region == "us-east-1" else [stock.region])
    return Reply(status=200, headers={"content-type": "application/xml"}, body=body)


def show_acl(request: Request, stock: Stock) -> Reply:
    """GetBucketAcl."""
    _check(request, stock)
    record = stock.store.buckets.get(request.bucket)
    return acl.shown(acl.DEFAULT if record is None else record.acl)


async def put_acl(request: Request, stock: Stock) -> Reply:
    """PutBucketAcl."""
    _check(request, stock)
    opened = await acl.told(request, operation="PutBucketAcl")
    _check(request, stock)
    stock.store.buckets.open_to(request.bucket, opened)
    return Reply(status=200)


def _check(request: Request, stock: Stock) -> None:
    if stock.store.buckets.get(request.bucket) is None:
        raise NoSuchBucket(request.bucket)
