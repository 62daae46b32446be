"""Canned ACLs: the only grants there are here.

One owner, and two groups that a canned ACL may let in. What an ACL decides: `public-read` and
`public-read-write` of a bucket open its listing, `public-read-write` its writing. An object's
own is kept and shown, and decides nothing: objects can be read by anybody (see `reading`).

Source: AWS: "Canned ACL".
"""

from collections.abc import Iterator, Mapping

from mockleo.bucket.errors import BadArgument, NotBuilt
from mockleo.bucket.markup import around, element, read, result
from mockleo.bucket.payload import whole
from mockleo.bucket.reply import Reply
from mockleo.bucket.request import Request

DEFAULT = "private"

ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
ANY_ACCOUNT = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"

# Who beside the owner may do what. The last three concern a second account, which is not here.
CANNED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "private": (),
    "public-read": ((ALL_USERS, "READ"),),
    "public-read-write": ((ALL_USERS, "READ"), (ALL_USERS, "WRITE")),
    "authenticated-read": ((ANY_ACCOUNT, "READ"),),
    "aws-exec-read": (),
    "bucket-owner-read": (),
    "bucket-owner-full-control": (),
}

# AWS: the form of a canonical user id. This one is nobody's.
OWNER_ID = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"
OWNER_NAME = "mockleo"

_XSI = "http://www.w3.org/2001/XMLSchema-instance"


def canned(name: str) -> str:
    """Return `name` where it is a canned ACL. Raises BadArgument; its empty message is S3's."""
    if name not in CANNED:
        raise BadArgument("", name="x-amz-acl", value=name)
    return name


def lets_anybody(name: str, permission: str) -> bool:
    """May somebody who did not sign do this, READ or WRITE?"""
    return (ALL_USERS, permission) in CANNED[name]


def owner() -> str:
    return around("Owner", [element("ID", OWNER_ID), element("DisplayName", OWNER_NAME)])


def shown(name: str) -> Reply:
    """The answer to GetBucketAcl and GetObjectAcl."""
    body = result("AccessControlPolicy", [owner(), around("AccessControlList", _grants(name))])
    return Reply(status=200, headers={"content-type": "application/xml"}, body=body)


async def told(request: Request, *, operation: str) -> str:
    """What a request to put an ACL says. Raises BadArgument, MalformedXML, NotBuilt.

    A list of grants is understood where a canned ACL says the same.
    """
    body = await whole(request)
    if any(name.startswith("x-amz-grant-") for name in request.headers):
        raise NotBuilt(f"{operation} with grants")
    if "x-amz-acl" in request.headers:
        return canned(request.headers["x-amz-acl"])
    grants = {
        (grant.findtext("Grantee/URI", ""), grant.findtext("Permission", ""))
        for grant in read(body).iterfind("AccessControlList/Grant")
        if grant.find("Grantee/URI") is not None
    }
    for name, opened in CANNED.items():
        if set(opened) == grants:
            return name
    raise NotBuilt(f"{operation} with grants")


def _grants(name: str) -> Iterator[str]:
    someone = [element("ID", OWNER_ID), element("DisplayName", OWNER_NAME)]
    yield _grant("CanonicalUser", someone, "FULL_CONTROL")
    for group, permission in CANNED[name]:
        yield _grant("Group", [element("URI", group)], permission)


def _grant(kind: str, grantee: list[str], permission: str) -> str:
    attributes = f' xmlns:xsi="{_XSI}" xsi:type="{kind}"'
    return around("Grant", [around("Grantee", grantee, attributes), element("Permission", permission)])
