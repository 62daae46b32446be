"""What is in a bucket, and which buckets there are: ListObjects in its three forms, ListBuckets.

Keys come in the order of their UTF-8 bytes, which is that of their code points. A page is cut
at `max-keys`; common prefixes count.
No version is kept but the newest, so ListObjectVersions names each object's as `null`.

Source: AWS: ListObjects, ListObjectsV2, ListObjectVersions, ListBuckets.
"""

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from mockleo.bucket.acl import owner
from mockleo.bucket.errors import BadArgument
from mockleo.bucket.markup import around, element, result
from mockleo.bucket.reply import Reply
from mockleo.bucket.request import Request, Stock
from mockleo.bucket.store import StoredObject

KEYS_MAX = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A stretch of a listing. `next_from` is where the following one begins, "" after the last."""

    objects: tuple[StoredObject, ...]
    prefixes: tuple[str, ...]
    next_from: str


def page(objects: Iterator[StoredObject], *, prefix: str, delimiter: str, after: str, most: int) -> Page:
    """Cut the stretch behind `after` out of a bucket's objects, in any order given."""
    found: list[StoredObject] = []
    prefixes: list[str] = []
    last = ""
    for stored in sorted(objects, key=lambda stored: stored.key):
        if not stored.key.startswith(prefix):
            continue
        inside, cut, _ = stored.key[len(prefix) :].partition(delimiter) if delimiter else ("", "", "")
        name = prefix + inside + cut if cut else stored.key
        if name <= after or name in prefixes[-1:]:
            continue
        if len(found) + len(prefixes) >= most:
            return Page(objects=tuple(found), prefixes=tuple(prefixes), next_from=last if most else "")
        last = name
        if cut:
            prefixes.append(name)
        else:
            found.append(stored)
    return Page(objects=tuple(found), prefixes=tuple(prefixes), next_from="")


def objects(request: Request, stock: Stock) -> Reply:
    """ListObjects."""
    asked = request.asked
    after = asked.get("marker", "")
    cut = _cut(request, stock, after=after)
    spelled = _speller(asked)
    return _answer(
        "ListBucketResult",
        request,
        cut,
        [
            element("Marker", spelled(after)),
            *(
                [element("NextMarker", spelled(cut.next_from))]
                if cut.next_from and "delimiter" in asked
                else []
            ),
            *(_object(stored, spelled, with_owner=True) for stored in cut.objects),
        ],
    )


def objects_v2(request: Request, stock: Stock) -> Reply:
    """ListObjectsV2. A continuation token is the key to go on from, in base64."""
    asked = request.asked
    after = asked.get("start-after", "")
    token = asked.get("continuation-token")
    if token is not None:
        try:
            after = base64.b64decode(token, altchars=b"-_", validate=True).decode()
        except ValueError:
            message = "The continuation token provided is incorrect"
            raise BadArgument(message, name="continuation-token", value=token) from None
    cut = _cut(request, stock, after=after)
    spelled = _speller(asked)
    following = base64.urlsafe_b64encode(cut.next_from.encode()).decode()
    with_owner = asked.get("fetch-owner") == "true"
    return _answer(
        "ListBucketResult",
        request,
        cut,
        [
            *([element("ContinuationToken", token)] if token is not None else []),
            *([element("NextContinuationToken", following)] if following else []),
            *([element("StartAfter", spelled(asked["start-after"]))] if "start-after" in asked else []),
            element("KeyCount", str(len(cut.objects) + len(cut.prefixes))),
            *(_object(stored, spelled, with_owner=with_owner) for stored in cut.objects),
        ],
    )


def versions(request: Request, stock: Stock) -> Reply:
    """ListObjectVersions."""
    asked = request.asked
    after = asked.get("key-marker", "")
    cut = _cut(request, stock, after=after)
    spelled = _speller(asked)
    following = [element("NextKeyMarker", spelled(cut.next_from)), element("NextVersionIdMarker", "null")]
    return _answer(
        "ListVersionsResult",
        request,
        cut,
        [
            element("KeyMarker", spelled(after)),
            element("VersionIdMarker", ""),
            *(following if cut.next_from else []),
            *(_object(stored, spelled, with_owner=True, version="null") for stored in cut.objects),
        ],
    )


def buckets(stock: Stock) -> Reply:
    """ListBuckets."""
    listed = [
        around("Bucket", [element("Name", record.name), element("CreationDate", _moment(record.created_ms))])
        for record in stock.store.buckets
    ]
    body = result("ListAllMyBucketsResult", [owner(), around("Buckets", listed)])
    return Reply(status=200, headers={"content-type": "application/xml"}, body=body)


def _cut(request: Request, stock: Stock, *, after: str) -> Page:
    asked = request.asked
    return page(
        (stored for stored in stock.store if stored.bucket == request.bucket),
        prefix=asked.get("prefix", ""),
        delimiter=asked.get("delimiter", ""),
        after=after,
        most=_most(asked),
    )


def _most(asked: Mapping[str, str]) -> int:
    told = asked.get("max-keys") or str(KEYS_MAX)
    if not told.isascii() or not told.isdigit():
        raise BadArgument(
            "Provided max-keys not an integer or within integer range", name="max-keys", value=told
        )
    return min(int(told[:10]), KEYS_MAX)


def _speller(asked: Mapping[str, str]) -> Callable[[str], str]:
    """How keys are written: XML cannot carry every key, so a client may ask for them URL-encoded."""
    return (lambda key: quote(key, safe="/-_.~*")) if asked.get("encoding-type") == "url" else str


def _answer(root: str, request: Request, cut: Page, own: list[str]) -> Reply:
    asked = request.asked
    spelled = _speller(asked)
    body = result(
        root,
        [
            element("Name", request.bucket),
            element("Prefix", spelled(asked.get("prefix", ""))),
            element("MaxKeys", str(_most(asked))),
            *([element("Delimiter", spelled(asked["delimiter"]))] if asked.get("delimiter") else []),
            *([element("EncodingType", "url")] if asked.get("encoding-type") == "url" else []),
            element("IsTruncated", "true" if cut.next_from else "false"),
            *own,
            *(around("CommonPrefixes", [element("Prefix", spelled(prefix))]) for prefix in cut.prefixes),
        ],
    )
    return Reply(status=200, headers={"content-type": "application/xml"}, body=body)


def _object(
    stored: StoredObject, spelled: Callable[[str], str], *, with_owner: bool, version: str = ""
) -> str:
    inside = [
        element("Key", spelled(stored.key)),
        *([element("VersionId", version), element("IsLatest", "true")] if version else []),
        element("LastModified", _moment(stored.stored_at_ms)),
        element("ETag", f'"{stored.etag}"'),
        element("Size", str(stored.size_bytes)),
        element("StorageClass", stored.storage_class),
        *([owner()] if with_owner else []),
    ]
    return around("Version" if version else "Contents", inside)


def _moment(epoch_ms: int) -> str:
    moment = datetime.fromtimestamp(0, UTC) + timedelta(seconds=epoch_ms // 1_000)
    return f"{moment:%Y-%m-%dT%H:%M:%S.000Z}"
