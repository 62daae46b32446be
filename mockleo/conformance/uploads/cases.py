"""What can befall a form on its way, by name, and what storage must answer.

A row says what was done in words that a user understands, makes the post, and tells the answer:
status, code, how the message begins, which elements must be there besides. A row without a code
is one that storage takes. Where a form has nothing that the row could be about (no Content-Type,
say), its `make` gives None and the row is not tried.

`order` of the checks is S3's: the enclosure type, what comes before the file, the key, the
signature, the policy, its expiry, its conditions, further fields, the size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.conformance.uploads import ways
from mockleo.conformance.uploads.posting import filled_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockleo.conformance.uploads.forms import Form
    from mockleo.conformance.uploads.posting import Post

DENIED = "Access Denied"
FAILED = "Invalid according to Policy: Policy Condition failed"
EXTRA = "Invalid according to Policy: Extra input fields"
EXPIRED = "Invalid according to Policy: Policy expired"
MISSING = "Bucket POST must contain a field named"

_PAGES = "AWS: sigv4-HTTPPOSTForms, sigv4-HTTPPOSTConstructPolicy, ErrorResponses"
_SEEN = "answers of S3 in public test suites and issue threads; AWS: ErrorResponses"


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One row; see the module. `check` is its name in reports, `done` what was done to the form."""

    check: str
    done: str
    make: Callable[[Form, bytes], Post | None]
    status: int = 204
    code: str = ""
    says: str = ""
    elements: Mapping[str, str] = {}
    evidence: str = "documented"
    source: str = _PAGES
    fix: str = ""

    @property
    def is_taken(self) -> bool:
        return not self.code

    @property
    def expected(self) -> str:
        """What the contract says, and how sure it is."""
        if self.is_taken:
            told = f"storage takes it and answers {self.status} with an empty body"
        else:
            told = f"storage refuses it with {self.status}, code {self.code}"
            told += f', message "{self.says}..."' if self.says else ""
        return f"{told} ({self.evidence}: {self.source})"


TAKEN: tuple[Case, ...] = (
    Case(check="form-taken", done="the form is sent as it was given, the file last", make=filled_in),
    Case(
        check="names-in-any-case",
        done="the names of the fields are sent in capitals",
        make=ways.shouted,
        evidence="observed",
        source=_SEEN,
        fix="names of fields are compared without regard to case",
    ),
    Case(
        check="field-behind-the-file-unseen",
        done="one more field is sent, behind the file",
        make=ways.field_behind,
        fix="what comes behind the file must not be read",
    ),
    Case(
        check="ignored-fields-taken",
        done="a field x-ignore-note is added",
        make=ways.added(x_ignore_note="for the client only"),
        fix="fields that begin with x-ignore- need no condition",
    ),
    Case(
        check="fields-with-filenames-taken",
        done="every field is sent with a filename, as if it were a file",
        make=ways.named_fields,
        evidence="observed",
        source="what requests.post(url, files=fields) sends, which works against S3",
        fix="only the part named file is the file, whatever the others carry",
    ),
    Case(
        check="file-without-a-name-taken",
        done="the file is sent as a plain field, without a filename",
        make=ways.plain_file,
        evidence="observed",
        source=_SEEN,
    ),
)  # fmt: skip

_SIGNATURE = "the signature must be computed again from the policy as it stands in the form, and compared"
_CONDITIONS = "each condition of the policy must be held against the field of its name"

