"""Objects written and removed by who holds the credentials: PUT, DELETE, POST ?delete.

Sources: AWS: PutObject, DeleteObject ("204" whether or not there was one), DeleteObjects.
"""

from mockleo.bucket import acl, tagging
from mockleo.bucket.attributes import SSE, attributes_of
from mockleo.bucket.conditions import check_write
from mockleo.bucket.errors import BadArgument, KeyTooLong, MalformedXML, NoSuchBucket, NoSuchKey, NotBuilt
from mockleo.bucket.markup import around, element, read, result
from mockleo.bucket.payload import Payload, whole
from mockleo.bucket.reply import Reply
from mockleo.bucket.request import Request, Stock
from mockleo.bucket.store import StoredObject
from mockleo.bucket.upload import KEY_BYTES_MAX

# AWS: DeleteObjects, "up to 1,000 keys".
DELETED_MAX = 1_000


def find(request: Request, stock: Stock) -> StoredObject:
    """Return the object a request names. Raises NoSuchBucket, NoSuchKey, BadArgument."""
    _check_version(request)
    stored = stock.store.get(request.bucket, request.key)
    if stored is not None:
        return stored
    if stock.store.buckets.get(request.bucket) is None:
        raise NoSuchBucket(request.bucket)
    raise NoSuchKey(request.key)


async def put(request: Request, stock: Stock) -> Reply:
    """PutObject. Nothing is in place before all of it has passed."""
    headers = dict(request.headers.items())
    if "x-amz-copy-source" in headers:
        raise NotBuilt("CopyObject")
    if stock.store.buckets.get(request.bucket) is None:
        raise NoSuchBucket(request.bucket)
    key_bytes = len(request.key.encode())
    if key_bytes > KEY_BYTES_MAX:
        raise KeyTooLong(size_bytes=key_bytes, bytes_max=KEY_BYTES_MAX)
    attributes = attributes_of(headers, acl=headers.get("x-amz-acl"))
    tags = tagging.from_header(headers.get("x-amz-tagging", ""))
    check_write(request.headers, stock.store.get(request.bucket, request.key))
    payload = Payload(request, bytes_max=stock.size_bytes_max)
    with stock.store.draft() as draft:
        async for piece in payload.chunks():
            draft.write(piece)
        stored = draft.commit(
            bucket=request.bucket,
            key=request.key,
            stored_at_ms=stock.now_ms(),
            tags=tags,
            checksums=payload.checksums,
            **attributes.plain(),
        )
    stock.on_stored(stored)
    return Reply(status=200, headers=told(stored))


def told(stored: StoredObject) -> dict[str, str]:
    """The headers that tell a sender what was stored."""
    headers = {"etag": f'"{stored.etag}"', SSE: stored.headers.get(SSE, "AES256")}
    for algorithm, checksum in stored.checksums.items():
        headers[f"x-amz-checksum-{algorithm}"] = checksum
        headers["x-amz-checksum-type"] = "FULL_OBJECT"
    return headers


def delete(request: Request, stock: Stock) -> Reply:
    """DeleteObject."""
    _check_version(request)
    if stock.store.buckets.get(request.bucket) is None:
        raise NoSuchBucket(request.bucket)
    stock.store.delete(request.bucket, request.key)
    return Reply(status=204)


async def delete_many(request: Request, stock: Stock) -> Reply:
    """DeleteObjects. A version other than the one there is counts as deleted already."""
    if stock.store.buckets.get(request.bucket) is None:
        raise NoSuchBucket(request.bucket)
    root = read(await whole(request))
    wanted = root.findall("Object")
    if root.tag != "Delete" or not 0 < len(wanted) <= DELETED_MAX:
        raise MalformedXML
    quiet = root.findtext("Quiet") == "true"
    listed = []
    for named in wanted:
        key, version = named.findtext("Key", ""), named.findtext("VersionId", "")
        if not key:
            raise MalformedXML
        if version in {"", "null"}:
            stock.store.delete(request.bucket, key)
        versions = [element("VersionId", version)] if version else []
        listed.append(around("Deleted", [element("Key", key), *versions]))
    body = result("DeleteResult", [] if quiet else listed)
    return Reply(status=200, headers={"content-type": "application/xml"}, body=body)


def show_acl(request: Request, stock: Stock) -> Reply:
    """GetObjectAcl."""
    return acl.shown(find(request, stock).acl)


async def put_acl(request: Request, stock: Stock) -> Reply:
    """PutObjectAcl."""
    find(request, stock)
    named = await acl.told(request, operation="PutObjectAcl")
    stock.store.change(find(request, stock), acl=named)
    return Reply(status=200)


def show_tags(request: Request, stock: Stock) -> Reply:
    """GetObjectTagging."""
    return tagging.shown(find(request, stock).tags)


async def put_tags(request: Request, stock: Stock) -> Reply:
    """PutObjectTagging."""
    find(request, stock)
    tags = tagging.from_xml(await whole(request))
    stock.store.change(find(request, stock), tags=tags)
    return Reply(status=200)


def delete_tags(request: Request, stock: Stock) -> Reply:
    """DeleteObjectTagging."""
    stock.store.change(find(request, stock), tags={})
    return Reply(status=204)


def _check_version(request: Request) -> None:
    """No versions are kept, and the one there is goes by `null` (AWS: "Working with objects in
    versioning-suspended buckets").
    """
    version = request.asked.get("versionId", "null")
    if version not in {"", "null"}:
        raise BadArgument("Invalid version id specified", name="versionId", value=version)
