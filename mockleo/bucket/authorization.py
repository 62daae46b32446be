"""Who signed a request: by header or in its query, with SigV4 or SigV2. Forms are `signature`'s.

    Authorization: AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...
    Authorization: AWS <access key id>:<signature>
    ?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=...&X-Amz-Expires=...&X-Amz-Signature=...
    ?AWSAccessKeyId=...&Expires=...&Signature=...

Any other Authorization is nobody's: a client of the emulated API may send its own key along.

A header's date is not held against the clock, as S3 does within fifteen minutes: the bucket's
clock may be one that a test moves by hand, and the SDKs sign on the wall's. A presigned URL
ends when the bucket's clock says so, as a form does.

Sources: AWS: sig-v4-header-based-auth, sigv4-query-string-auth, RESTAuthentication (SigV2);
words of the refusals: published answers of S3.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from mockleo.bucket.errors import (
    HeadersNotSigned,
    InvalidRequest,
    LinkExpired,
    MalformedAuthorization,
    MalformedLink,
    SignatureMismatch,
    UnknownAccessKey,
    WrongToken,
)
from mockleo.bucket.request import Request
from mockleo.bucket.signature import ALGORITHM, BadScope, Credentials, is_same, scope_of, sign_v2, sign_v4

# Seven days.
LINK_S_MAX = 604_800

_EPOCH = datetime.fromtimestamp(0, UTC)

LINK_V4 = (
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
)
LINK_V2 = ("AWSAccessKeyId", "Expires", "Signature")

# What of a query belongs to the resource that SigV2 signs.
_SIGNED_V2 = frozenset(
    [
        "acl",
        "delete",
        "lifecycle",
        "location",
        "logging",
        "notification",
        "partNumber",
        "policy",
        "requestPayment",
        "tagging",
        "torrent",
        "uploadId",
        "uploads",
        "versionId",
        "versioning",
        "versions",
        "website",
        "response-content-type",
        "response-content-language",
        "response-expires",
        "response-cache-control",
        "response-content-disposition",
        "response-content-encoding",
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """A SigV4 signature and what it says it covers. `scope` is access key id, day, region."""

    scope: tuple[str, str, str]
    date: str
    signed_headers: tuple[str, ...]
    signature: str
    payload_hash: str


def is_signed(request: Request, *, credentials: Credentials, region: str, now_ms: int) -> bool:
    """Did the holder of `credentials` sign this? False where nobody did.

    Raises UnknownAccessKey, SignatureMismatch, WrongToken, LinkExpired, HeadersNotSigned,
    MalformedAuthorization, MalformedLink, InvalidRequest.
    """
    kind, _, rest = request.headers.get("authorization", "").partition(" ")
    query = request.asked
    if kind == ALGORITHM:
        _verify_v4(request, _from_header(request, rest), credentials=credentials, region=region)
    elif kind == "AWS":
        _verify_v2(request, *rest.rpartition(":")[::2], credentials=credentials)
    elif "X-Amz-Signature" in query or "X-Amz-Algorithm" in query:
        _verify_v4(request, _from_query(query, now_ms=now_ms), credentials=credentials, region=region)
    elif "Signature" in query or "AWSAccessKeyId" in query:
        _check_v2_link(query, now_ms=now_ms)
        key_id, signature = query["AWSAccessKeyId"], query["Signature"]
        _verify_v2(request, key_id, signature, credentials=credentials, date=query["Expires"])
    else:
        return False
    _check_token(request, credentials)
    return True


def _from_header(request: Request, text: str) -> _Claim:
    said = dict(part.strip().partition("=")[::2] for part in text.split(","))
    for name in ("Credential", "SignedHeaders", "Signature"):
        if name not in said:
            raise MalformedAuthorization(
                f"the authorization header requires three components: {name} is missing."
            )
    try:
        scope = scope_of(said["Credential"])
    except BadScope as bad:
        raise MalformedAuthorization(str(bad)) from None
    payload_hash = request.headers.get("x-amz-content-sha256")
    if payload_hash is None:
        raise InvalidRequest("Missing required header for this request: x-amz-content-sha256")
    date = request.headers.get("x-amz-date", "")
    if date[:8] != scope[1]:
        raise MalformedAuthorization(
            f'Invalid credential date "{scope[1]}". This date is not the same as X-Amz-Date: "{date[:8]}".'
        )
    return _Claim(
        scope=scope,
        date=date,
        signed_headers=tuple(said["SignedHeaders"].split(";")),
        signature=said["Signature"],
        payload_hash=payload_hash,
    )


def _from_query(query: Mapping[str, str], *, now_ms: int) -> _Claim:
    if any(name not in query for name in LINK_V4):
        raise MalformedLink(
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
            "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
        )
    if query["X-Amz-Algorithm"] != ALGORITHM:
        raise MalformedLink(f'X-Amz-Algorithm only supports "{ALGORITHM}"')
    try:
        scope = scope_of(query["X-Amz-Credential"])
    except BadScope as bad:
        raise MalformedLink(f"Error parsing the X-Amz-Credential parameter; {bad}") from None
    _check_v4_link(query, scope[1], now_ms=now_ms)
    return _Claim(
        scope=scope,
        date=query["X-Amz-Date"],
        signed_headers=tuple(query["X-Amz-SignedHeaders"].split(";")),
        signature=query["X-Amz-Signature"],
        payload_hash=query.get("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"),
    )


def _check_v4_link(query: Mapping[str, str], day: str, *, now_ms: int) -> None:
    date = query["X-Amz-Date"]
    try:
        begins = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise MalformedLink(
            "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""
        ) from None
    if date[:8] != day:
        raise MalformedLink(
            f'Invalid credential date "{day}". This date is not the same as X-Amz-Date: "{date[:8]}".'
        )
    if not re.fullmatch("-?[0-9]{1,9}", query["X-Amz-Expires"]):
        raise MalformedLink("X-Amz-Expires should be a number")
    life_s = int(query["X-Amz-Expires"])
    if life_s < 0:
        raise MalformedLink("X-Amz-Expires must be non-negative")
    if life_s > LINK_S_MAX:
        raise MalformedLink(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be "
            "less than 604800 seconds"
        )
    begins_ms = (begins - _EPOCH) // timedelta(milliseconds=1)
    _check_life(begins_ms + life_s * 1_000, now_ms=now_ms)


def _check_v2_link(query: Mapping[str, str], *, now_ms: int) -> None:
    # Public answers of S3 to a link that lacks one of the three.
    if any(name not in query for name in LINK_V2) or not re.fullmatch("[0-9]{1,11}", query["Expires"]):
        raise MalformedLink(
            "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters"
        )
    _check_life(int(query["Expires"]) * 1_000, now_ms=now_ms)


def _check_life(ends_ms: int, *, now_ms: int) -> None:
    if now_ms >= ends_ms:
        raise LinkExpired(expired=_written(ends_ms), now=_written(now_ms))


def _written(epoch_ms: int) -> str:
    return f"{_EPOCH + timedelta(milliseconds=epoch_ms):%Y-%m-%dT%H:%M:%SZ}"


def _verify_v4(request: Request, claim: _Claim, *, credentials: Credentials, region: str) -> None:
    access_key_id, day, place = claim.scope
    if place != region:
        raise MalformedAuthorization(f"the region '{place}' is wrong; expecting '{region}'", Region=region)
    if access_key_id != credentials.access_key_id:
        raise UnknownAccessKey(access_key_id)
    unsigned = [
        name
        for name in request.headers
        if name.startswith("x-amz-") and name not in claim.signed_headers and name != "x-amz-content-sha256"
    ]
    if unsigned:
        raise HeadersNotSigned(unsigned)
    canonical = _canonical(request, claim)
    text = "\n".join(
        [
            ALGORITHM,
            claim.date,
            f"{day}/{place}/s3/aws4_request",
            hashlib.sha256(canonical.encode()).hexdigest(),
        ]
    )
    expected = sign_v4(text, secret=credentials.secret_access_key, day=day, region=region)
    if not is_same(expected, claim.signature):
        raise SignatureMismatch(
            access_key_id=access_key_id,
            string_to_sign=text,
            signature=claim.signature,
            canonical_request=canonical,
        )


def _canonical(request: Request, claim: _Claim) -> str:
    """The request as SigV4 signs it. The path is written anew: clients encode it in several ways."""
    query = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in request.query
        if name != "X-Amz-Signature"
    )
    headers = [
        f"{name}:{','.join(' '.join(value.split()) for value in request.headers.getlist(name))}"
        for name in claim.signed_headers
    ]
    return "\n".join(
        [
            request.method,
            quote(request.path, safe="/-_.~"),
            "&".join(f"{name}={value}" for name, value in query),
            *headers,
            "",
            ";".join(claim.signed_headers),
            claim.payload_hash,
        ]
    )


def _verify_v2(
    request: Request, access_key_id: str, signature: str, *, credentials: Credentials, date: str | None = None
) -> None:
    if access_key_id != credentials.access_key_id:
        raise UnknownAccessKey(access_key_id)
    headers = request.headers
    if date is None:
        date = "" if "x-amz-date" in headers else headers.get("date", "")
    own = sorted({name for name in headers if name.startswith("x-amz-")})
    sub = sorted((name, value) for name, value in request.query if name in _SIGNED_V2)
    ending = "?" + "&".join(f"{name}={value}" if value else name for name, value in sub) if sub else ""
    text = ""
    # The resource begins with the bucket, and a bucket's ends in a slash. AWS's own library has
    # it so whatever is asked for, but signs the whole path where there is no bucket.
    own_path = request.path.removeprefix(request.root)
    for path in (own_path if request.key else f"{own_path.rstrip('/')}/", request.path):
        text = "\n".join(
            [
                request.method,
                headers.get("content-md5", ""),
                headers.get("content-type", ""),
                date,
                *(f"{name}:{','.join(value.strip() for value in headers.getlist(name))}" for name in own),
                quote(path, safe="/-_.~") + ending,
            ]
        )
        if is_same(sign_v2(text, secret=credentials.secret_access_key), signature):
            return
    raise SignatureMismatch(access_key_id=access_key_id, string_to_sign=text, signature=signature)


def _check_token(request: Request, credentials: Credentials) -> None:
    """A token need not be sent; one that is sent must be the one that was given out."""
    query = request.asked
    token = request.headers.get("x-amz-security-token") or query.get("X-Amz-Security-Token")
    token = token or query.get("x-amz-security-token")
    if token is not None and not is_same(credentials.session_token, token):
        raise WrongToken(token)
