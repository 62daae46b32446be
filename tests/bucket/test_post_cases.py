"""Presigned POST, case by case: AWS's own library makes the form, something befalls it, S3 answers.

A row tells how the form is made (`Fields`, `Conditions` of generate_presigned_post, the kind of
signature), what befalls it before it is sent, and the whole answer: status, code, message, the
elements between message and ids, and what is stored. What a row does not say is as in the plain
form of the first row. Each is sent with SigV4 and with SigV2 where nothing in it is of one alone.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest

from mockleo.bucket.signature import sign_v2, sign_v4

from .aws import client, ends_ms
from .rig import CREDENTIALS, REGION, Rig

BUCKET = "a-suite"
MEOW = hashlib.md5(b"meow", usedforsecurity=False)
ETAG = f'"{MEOW.hexdigest()}"'
SHA256 = base64.b64encode(hashlib.sha256(b"meow").digest()).decode()
MD5 = base64.b64encode(MEOW.digest()).decode()
WRONG_SHA256 = base64.b64encode(hashlib.sha256(b"woof").digest()).decode()
WRONG_MD5 = base64.b64encode(hashlib.md5(b"woof", usedforsecurity=False).digest()).decode()

EVERYBODY = "public-read-write"
TAGS = "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>"
TWELVE_TAGS = "".join(f"<Tag><Key>{number}</Key><Value/></Tag>" for number in range(12))

Fields = dict[str, str]
Document = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One row; see the module. `policy` changes the document, which is then signed anew."""

    id: str
    key: str = "foo.txt"
    fields: Fields = field(default_factory=dict)
    conditions: list[object] = field(default_factory=list)
    kinds: tuple[str, ...] = ("s3v4", "s3")
    policy: Callable[[Document], object] | None = None
    befalls: Callable[[Fields], Fields] = dict
    acl: str = "private"
    path: str = f"/s3/{BUCKET}"
    headers: Mapping[str, str] = field(default_factory=dict)
    waited_ms: int = 0
    data: bytes | None = b"meow"
    filename: str | None = "cat.png"
    # The answer.
    status: int = 204
    code: str = ""
    message: str = ""
    elements: Mapping[str, str] = field(default_factory=dict)
    told: Mapping[str, str] = field(default_factory=dict)
    stored: Mapping[str, object] = field(default_factory=dict)


def put(**fields: str) -> Callable[[Fields], Fields]:
    return lambda sent: {**sent, **fields}


def without(*names: str) -> Callable[[Fields], Fields]:
    return lambda sent: {name: value for name, value in sent.items() if name not in names}


def only(*names: str) -> Callable[[Fields], Fields]:
    return lambda sent: {name: value for name, value in sent.items() if name in names}


def covered(**fields: str) -> dict[str, Any]:
    """Fields, and a condition for each."""
    return {"fields": fields, "conditions": [{name: value} for name, value in fields.items()]}


def refused(status: int, code: str, message: str, **elements: str) -> dict[str, Any]:
    return {"status": status, "code": code, "message": message, "elements": elements}


def condition_failed(condition: str) -> dict[str, Any]:
    return refused(403, "AccessDenied", f"Invalid according to Policy: Policy Condition failed: {condition}")


def extra(names: str) -> dict[str, Any]:
    return refused(403, "AccessDenied", f"Invalid according to Policy: Extra input fields: {names}")


def invalid_policy(detail: str) -> dict[str, Any]:
    return refused(400, "InvalidPolicyDocument", f"Invalid Policy: {detail}")


def argument(name: str, value: str, message: str) -> dict[str, Any]:
    return refused(400, "InvalidArgument", message, ArgumentName=name, ArgumentValue=value)


def missing(name: str) -> dict[str, Any]:
    return argument(
        name,
        "",
        f"Bucket POST must contain a field named '{name}'.  If it is specified, please check the order of "
        "the fields.",
    )


DENIED = refused(403, "AccessDenied", "Access Denied")
EXPIRED = refused(403, "AccessDenied", "Invalid according to Policy: Policy expired.")
SIMPLE = "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified."
MULTIPART = refused(
    412,
    "PreconditionFailed",
    "At least one of the pre-conditions you specified did not hold",
    Condition="Bucket POST must be of the enclosure-type multipart/form-data",
)
XML = refused(
    400,
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
)
REDIRECT = "http://localhost.test/random"
LOCATION = f"http://bucket.test:5360/s3/{BUCKET}/foo.txt"


