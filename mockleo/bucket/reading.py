"""GET and HEAD of a stored object, whole or one range of it.

Anybody may read: the emulated service serves uploads to the public anyway.

Sources: AWS: GetObject (one range at most, `x-amz-missing-meta`), UsingMetadata (RFC 2047 for
values beyond printable ASCII); RFC 9110 section 14 (a range that cannot be read is ignored).
"""

import base64
import re
from email.utils import formatdate

from mockleo.bucket import checksums
from mockleo.bucket.attributes import SSE
from mockleo.bucket.conditions import is_unchanged
from mockleo.bucket.errors import RangeNotSatisfiable
from mockleo.bucket.objects import find
from mockleo.bucket.reply import Reply, printable
from mockleo.bucket.request import Request, Stock
from mockleo.bucket.store import Store, StoredObject

# AWS: GetObject, the query's `response-*`.
OVERRIDES = tuple(
    f"response-{name}"
    for name in (
        "content-type",
        "content-language",
        "expires",
        "cache-control",
        "content-disposition",
        "content-encoding",
    )
)

# What nobody told a checksum of is summed up when a reader asks for one: in Python, so only
# where it takes no longer than some tenths of a second. Of larger objects none is told.
SUMMED_BYTES_MAX = 1024 * 1024


def get(request: Request, stock: Stock) -> Reply:
    """GetObject and HeadObject: 200, 206, 304.

    Raises NoSuchBucket, NoSuchKey, RangeNotSatisfiable, FailedCondition.
    """
    stored = find(request, stock)
    if is_unchanged(request.headers, stored):
        kept = ("etag", "last-modified", "cache-control", "expires")
        headers = {name: value for name, value in _headers(stored).items() if name in kept}
        return Reply(status=304, headers=headers)
    range_header = request.headers.get("range")
    wanted = None if range_header is None else span(range_header, stored.size_bytes)
    start, stop = wanted or (0, stored.size_bytes)
    headers = {**_headers(stored), "content-length": str(stop - start)}
    if wanted is not None:
        headers["content-range"] = f"bytes {start}-{stop - 1}/{stored.size_bytes}"
    elif request.headers.get("x-amz-checksum-mode", "").upper() == "ENABLED":
        headers.update(_checksums(stored, stock.store))
    asked = request.asked
    headers.update({name[9:]: printable(asked[name]) for name in OVERRIDES if name in asked})
    body = b"" if request.method == "HEAD" else stock.store.chunks(stored, start, stop)
    return Reply(status=200 if wanted is None else 206, headers=headers, body=body)


def _checksums(stored: StoredObject, store: Store) -> dict[str, str]:
    known = stored.checksums
    if not known and stored.size_bytes <= SUMMED_BYTES_MAX:
        known = {checksums.DEFAULT: checksums.of(store.chunks(stored), checksums.DEFAULT)}
    told = {f"x-amz-checksum-{algorithm}": value for algorithm, value in known.items()}
    return {**told, "x-amz-checksum-type": "FULL_OBJECT"} if told else {}


def span(header: str, size_bytes: int) -> tuple[int, int] | None:
    """Read a Range header for an object of `size_bytes`: (start, stop), stop not included.

    None for what is no single range of bytes: then the whole object is meant.
    Raises RangeNotSatisfiable for a range that starts behind the end.
    """
    found = re.fullmatch(r"bytes=\s*([0-9]{0,19})-([0-9]{0,19})\s*", header.strip(), re.IGNORECASE)
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        start, stop = max(size_bytes - int(found[2]), 0), size_bytes
    else:
        start = int(found[1])
        stop = min(int(found[2]) + 1, size_bytes) if found[2] else size_bytes
        if found[2] and int(found[2]) < start:
            return None
    if start >= size_bytes:
        raise RangeNotSatisfiable(asked=header, size_bytes=size_bytes)
    return start, stop


def _headers(stored: StoredObject) -> dict[str, str]:
    headers = {
        SSE: "AES256",
        **stored.headers,
        "content-type": stored.content_type,
        "etag": f'"{stored.etag}"',
        "last-modified": formatdate(stored.stored_at_ms // 1_000, usegmt=True),
        "accept-ranges": "bytes",
    }
    missing = 0
    for name, value in stored.metadata.items():
        if re.fullmatch(r"[!#$%&'*+.^_`|~0-9a-z-]+", name):
            headers[f"x-amz-meta-{name}"] = mail_safe(value)
        else:
            missing += 1
    if missing:
        headers["x-amz-missing-meta"] = str(missing)
    if stored.tags:
        headers["x-amz-tagging-count"] = str(len(stored.tags))
    if stored.storage_class != "STANDARD":
        headers["x-amz-storage-class"] = stored.storage_class
    return headers


def mail_safe(value: str) -> str:
    """Return `value` as it is where it is printable ASCII, else as one RFC 2047 word."""
    if re.fullmatch(r"[\x20-\x7e]*", value):
        return value.strip()
    return f"=?UTF-8?B?{base64.b64encode(value.encode()).decode()}?="
