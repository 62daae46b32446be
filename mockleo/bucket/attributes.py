"""What a sender says of an object besides its bytes: headers of a PUT, or fields of a form.

Sources: AWS: RESTObjectPOST and PutObject (names), UsingMetadata, "Amazon S3 now automatically
encrypts all new objects" (2023). What is refused in which words: published answers of S3 to
PutObject; that a form's fields get the same is assumed.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mockleo.bucket import acl as acls
from mockleo.bucket.errors import BadArgument, BadRedirect, InvalidStorageClass, NotBuiltHeader
from mockleo.bucket.reply import printable

META = "x-amz-meta-"
SSE = "x-amz-server-side-encryption"
REDIRECT = "x-amz-website-redirect-location"

# What becomes a header of the object, besides Content-Type.
SYSTEM_HEADERS = (
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "expires",
    REDIRECT,
    f"{SSE}-aws-kms-key-id",
)

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

# Nothing here is encrypted by any of them: a job of the emulator never reads the bytes.
ENCRYPTIONS = frozenset({"AES256", "aws:kms", "aws:kms:dsse"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes:
    """As `Draft.commit` takes them."""

    content_type: str
    headers: Mapping[str, str]
    metadata: Mapping[str, str]
    storage_class: str
    acl: str

    def plain(self) -> dict[str, Any]:
        return asdict(self)


def attributes_of(said: Mapping[str, str], *, acl: str | None) -> Attributes:
    """Read headers or fields by lower-case name.

    Raises BadArgument, BadRedirect, InvalidStorageClass, NotBuiltHeader.
    """
    for name in said:
        if name.startswith(f"{SSE}-customer-"):
            raise NotBuiltHeader(name)
    storage_class = said.get("x-amz-storage-class", "STANDARD")
    if storage_class not in STORAGE_CLASSES:
        raise InvalidStorageClass(storage_class)
    return Attributes(
        # The type of a form's file part is not looked at.
        content_type=printable(said.get("content-type", "")) or "binary/octet-stream",
        headers=_headers(said),
        metadata={name.removeprefix(META): said[name] for name in said if name.startswith(META)},
        storage_class=storage_class,
        acl=acls.DEFAULT if acl is None else acls.canned(acl),
    )


def _headers(said: Mapping[str, str]) -> dict[str, str]:
    encryption = said.get(SSE, "AES256")
    if encryption not in ENCRYPTIONS:
        raise BadArgument("The encryption method specified is not supported", name=SSE, value=encryption)
    if REDIRECT in said and not said[REDIRECT].startswith(("/", "http://", "https://")):
        raise BadRedirect
    headers = {name: printable(said[name]) for name in SYSTEM_HEADERS if name in said}
    if "content-encoding" in headers:
        # How the body came, and nothing of the object (AWS: sigv4-streaming).
        kept = [word for word in headers["content-encoding"].split(",") if word.strip() != "aws-chunked"]
        headers["content-encoding"] = ",".join(kept).strip()
    return {**{name: value for name, value in headers.items() if value}, SSE: encryption}