def recased(document: Document, name: str) -> Document:
    return {member.upper() if member == name else member: value for member, value in document.items()}


def dropped(document: Document, name: str) -> Document:
    return {member: value for member, value in document.items() if member != name}


def another_id(sent: Fields) -> Fields:
    if "AWSAccessKeyId" in sent:
        return {**sent, "AWSAccessKeyId": "foo"}
    return {**sent, "x-amz-credential": "foo/" + sent["x-amz-credential"].partition("/")[2]}


CASES = (
    # Accepted.
    Case(id="plain"),
    Case(id="with its session token", kinds=("session",)),
    Case(id="names in any case", befalls=lambda sent: {name.upper(): value for name, value in sent.items()}),
    Case(
        id="a type",
        **covered(**{"Content-Type": "text/plain"}),
        stored={"content_type": "text/plain"},
    ),
    Case(id="no type", stored={"content_type": "binary/octet-stream"}),
    Case(id="a canned acl", **covered(acl="public-read"), stored={"acl": "public-read"}),
    Case(id="names in conditions in any case", fields={"acl": "private"}, conditions=[{"AcL": "private"}]),
    Case(id="operators in any case", key="foo", conditions=[["StArTs-WiTh", "$KeY", "f"]]),
    Case(id="an ignored field", befalls=put(**{"x-ignore-foo": "bar"})),
    Case(id="a larger file", data=b"foo" * 1024 * 1024, stored={"size_bytes": 3 * 1024 * 1024}),
    Case(id="an empty file", data=b"", stored={"size_bytes": 0}),
    Case(id="the file's name", key="u/${filename}", filename="foo.txt", stored={"key": "u/foo.txt"}),
    Case(id="the file's base name", key="${filename}", filename="../a/b.txt", stored={"key": "b.txt"}),
    Case(id="a file without a name", key="u/${filename}", filename=None, stored={"key": "u/${filename}"}),
    Case(id="an escaped dollar", key="\\$foo.txt", conditions=[["starts-with", "$key", "\\$foo"]]),
    Case(id="a unicode key", key="f\u00fc\u732b.txt", stored={"key": "f\u00fc\u732b.txt"}),
    Case(id="a key that looks like a path", key="../../etc/x", stored={"key": "../../etc/x"}),
    Case(
        id="metadata",
        fields={"x-amz-meta-test-1": "one", "x-amz-meta-TEST-2": "two"},
        conditions=[{"x-amz-meta-test-1": "one"}, {"x-amz-meta-test-2": "two"}],
        stored={"metadata": {"test-1": "one", "test-2": "two"}},
    ),
    Case(
        id="metadata by its start",
        fields={"x-amz-meta-foo": "barclamp"},
        conditions=[["starts-with", "$x-amz-meta-foo", "bar"]],
        stored={"metadata": {"foo": "barclamp"}},
    ),
    Case(id="tags", **covered(tagging=TAGS), stored={"tags": {"a": "1"}}),
    Case(
        id="xml that is no tags",
        **covered(tagging="<InvalidXmlTagging></InvalidXmlTagging>"),
        stored={"tags": {}},
    ),
    Case(
        id="a storage class",
        **covered(**{"x-amz-storage-class": "STANDARD_IA"}),
        stored={"storage_class": "STANDARD_IA"},
    ),
    Case(
        id="encryption by its start",
        fields={
            "x-amz-server-side-encryption": "aws:kms",
            "x-amz-server-side-encryption-aws-kms-key-id": "k1",
        },
        conditions=[
            ["starts-with", "$x-amz-server-side-encryption", ""],
            ["starts-with", "$x-amz-server-side-encryption-aws-kms-key-id", ""],
        ],
        told={"x-amz-server-side-encryption": "aws:kms"},
    ),
    Case(id="encrypted anyway", told={"x-amz-server-side-encryption": "AES256"}),
    Case(
        id="a checksum",
        **covered(**{"x-amz-checksum-sha256": SHA256, "x-amz-checksum-algorithm": "SHA256"}),
        stored={"checksums": {"sha256": SHA256}},
        told={"x-amz-checksum-sha256": SHA256},
    ),
    Case(id="an MD5", **covered(**{"Content-MD5": MD5})),
    Case(
        id="a website redirect",
        **covered(**{"x-amz-website-redirect-location": "/other"}),
        stored={
            "headers": {"x-amz-website-redirect-location": "/other", "x-amz-server-side-encryption": "AES256"}
        },
    ),
    Case(id="sizes at their least", conditions=[["content-length-range", 4, 10]]),
    Case(id="sizes at their most", conditions=[["content-length-range", 0, 4]]),
    Case(id="sizes as strings", conditions=[["content-length-range", "0", "10"]]),
    Case(id="eq in words", fields={"acl": "private"}, conditions=[["eq", "$acl", "private"]]),
    Case(id="any value", fields={"acl": "private"}, conditions=[["starts-with", "$acl", ""]]),
    Case(id="one millisecond left", waited_ms=599_999),
    # What is told of it.
    Case(id="200", **covered(success_action_status="200"), status=200),
    Case(
        id="201",
        **covered(success_action_status="201"),
        status=201,
        elements={"Location": LOCATION, "Bucket": BUCKET, "Key": "foo.txt", "ETag": ETAG},
        told={"content-type": "application/xml", "location": LOCATION, "etag": ETAG},
    ),
    Case(id="404 is 204", **covered(success_action_status="404"), told={"location": LOCATION, "etag": ETAG}),
    Case(
        id="a redirect",
        **covered(success_action_redirect=REDIRECT),
        status=303,
        told={"location": f"{REDIRECT}?bucket={BUCKET}&key=foo.txt&etag=%22{ETAG[1:-1]}%22"},
    ),
    Case(id="a relative redirect", **covered(success_action_redirect="/wrong"), told={"location": LOCATION}),
    # Nobody signed.
    Case(id="anonymous to everybody's", befalls=only("key"), acl=EVERYBODY),
    Case(
        id="anonymous with 201",
        fields={"success_action_status": "201", "acl": "public-read", "Content-Type": "text/plain"},
        befalls=only("key", "success_action_status", "acl", "Content-Type"),
        acl=EVERYBODY,
        status=201,
        elements={"Location": LOCATION, "Bucket": BUCKET, "Key": "foo.txt", "ETag": ETAG},
    ),
    Case(id="anonymous", befalls=only("key"), **DENIED),
    Case(id="anonymous to a readable one", befalls=only("key"), acl="public-read", **DENIED),
    Case(id="a policy nobody signed", befalls=only("key", "policy"), **DENIED),
    Case(id="a policy nobody signed, to everybody's", befalls=only("key", "policy"), acl=EVERYBODY, **DENIED),
    # Signatures.
    Case(
        id="no V4 signature",
        kinds=("s3v4",),
        befalls=without("x-amz-signature"),
        **missing("X-Amz-Signature"),
    ),
    Case(id="no V2 signature", kinds=("s3",), befalls=without("signature"), **missing("Signature")),
    Case(id="no V2 id", kinds=("s3",), befalls=without("AWSAccessKeyId"), **missing("AWSAccessKeyId")),
    Case(
        id="no algorithm nor credential",
        kinds=("s3v4",),
        befalls=without("x-amz-algorithm", "x-amz-credential"),
        **missing("X-Amz-Algorithm"),
    ),
    Case(id="no date", kinds=("s3v4",), befalls=without("x-amz-date"), **missing("X-Amz-Date")),
    Case(
        id="an unknown id",
        befalls=another_id,
        **refused(
            403,
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
            AWSAccessKeyId="foo",
        ),
    ),
    Case(
        id="an unknown id, to everybody's",
        befalls=another_id,
        acl=EVERYBODY,
        **refused(
            403,
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
            AWSAccessKeyId="foo",
        ),
    ),
    Case(
        id="a malformed credential",
        kinds=("s3v4",),
        befalls=put(**{"x-amz-credential": "foo"}),
        **argument(
            "X-Amz-Credential",
            "foo",
            'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
        ),
    ),
    # The policy.
    Case(
        id="no expiration",
        policy=lambda it: dropped(it, "expiration"),
        **invalid_policy("Policy missing expiration."),
    ),
    Case(
        id="no conditions",
        policy=lambda it: dropped(it, "conditions"),
        **invalid_policy("Policy missing conditions."),
    ),
    Case(
        id="EXPIRATION",
        policy=lambda it: recased(it, "expiration"),
        **invalid_policy("Unexpected: 'expiration'"),
    ),
    Case(
        id="CONDITIONS",
        policy=lambda it: recased(it, "conditions"),
        **invalid_policy("Unexpected: 'conditions'"),
    ),
    Case(id="an empty policy", policy=lambda it: {}, **invalid_policy("Policy missing expiration.")),
    Case(id="a list for a policy", policy=lambda it: [], **invalid_policy("Invalid JSON.")),
    Case(id="an empty condition", policy=lambda it: {**it, "conditions": [{}]}, **invalid_policy(SIMPLE)),
    Case(id="two properties", conditions=[{"acl": "private", "b": "c"}], **invalid_policy(SIMPLE)),
    Case(
        id="a date of another form",
        policy=lambda it: {**it, "expiration": "2026-11-22 20:03:37+00:00"},
        **invalid_policy("Invalid 'expiration' value: '2026-11-22 20:03:37+00:00'"),
    ),
    Case(
        id="one size",
        conditions=[["content-length-range", 0]],
        **invalid_policy("Invalid content-length-range: wrong number of arguments."),
    ),
    Case(
        id="an unknown operator",
        conditions=[["ends-with", "$key", "t"]],
        **invalid_policy("Invalid Condition: unknown operation 'ends-with'."),
    ),
    Case(id="expired", waited_ms=600_000, **EXPIRED),
    Case(id="long expired", waited_ms=6_600_000, **EXPIRED),
    # Conditions.
    Case(id="another bucket", path="/s3/another", **condition_failed(f'["eq", "$bucket", "{BUCKET}"]')),
    Case(id="another key", befalls=put(key="bar"), **condition_failed('["eq", "$key", "foo.txt"]')),
    Case(
        id="a key in another case",
        befalls=put(key="FOO.txt"),
        **condition_failed('["eq", "$key", "foo.txt"]'),
    ),
    Case(
        id="eq fails",
        **covered(success_action_redirect=REDIRECT),
        befalls=put(success_action_redirect="http://wrong/"),
        **condition_failed(f'["eq", "$success_action_redirect", "{REDIRECT}"]'),
    ),
    Case(
        id="eq without a dollar",
        fields={"success_action_redirect": REDIRECT},
        conditions=[["eq", "success_action_redirect", REDIRECT]],
        **condition_failed(f'["eq", "success_action_redirect", "{REDIRECT}"]'),
    ),
    Case(
        id="starts-with in another case",
        fields={"success_action_redirect": REDIRECT.upper()},
        conditions=[["starts-with", "$success_action_redirect", "http://localhost"]],
        **condition_failed('["starts-with", "$success_action_redirect", "http://localhost"]'),
    ),
    Case(
        id="an absent field",
        conditions=[["starts-with", "$x-amz-meta-foo", "bar"]],
        **condition_failed('["starts-with", "$x-amz-meta-foo", "bar"]'),
    ),
    Case(
        id="a field that should be empty",
        fields={"x-amz-meta-foo": "barclamp"},
        conditions=[["eq", "$x-amz-meta-foo", ""]],
        **condition_failed('["eq", "$x-amz-meta-foo", ""]'),
    ),
    Case(
        id="a size that is no number",
        conditions=[["content-length-range", "test", "10"]],
        **condition_failed('["content-length-range", "test", "10"]'),
    ),
    Case(
        id="a field twice",
        **covered(acl="private"),
        befalls=put(ACL="private"),
        **condition_failed('["eq", "$acl", "private"]'),
    ),
    Case(
        id="another session token",
        kinds=("session",),
        befalls=put(**{"x-amz-security-token": "other"}),
        **condition_failed(f'["eq", "$x-amz-security-token", "{CREDENTIALS.session_token}"]'),
    ),
    Case(id="an extra field", befalls=put(**{"Content-Type": "text/plain"}), **extra("content-type")),
    Case(id="two extra fields", befalls=put(acl="private", Submit="ok"), **extra("acl, submit")),
    Case(
        id="an uncovered checksum",
        befalls=put(**{"x-amz-checksum-sha256": SHA256}),
        **extra("x-amz-checksum-sha256"),
    ),
    Case(
        id="no condition for the bucket",
        policy=lambda it: {**it, "conditions": [one for one in it["conditions"] if "bucket" not in one]},
        **extra("bucket"),
    ),
    # The form.
    Case(id="no key", befalls=without("key"), **missing("key")),
    Case(id="an empty key", befalls=put(key=""), **missing("key")),
    Case(
        id="a key too long",
        key="x" * 1_025,
        **refused(400, "KeyTooLongError", "Your key is too long", Size="1025", MaxSizeAllowed="1024"),
    ),
    Case(
        id="no file", data=None, **argument("file", "0", "POST requires exactly one file upload per request.")
    ),
    Case(id="urlencoded", headers={"content-type": "application/x-www-form-urlencoded"}, **MULTIPART),
    Case(id="no type of the form", headers={"content-type": ""}, **MULTIPART),
    Case(
        id="no boundary",
        headers={"content-type": "multipart/form-data"},
        **refused(
            400,
            "MalformedPOSTRequest",
            "The body of your POST request is not well-formed multipart/form-data.",
        ),
    ),
    Case(id="an Authorization header", headers={"authorization": "Bearer key"}, **DENIED),
    Case(
        id="too many fields",
        befalls=put(**{"x-ignore-ballast": "x" * 20_480}),
        **refused(
            400,
            "MaxPostPreDataLengthExceeded",
            "Your POST request fields preceeding the upload file was too large.",
            MaxPostPreDataLengthBytes="20480",
        ),
    ),
    # What is said of the object.
    Case(
        id="too large",
        conditions=[["content-length-range", 0, 3]],
        **refused(
            400,
            "EntityTooLarge",
            "Your proposed upload exceeds the maximum allowed size",
            ProposedSize="4",
            MaxSizeAllowed="3",
        ),
    ),
    Case(
        id="larger than nothing",
        conditions=[["content-length-range", 0, 0]],
        **refused(
            400,
            "EntityTooLarge",
            "Your proposed upload exceeds the maximum allowed size",
            ProposedSize="4",
            MaxSizeAllowed="0",
        ),
    ),
    Case(
        id="too small",
        conditions=[["content-length-range", 512, 1000]],
        **refused(
            400,
            "EntityTooSmall",
            "Your proposed upload is smaller than the minimum allowed size",
            ProposedSize="4",
            MinSizeAllowed="512",
        ),
    ),
    Case(
        id="a negative size",
        conditions=[["content-length-range", -1, 0]],
        **refused(
            400,
            "EntityTooLarge",
            "Your proposed upload exceeds the maximum allowed size",
            ProposedSize="4",
            MaxSizeAllowed="0",
        ),
    ),
    Case(
        id="an unknown storage class",
        **covered(**{"x-amz-storage-class": "FakeClass"}),
        **refused(
            400,
            "InvalidStorageClass",
            "The storage class you specified is not valid",
            StorageClassRequested="FakeClass",
        ),
    ),
    Case(id="an unknown acl", **covered(acl="mine"), **argument("x-amz-acl", "mine", "")),
    Case(
        id="an unknown encryption",
        **covered(**{"x-amz-server-side-encryption": "ROT13"}),
        **argument(
            "x-amz-server-side-encryption", "ROT13", "The encryption method specified is not supported"
        ),
    ),
    Case(
        id="a customer's key",
        fields={"x-amz-server-side-encryption-customer-key": "x"},
        conditions=[["starts-with", "$x-amz-server-side-encryption-customer-key", ""]],
        **refused(
            501,
            "NotImplemented",
            "A header you provided implies functionality that is not implemented",
            Header="x-amz-server-side-encryption-customer-key",
        ),
    ),
    Case(
        id="a website redirect to nowhere",
        **covered(**{"x-amz-website-redirect-location": "other"}),
        **refused(
            400,
            "InvalidRedirectLocation",
            "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.",
        ),
    ),
    Case(id="tags that are no xml", **covered(tagging="not-xml"), **XML),
    Case(
        id="too many tags",
        **covered(tagging=f"<Tagging><TagSet>{TWELVE_TAGS}</TagSet></Tagging>"),
        **refused(400, "BadRequest", "Object tags cannot be greater than 10"),
    ),
    Case(
        id="a wrong checksum",
        **covered(**{"x-amz-checksum-sha256": WRONG_SHA256}),
        **refused(400, "BadDigest", "The SHA256 you specified did not match the calculated checksum."),
    ),
    Case(
        id="a malformed checksum",
        **covered(**{"x-amz-checksum-sha256": "sailorjerry"}),
        **refused(400, "InvalidRequest", "Value for x-amz-checksum-sha256 header is invalid."),
    ),
    Case(
        id="two checksums",
        **covered(**{"x-amz-checksum-sha256": SHA256, "x-amz-checksum-crc32": "NhCmhg=="}),
        **refused(
            400,
            "InvalidRequest",
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
        ),
    ),
    Case(
        id="an unknown checksum",
        **covered(**{"x-amz-checksum-algorithm": "MD4"}),
        **refused(
            400,
            "InvalidRequest",
            "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
            "[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
        ),
    ),
    Case(
        id="a wrong MD5",
        **covered(**{"Content-MD5": WRONG_MD5}),
        **refused(
            400,
            "BadDigest",
            "The Content-MD5 you specified did not match what we received.",
            ExpectedDigest=WRONG_MD5,
            CalculatedDigest=MD5,
        ),
    ),
    Case(
        id="a malformed MD5",
        **covered(**{"Content-MD5": "x"}),
        **refused(400, "InvalidDigest", "The Content-MD5 you specified was invalid.", **{"Content-MD5": "x"}),
    ),
)


