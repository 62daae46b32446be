"""SigV4 and SigV2 over a POST policy: made and verified.

What is signed is the policy as it stands in the form, base64 and all, so a policy that no
longer decodes is first of all a wrong signature.

Sources: AWS: sigv4-authentication-HTTPPOST (SigV4), UsingHTTPPOST (SigV2).
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mockleo.bucket.errors import (
    Anonymous,
    BadArgument,
    MissingField,
    SignatureMismatch,
    UnknownAccessKey,
    WrongRegion,
)

ALGORITHM = "AWS4-HMAC-SHA256"

# In the order in which S3 complains of them.
V4_FIELDS = ("X-Amz-Signature", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date")
V2_FIELDS = ("Signature", "AWSAccessKeyId")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Whose signature the bucket accepts. `session_token` may be empty."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)


def sign_v4(text: str, *, secret: str, day: str, region: str) -> str:
    """Return the signature in hex of a policy's base64 text, or of another string to sign.

    `day` is YYYYMMDD.
    """
    key = f"AWS4{secret}".encode()
    for step in (day, region, "s3", "aws4_request"):
        key = hmac.digest(key, step.encode(), hashlib.sha256)
    return hmac.digest(key, text.encode(), hashlib.sha256).hex()


def sign_v2(text: str, *, secret: str) -> str:
    """Return the signature in base64 of a policy's base64 text, or of another string to sign."""
    return base64.b64encode(hmac.digest(secret.encode(), text.encode(), hashlib.sha1)).decode()


def verify(fields: Mapping[str, str], *, credentials: Credentials, region: str) -> None:
    """Refuse a form whose policy is not signed with `credentials`.

    `fields` are the form's, by lower-case name, a policy among them. A form with any of
    SigV4's fields is judged as SigV4. The session token is no part of the signature: what
    holds it in place is the policy's own condition.

    Raises Anonymous, MissingField, BadArgument, UnknownAccessKey, SignatureMismatch.
    """
    if _is_signed_with(V4_FIELDS, fields):
        _verify_v4(fields, credentials=credentials, region=region)
    elif _is_signed_with(V2_FIELDS, fields):
        _compare(
            fields,
            credentials=credentials,
            access_key_id=fields["awsaccesskeyid"],
            expected=sign_v2(fields["policy"], secret=credentials.secret_access_key),
            signature=fields["signature"],
        )
    else:
        raise Anonymous


def _is_signed_with(names: tuple[str, ...], fields: Mapping[str, str]) -> bool:
    missing = [name for name in names if name.lower() not in fields]
    if missing and len(missing) < len(names):
        raise MissingField(missing[0])
    return not missing


class BadScope(ValueError):
    """A credential that names no place to sign for. Its text is S3's, and stands in several refusals."""


def _verify_v4(fields: Mapping[str, str], *, credentials: Credentials, region: str) -> None:
    algorithm, credential, date = (fields[name.lower()] for name in V4_FIELDS[1:])
    # Assumed: no answer of S3 to another algorithm has been published.
    if algorithm != ALGORITHM:
        raise BadArgument(
            f'X-Amz-Algorithm only supports "{ALGORITHM}"', name="X-Amz-Algorithm", value=algorithm
        )
    try:
        access_key_id, day, place = scope_of(credential)
    except BadScope as bad:
        raise BadArgument(str(bad), name="X-Amz-Credential", value=credential) from None
    if place != region:
        raise WrongRegion(sent=place, expected=region, credential=credential)
    # "formated" is S3's.
    if not re.fullmatch(r"[0-9]{8}T[0-9]{6}Z", date):
        raise BadArgument(
            "X-Amz-Date must be formated via ISO8601 Long format", name="X-Amz-Date", value=date
        )
    # AWS: sigv4-HTTPPOSTForms, "the same date you used in creating the signing key". The words
    # are S3's to a presigned URL, assumed here. No source holds the date against the clock.
    if date[:8] != day:
        raise BadArgument(
            f'Invalid credential date "{day}". This date is not the same as X-Amz-Date: "{date[:8]}".',
            name="X-Amz-Credential",
            value=credential,
        )
    _compare(
        fields,
        credentials=credentials,
        access_key_id=access_key_id,
        expected=sign_v4(fields["policy"], secret=credentials.secret_access_key, day=day, region=region),
        signature=fields["x-amz-signature"],
    )


def scope_of(credential: str) -> tuple[str, str, str]:
    """Take a credential apart: access key id, day, region. An id may hold slashes. Raises BadScope."""
    parts = credential.rsplit("/", 4)
    if len(parts) != 5 or parts[3:] != ["s3", "aws4_request"] or not re.fullmatch("[0-9]{8}", parts[1]):
        raise BadScope(
            'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".'
        )
    if not parts[0]:
        raise BadScope("a non-empty Access Key (AKID) must be provided in the credential.")
    return parts[0], parts[1], parts[2]


def _compare(
    fields: Mapping[str, str],
    *,
    credentials: Credentials,
    access_key_id: str,
    expected: str,
    signature: str,
) -> None:
    if access_key_id != credentials.access_key_id:
        raise UnknownAccessKey(access_key_id)
    if not is_same(expected, signature):
        raise SignatureMismatch(
            access_key_id=access_key_id, string_to_sign=fields["policy"], signature=signature
        )


def is_same(expected: str, signature: str) -> bool:
    # As bytes: compare_digest takes no text beyond ASCII, and a client may send any.
    return hmac.compare_digest(expected.encode(), signature.encode())
