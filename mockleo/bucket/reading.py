"""GET and HEAD of a stored object, whole or one range of it.

Anybody may read: the emulated service serves uploads to the public anyway.

Sources: AWS: GetObject (one range at most, `x-amz-missing-meta`), UsingMetadata (RFC 2047 for
values beyond printable ASCII); RFC 9110 section 14 (a range that cannot be read is ignored).
"""

import base64
import re
from email.utils import formatdate

from mockleo.bucket.errors import NoSuchKey, RangeNotSatisfiable
from mockleo.bucket.reply import Reply
from mockleo.bucket.store import Store, StoredObject


def read(store: Store, *, bucket: str, key: str, range_header: str | None, head_only: bool) -> Reply:
    """Return the object's reply, 200 or 206. Raises NoSuchKey, RangeNotSatisfiable."""
    stored = store.get(bucket, key)
    if stored is None:
        raise NoSuchKey(key)
    wanted = None if range_header is None else span(range_header, stored.size_bytes)
    start, stop = wanted or (0, stored.size_bytes)
    headers = {**_headers(stored), "content-length": str(stop - start)}
    if wanted is not None:
        headers["content-range"] = f"bytes {start}-{stop - 1}/{stored.size_bytes}"
    body = b"" if head_only else store.chunks(stored, start, stop)
    return Reply(status=200 if wanted is None else 206, headers=headers, body=body)


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
