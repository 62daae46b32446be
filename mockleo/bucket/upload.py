"""One POST of a form: S3's checks in S3's order.

    before the body   `door`: an Authorization header, the enclosure type, a length, the boundary
    before the file   `admit`: key, signature, policy, expiry, conditions, fields nobody allowed,
                      the key's length, what the form says of the object and of its bytes
    during the file   `receive`: the largest size
    after the file    the form is whole; then `outcome.settle`: smallest size, checksums, storage
                      class and its like, tags

Nothing is stored before all of it has passed. The first rule is Leonardo's (its upload page);
the others are S3's (AWS: RESTObjectPOST, sigv4-HTTPPOSTForms). A form without a policy is let in
where its bucket is open to everybody's writing (RESTObjectPOST: `policy`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from starlette.datastructures import Headers

from mockleo.bucket import policy as policies
from mockleo.bucket.body import Body
from mockleo.bucket.checksums import Claims
from mockleo.bucket.errors import (
    Anonymous,
    AuthorizationSent,
    KeyTooLong,
    MissingField,
    MissingLength,
    TooLarge,
)
from mockleo.bucket.form import Form, Head, boundary_of
from mockleo.bucket.signature import Credentials, verify
from mockleo.bucket.store import Draft

KEY_BYTES_MAX = 1_024


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """A form that may send its file. Sizes in bytes, both ends included.

    `claims` are what it says of its file's bytes.
    """

    bucket: str
    key: str
    fields: Mapping[str, str]
    claims: Claims
    least_bytes: int
    most_bytes: int


def door(headers: Headers) -> bytes:
    """Judge a request by its headers; return the form's boundary.

    Raises AuthorizationSent, NotMultipart, MissingLength, MalformedForm.
    """
    if "authorization" in headers:
        raise AuthorizationSent
    boundary = boundary_of(headers.get("content-type", ""))
    # RESTCommonRequestHeaders wants a length of PUTs and of XML only. Of chunked forms public
    # reports disagree: 411 in 2018, taken in 2025. So they are taken, and what is neither is not.
    if "content-length" not in headers and "transfer-encoding" not in headers:
        raise MissingLength
    return boundary


def admit(
    head: Head,
    *,
    bucket: str,
    is_open: bool,
    credentials: Credentials,
    region: str,
    now_ms: int,
    size_bytes_max: int,
) -> Admission:
    """Judge a form by what came before its file. `is_open` is whether anybody may write to `bucket`."""
    head = _expand(head)
    key = head.fields.get("key", "")
    if not key:
        raise MissingField("key")
    sizes: tuple[tuple[int, int], ...] = ()
    if "policy" in head.fields:
        verify(head.fields, credentials=credentials, region=region)
        policy = policies.parse(head.fields["policy"])
        policies.judge(policy, head, bucket=bucket, now_ms=now_ms)
        sizes = policy.sizes
    elif not is_open:
        raise Anonymous
    key_bytes = len(key.encode())
    if key_bytes > KEY_BYTES_MAX:
        raise KeyTooLong(size_bytes=key_bytes, bytes_max=KEY_BYTES_MAX)
    return Admission(
        bucket=bucket,
        key=key,
        fields=head.fields,
        claims=Claims(head.fields),
        least_bytes=max((least for least, _ in sizes), default=0),
        most_bytes=min([size_bytes_max, *(most for _, most in sizes)]),
    )


def _expand(head: Head) -> Head:
    """Put the file's name for `${filename}`, in every field; a file without a name leaves it there."""
    if head.filename is None:
        return head
    name = head.filename
    return replace(
        head, fields={field: value.replace("${filename}", name) for field, value in head.fields.items()}
    )


async def receive(
    body: Body, boundary: bytes, draft: Draft, *, admit: Callable[[Head], Admission]
) -> Admission:
    """Read a form: judge its head as soon as it is there, then write its file to `draft`.

    Raises any refusal of `admit`, TooLarge, MalformedForm, FieldsTooLong, NoFile; ClientGone.
    """
    form = Form(boundary)
    admission: Admission | None = None
    async for chunk in body.chunks():
        pieces = form.feed(chunk)
        if admission is None and form.head is not None:
            admission = admit(form.head)
        if admission is not None:
            size_bytes = draft.size_bytes + sum(map(len, pieces))
            if size_bytes > admission.most_bytes:
                proposed_bytes = await _measure(body, form, size_bytes)
                raise TooLarge(proposed_bytes=proposed_bytes, bytes_max=admission.most_bytes)
            for piece in pieces:
                admission.claims.update(piece)
                draft.write(piece)
        form.check()
    form.finish()
    assert admission is not None, "a form without a file has finished"
    return admission


async def _measure(body: Body, form: Form, size_bytes: int) -> int:
    """How large the file would have been, of which `size_bytes` have been seen.

    Counted where its end is near; else reckoned from the length of the whole; else what came.
    """
    if body.announced_bytes is not None and not body.is_worth_reading:
        around_bytes = body.read_bytes - size_bytes + form.tail_bytes
        return body.announced_bytes - around_bytes
    async for chunk in body.leftovers():
        size_bytes += sum(map(len, form.feed(chunk)))
    return size_bytes