REFUSED: tuple[Case, ...] = (
    Case(
        check="multipart-wanted",
        done="the fields are sent as JSON instead of multipart/form-data",
        make=ways.as_json,
        status=412,
        code="PreconditionFailed",
        says="At least one of the pre-conditions you specified did not hold",
        elements={"Condition": "Bucket POST must be of the enclosure-type multipart/form-data"},
        evidence="observed",
        source=_SEEN,
    ),
    Case(
        check="authorization-refused",
        done="a header Authorization: Bearer ... is sent along",
        make=ways.with_key,
        status=403,
        code="AccessDenied",
        source="UP and ERR, the vendor's pages on uploads and on errors",
        fix="an upload is allowed by its form alone; a request with an Authorization header is refused",
    ),
    Case(
        check="multipart-whole",
        done="the body ends before its last boundary",
        make=ways.cut_off,
        status=400,
        code="MalformedPOSTRequest",
        says="The body of your POST request is not well-formed multipart/form-data",
    ),
    Case(
        check="fields-not-too-long",
        done=f"more than {ways.HEAD_BYTES_MOST} bytes are sent before the file",
        make=ways.long_head,
        status=400,
        code="MaxPostPreDataLengthExceeded",
        says="Your POST request fields preceeding the upload file was too large",
        elements={"MaxPostPreDataLengthBytes": str(ways.HEAD_BYTES_MOST)},
        evidence="observed",
        source=_SEEN,
    ),
    Case(
        check="file-wanted",
        done="the form is sent without a file",
        make=ways.no_file,
        status=400,
        code="InvalidArgument",
        says="POST requires exactly one file upload per request",
        elements={"ArgumentName": "file"},
        evidence="observed",
        source=_SEEN,
    ),
    Case(
        check="file-last",
        done="the file is sent first, and the fields behind it",
        make=ways.file_first,
        status=400,
        code="InvalidArgument",
        says=MISSING,
        elements={"ArgumentName": "key"},
        evidence="observed",
        source=_SEEN,
        fix="fields behind the file are not seen, so the form has no key",
    ),
    Case(
        check="policy-before-the-file",
        done="only the key is sent before the file, and policy and signature behind it",
        make=ways.policy_behind,
        status=403,
        code="AccessDenied",
        says=DENIED,
        evidence="inferred",
        fix="fields behind the file are not seen, so nobody has signed the form",
    ),
    Case(
        check="key-wanted",
        done="the field key is left out",
        make=ways.without("key"),
        status=400,
        code="InvalidArgument",
        says=MISSING,
        elements={"ArgumentName": "key"},
        evidence="observed",
        source=_SEEN,
    ),
    *(
        Case(
            check=f"{name.removeprefix('x-amz-')}-wanted",
            done=f"the field {name} is left out",
            make=ways.without(name),
            status=400,
            code="InvalidArgument",
            says=MISSING,
            evidence="observed",
            source=_SEEN,
            fix=_SIGNATURE,
        )
        for name in ("x-amz-signature", "x-amz-algorithm", "x-amz-credential", "x-amz-date")
    ),
    Case(
        check="policy-wanted",
        done="the field Policy is left out",
        make=ways.without("policy"),
        status=403,
        code="AccessDenied",
        says=DENIED,
        evidence="inferred",
        fix="without a policy nobody but the owner may write to the bucket",
    ),
    Case(
        check="signed",
        done="all fields of the signature are left out",
        make=ways.without("x-amz-signature", "x-amz-algorithm", "x-amz-credential", "x-amz-date"),
        status=403,
        code="AccessDenied",
        says=DENIED,
        evidence="observed",
        source=_SEEN,
        fix=_SIGNATURE,
    ),
    Case(
        check="signature-checked",
        done="the last character of the signature is changed",
        make=ways.changed("x-amz-signature", ways.other_end),
        status=403,
        code="SignatureDoesNotMatch",
        says="The request signature we calculated does not match",
        fix=_SIGNATURE,
    ),
    Case(
        check="policy-expiry-signed",
        done="the policy is written anew with a later expiration, and not signed anew",
        make=ways.changed("policy", ways.longer_life),
        status=403,
        code="SignatureDoesNotMatch",
        says="The request signature we calculated does not match",
        fix=_SIGNATURE,
    ),
    Case(
        check="policy-conditions-signed",
        done="the policy is written anew without its conditions, and not signed anew",
        make=ways.changed("policy", ways.no_conditions),
        status=403,
        code="SignatureDoesNotMatch",
        says="The request signature we calculated does not match",
        fix=_SIGNATURE,
    ),
    Case(
        check="key-held-to",
        done="the file is sent under another key",
        make=ways.changed("key", lambda key: f"{key}.html"),
        status=403,
        code="AccessDenied",
        says=FAILED,
        fix=_CONDITIONS,
    ),
    Case(
        check="content-type-held-to",
        done="the field Content-Type is changed to text/html",
        make=ways.changed("content-type", lambda _: "text/html"),
        status=403,
        code="AccessDenied",
        says=FAILED,
        fix=_CONDITIONS,
    ),
    Case(
        check="content-type-wanted",
        done="the field Content-Type is left out, for which the policy has a condition",
        make=ways.without("content-type"),
        status=403,
        code="AccessDenied",
        says=FAILED,
        fix="a field that is not there meets no condition",
    ),
    Case(
        check="bucket-held-to",
        done="the field bucket names another bucket",
        make=ways.changed("bucket", lambda bucket: f"{bucket}-of-another"),
        status=403,
        code="AccessDenied",
        says=FAILED,
        fix=_CONDITIONS,
    ),
    Case(
        check="token-held-to",
        done="the field X-Amz-Security-Token is changed",
        make=ways.changed("x-amz-security-token", ways.other_end),
        status=403,
        code="AccessDenied",
        says=FAILED,
        evidence="inferred",
        fix=_CONDITIONS,
    ),
    Case(
        check="no-further-fields",
        done="a field x-amz-meta-note is added, for which the policy has no condition",
        make=ways.added(x_amz_meta_note="mine"),
        status=403,
        code="AccessDenied",
        says=f"{EXTRA}: x-amz-meta-note",
        fix="a field without a condition must be refused, except those that S3 names",
    ),
    Case(
        check="no-public-files",
        done="a field acl is added that would make the file everybody's",
        make=ways.added(acl="public-read"),
        status=403,
        code="AccessDenied",
        says=EXTRA,
        fix="a field without a condition must be refused, except those that S3 names",
    ),
)  # fmt: skip
