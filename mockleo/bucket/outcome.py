"""What an upload leaves behind, and what its sender is told.

Sources: AWS: RESTObjectPOST (fields and answers), UsingMetadata. That the key in `Location` and
in the redirect's query has its slashes encoded is seen in public answers of S3.
"""

from collections.abc import Mapping
from urllib.parse import quote, urlencode, urlsplit

from mockleo.bucket import tagging
from mockleo.bucket.attributes import attributes_of
from mockleo.bucket.errors import TooSmall
from mockleo.bucket.markup import document
from mockleo.bucket.objects import told
from mockleo.bucket.reply import Reply
from mockleo.bucket.store import Draft, StoredObject
from mockleo.bucket.upload import Admission


def settle(admission: Admission, draft: Draft, *, now_ms: int) -> StoredObject:
    """Judge what could not be judged before the file was through, and put the object in place.

    Raises TooSmall, WrongDigest, MalformedXML, BadTag, TooManyTags, and what `attributes_of` does.
    """
    if draft.size_bytes < admission.least_bytes:
        raise TooSmall(proposed_bytes=draft.size_bytes, bytes_min=admission.least_bytes)
    fields = admission.fields
    checksums = admission.claims.verify()
    attributes = attributes_of(fields, acl=fields.get("acl"))
    tags = tagging.from_xml(fields["tagging"]) if "tagging" in fields else {}
    return draft.commit(
        bucket=admission.bucket,
        key=admission.key,
        stored_at_ms=now_ms,
        tags=tags,
        checksums=checksums,
        **attributes.plain(),
    )


def answer(stored: StoredObject, fields: Mapping[str, str], *, url: str) -> Reply:
    """Return what the form asked for: 204 unless it says 200, 201, or an absolute redirect.

    `url` is the bucket's own, without a slash at its end.
    """
    etag = f'"{stored.etag}"'
    location = f"{url}/{quote(stored.key, safe='')}"
    redirect = fields.get("success_action_redirect") or fields.get("redirect", "")
    headers = {**told(stored), "location": location}
    if _is_absolute(redirect):
        return Reply(status=303, headers={**headers, "location": _directed(redirect, stored, etag)})
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
