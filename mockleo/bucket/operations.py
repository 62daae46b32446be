"""Which request is which of S3's operations, and who answers it.

    level       service (no bucket), bucket, object
    resource    the parameter of the query that names a thing of its own, "" for the bucket or object

`find` returns a row of `MENU`, or refuses: 501 for an operation of S3's that is not built, 405
for what is none. A form's upload is no row: the service sees to it.

Source: AWS: "Amazon S3 API Reference", Actions.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from mockleo.bucket import acl, objects, ownership, reading
from mockleo.bucket.errors import Anonymous, MethodNotAllowed, NotBuilt
from mockleo.bucket.reply import Reply
from mockleo.bucket.request import Request, Stock

Handler = Callable[[Request, Stock], Reply | Awaitable[Reply]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """`anybody` is what a bucket's ACL must grant where nobody signed: "" is never, "*" always."""

    name: str
    handler: Handler
    anybody: str = ""


def _row(name: str, handler: Handler, anybody: str = "") -> Operation:
    return Operation(name=name, handler=handler, anybody=anybody)


MENU: Mapping[tuple[str, str, str], Operation] = {
    ("GET", "service", ""): _row("ListBuckets", ownership.list_all),
    ("PUT", "bucket", ""): _row("CreateBucket", ownership.create),
    ("HEAD", "bucket", ""): _row("HeadBucket", ownership.head, "READ"),
    ("DELETE", "bucket", ""): _row("DeleteBucket", ownership.delete),
    ("GET", "bucket", ""): _row("ListObjects", ownership.list_objects, "READ"),
    ("GET", "bucket", "versions"): _row("ListObjectVersions", ownership.list_versions, "READ"),
    ("GET", "bucket", "location"): _row("GetBucketLocation", ownership.locate),
    ("GET", "bucket", "acl"): _row("GetBucketAcl", ownership.show_acl),
    ("PUT", "bucket", "acl"): _row("PutBucketAcl", ownership.put_acl),
    ("POST", "bucket", "delete"): _row("DeleteObjects", objects.delete_many, "WRITE"),
    ("GET", "object", ""): _row("GetObject", reading.get, "*"),
    ("HEAD", "object", ""): _row("HeadObject", reading.get, "*"),
    ("PUT", "object", ""): _row("PutObject", objects.put, "WRITE"),
    ("DELETE", "object", ""): _row("DeleteObject", objects.delete, "WRITE"),
    ("GET", "object", "acl"): _row("GetObjectAcl", objects.show_acl),
    ("PUT", "object", "acl"): _row("PutObjectAcl", objects.put_acl),
    ("GET", "object", "tagging"): _row("GetObjectTagging", objects.show_tags),
    ("PUT", "object", "tagging"): _row("PutObjectTagging", objects.put_tags),
    ("DELETE", "object", "tagging"): _row("DeleteObjectTagging", objects.delete_tags),
}

# What else of a bucket or an object has a name of its own in a query.
RESOURCES = frozenset(
    [
        "acl",
        "accelerate",
        "analytics",
        "attributes",
        "cors",
        "delete",
        "encryption",
        "intelligent-tiering",
        "inventory",
        "legal-hold",
        "lifecycle",
        "location",
        "logging",
        "metadataConfiguration",
        "metadataTable",
        "metrics",
        "notification",
        "object-lock",
        "ownershipControls",
        "partNumber",
        "policy",
        "policyStatus",
        "publicAccessBlock",
        "renameObject",
        "replication",
        "requestPayment",
        "restore",
        "retention",
        "select",
        "session",
        "tagging",
        "torrent",
        "uploadId",
        "uploads",
        "versioning",
        "versions",
        "website",
    ]
)

# Those of which S3's name is not method, level and resource, one after the other.
NAMES: Mapping[tuple[str, str, str], str] = {
    ("GET", "bucket", "uploads"): "ListMultipartUploads",
    ("POST", "object", "uploads"): "CreateMultipartUpload",
    ("PUT", "object", "partNumber"): "UploadPart",
    ("PUT", "object", "uploadId"): "UploadPart",
    ("POST", "object", "uploadId"): "CompleteMultipartUpload",
    ("DELETE", "object", "uploadId"): "AbortMultipartUpload",
    ("GET", "object", "uploadId"): "ListParts",
    ("POST", "object", "restore"): "RestoreObject",
    ("POST", "object", "select"): "SelectObjectContent",
    ("GET", "bucket", "session"): "CreateSession",
}

# Of these S3 has operations; what is not on the menu is 501.
METHODS: Mapping[str, frozenset[str]] = {
    "service": frozenset({"GET"}),
    "bucket": frozenset({"GET", "HEAD", "PUT", "DELETE", "POST"}),
    "object": frozenset({"GET", "HEAD", "PUT", "DELETE"}),
}
ALLOWED: Mapping[str, str] = {
    "service": "GET, OPTIONS",
    "bucket": "GET, HEAD, PUT, DELETE, POST, OPTIONS",
    "object": "GET, HEAD, PUT, DELETE, OPTIONS",
}


def level_of(request: Request) -> str:
    if not request.bucket:
        return "service"
    return "object" if request.key else "bucket"


def resource_of(request: Request) -> str:
    """The thing a request's query names; the first where it names several."""
    return next((name for name, _ in request.query if name in RESOURCES), "")


def check_method(request: Request) -> None:
    """Raise MethodNotAllowed for what is no operation of S3's."""
    level, resource = level_of(request), resource_of(request)
    known = request.method in METHODS[level] or (level == "object" and request.method == "POST" and resource)
    if not known:
        raise MethodNotAllowed(method=request.method, resource=level.upper(), allowed=ALLOWED[level])


def find(request: Request, *, signed: bool, stock: Stock) -> Operation:
    """Return what a request asks for, if its sender may. Raises Anonymous, NotBuilt."""
    level, resource = level_of(request), resource_of(request)
    operation = MENU.get((request.method, level, resource))
    if not signed and not _lets_anybody(operation, request, stock):
        raise Anonymous
    if operation is None:
        raise NotBuilt(_name(request.method, level, resource))
    return operation


def _name(method: str, level: str, resource: str) -> str:
    """S3's name for an operation that is not on the menu."""
    named = NAMES.get((method, level, resource))
    if named is not None:
        return named
    thing = "".join(word[0].upper() + word[1:] for word in resource.split("-"))
    return f"{'Get' if method == 'HEAD' else method.capitalize()}{level.capitalize()}{thing}"


def _lets_anybody(operation: Operation | None, request: Request, stock: Stock) -> bool:
    if operation is None or not operation.anybody:
        return False
    if operation.anybody == "*":
        return True
    record = stock.store.buckets.get(request.bucket)
    return record is not None and acl.lets_anybody(record.acl, operation.anybody)