ROWS = [pytest.param(case, kind, id=f"{case.id}-{kind}") for case in CASES for kind in case.kinds]


@cache
def maker(kind: str) -> Any:
    return client(version="s3" if kind == "s3" else "s3v4", session=kind == "session")


def made(case: Case, kind: str) -> tuple[Fields, int]:
    """The form as it is sent, and when it ends in epoch milliseconds."""
    form: Fields = maker(kind).generate_presigned_post(
        BUCKET,
        case.key,
        Fields=dict(case.fields),
        Conditions=list(case.conditions),
        ExpiresIn=600,
    )["fields"]
    expires_ms = ends_ms(form)
    if case.policy is not None:
        document = case.policy(json.loads(base64.b64decode(form["policy"])))
        form = resigned({**form, "policy": base64.b64encode(json.dumps(document).encode()).decode()})
    return case.befalls(form), expires_ms


def resigned(form: Fields) -> Fields:
    secret = CREDENTIALS.secret_access_key
    if "signature" in form:
        return {**form, "signature": sign_v2(form["policy"], secret=secret)}
    day = form["x-amz-date"][:8]
    return {**form, "x-amz-signature": sign_v4(form["policy"], secret=secret, day=day, region=REGION)}


@pytest.mark.parametrize(("case", "kind"), ROWS)
def test_a_case(rig: Rig, case: Case, kind: str) -> None:
    form, expires_ms = made(case, kind)
    rig.store.buckets.ensure(BUCKET, now_ms=0)
    rig.store.buckets.open_to(BUCKET, case.acl)
    rig.now_ms = expires_ms - 600_000 + case.waited_ms

    answer = rig.post(form, case.data, filename=case.filename, path=case.path, headers=case.headers)

    assert answer.status == case.status, answer.body
    assert {name: answer.headers.get(name) for name in case.told} == case.told
    if case.code:
        ids = {"RequestId": answer.headers["x-amz-request-id"], "HostId": answer.headers["x-amz-id-2"]}
        told = {"Code": case.code, "Message": case.message, **case.elements, **ids}
        assert list(answer.xml.items()) == list(told.items())
        assert (len(rig.store), rig.told) == (0, [])
        return
    if case.elements:
        assert list(answer.xml.items()) == list(case.elements.items())
    else:
        assert (answer.body, "content-type" in answer.headers) == (b"", False)
    (stored,) = rig.store
    assert rig.told == [stored]
    assert rig.store.read(stored) == case.data
    expected = {"bucket": BUCKET, "key": case.key, **case.stored}
    assert {name: getattr(stored, name) for name in expected} == expected


