"""What an upload leaves behind, and what its sender is told.

Sources: AWS: RESTObjectPOST (fields and answers), UsingMetadata. That the key in `Location` and
in the redirect's query has its slashes encoded is seen in public answers of S3.
"""

from collections.abc import Mapping
from urllib.parse import quote, urlencode, urlsplit

# The XML is a field's value, 20 KB at most, and no DTD gets as far as the parser.
from xml.etree import ElementTree

from mockleo.bucket.errors import InvalidStorageClass, MalformedXML, TooSmall, document
from mockleo.bucket.reply import Reply, printable
from mockleo.bucket.store import Draft, StoredObject
from mockleo.bucket.upload import Admission

META = "x-amz-meta-"

# Fields that become headers of the object, besides Content-Type.
SYSTEM_HEADERS = ("cache-control", "content-disposition", "content-encoding", "expires")

# AWS: PutObject, x-amz-storage-class.
STORAGE_CLASSES = frozenset(
    {
        "STANDARD",
        "REDUCED_REDUNDANCY",
        "STANDARD_IA",
        "ONEZONE_IA",
        "INTELLIGENT_TIERING",
        "GLACIER",
        "GLACIER_IR",
        "DEEP_ARCHIVE",
        "OUTPOSTS",
        "SNOW",
        "EXPRESS_ONEZONE",
    }
)


def settle(admission: Admission, draft: Draft, *, now_ms: int) -> StoredObject:
    """Judge what could not be judged before the file was through, and put the object in place.

    Raises TooSmall, InvalidStorageClass, MalformedXML.
    """
    if draft.size_bytes < admission.least_bytes:
        raise TooSmall(proposed_bytes=draft.size_bytes, bytes_min=admission.least_bytes)
    fields = admission.fields
    storage_class = fields.get("x-amz-storage-class", "STANDARD")
    if storage_class not in STORAGE_CLASSES:
        raise InvalidStorageClass(storage_class)
    tags = _tags(fields["tagging"]) if "tagging" in fields else {}
    return draft.commit(
        bucket=admission.bucket,
        key=admission.key,
        # The file part's own type is not looked at.
        content_type=printable(fields.get("content-type", "")) or "binary/octet-stream",
        stored_at_ms=now_ms,
        headers={name: printable(fields[name]) for name in SYSTEM_HEADERS if name in fields},
        metadata={name.removeprefix(META): fields[name] for name in fields if name.startswith(META)},
        tags=tags,
        storage_class=storage_class,
    )


def answer(stored: StoredObject, fields: Mapping[str, str], *, url: str) -> Reply:
    """Return what the form asked for: 204 unless it says 200, 201, or an absolute redirect.

    `url` is the bucket's own, without a slash at its end.
    """
    etag = f'"{stored.etag}"'
    location = f"{url}/{quote(stored.key, safe='')}"
    redirect = fields.get("success_action_redirect") or fields.get("redirect", "")
    if _is_absolute(redirect):
        return Reply(status=303, headers={"etag": etag, "location": _directed(redirect, stored, etag)})
    headers = {"etag": etag, "location": location}
    status = fields.get("success_action_status")
    if status == "201":
        return Reply(
            status=201,
            headers={**headers, "content-type": "application/xml"},
            body=document(
                "PostResponse",
                {"Location": location, "Bucket": stored.bucket, "Key": stored.key, "ETag": etag},
            ),
        )
    return Reply(status=200 if status == "200" else 204, headers=headers)


def _is_absolute(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:  # AWS: what cannot be read as a URL counts as not sent
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _directed(url: str, stored: StoredObject, etag: str) -> str:
    query = urlencode({"bucket": stored.bucket, "key": stored.key, "etag": etag})
    # What a URL may hold stays as it was sent; anything else would not pass as a header.
    clean = quote(url, safe="%/:=&?~#+!$,;'@()*[]")
    return f"{clean}{'&' if urlsplit(url).query else '?'}{query}"


def _tags(text: str) -> dict[str, str]:
    """Read `<Tagging><TagSet><Tag><Key/><Value/></Tag>...`. Well-formed XML of another kind has no tags."""
    if "<!DOCTYPE" in text:
        raise MalformedXML
    try:
        root = ElementTree.fromstring(text)  # noqa: S314  see the import
    except (ElementTree.ParseError, ValueError):
        raise MalformedXML from None
    if root.tag.rpartition("}")[2] != "Tagging":
        return {}
    return {
        tag.findtext("{*}Key", ""): tag.findtext("{*}Value", "") for tag in root.iterfind("{*}TagSet/{*}Tag")
    }