@pytest.mark.parametrize("kind", ["s3v4", "s3"])
@pytest.mark.parametrize("name", ["signature", "policy"])
def test_what_was_signed_is_told_where_it_does_not_match(rig: Rig, kind: str, name: str) -> None:
    form, expires_ms = made(CASES[0], kind)
    rig.now_ms = expires_ms - 600_000
    signature = "signature" if kind == "s3" else "x-amz-signature"
    changed = signature if name == "signature" else "policy"
    form[changed] = form[changed][::-1]

    answer = rig.post(form, path=f"/s3/{BUCKET}")

    assert answer.status == 403
    assert list(answer.xml.items())[:6] == [
        ("Code", "SignatureDoesNotMatch"),
        (
            "Message",
            (
                "The request signature we calculated does not match the signature you provided. "
                "Check your key and signing method."
            ),
        ),
        ("AWSAccessKeyId", CREDENTIALS.access_key_id),
        ("StringToSign", form["policy"]),
        ("SignatureProvided", form[signature]),
        ("StringToSignBytes", form["policy"].encode().hex(" ")),
    ]
    assert len(rig.store) == 0


def test_the_table_is_long_enough_and_has_no_two_rows_of_a_name() -> None:
    assert len(CASES) == len({case.id for case in CASES})
    assert len(CASES) >= 60
    assert sum(bool(case.code) for case in CASES) >= 40
