"""Every "no" of the bucket, and the one writer of its XML.

    S3Refusal
    |-- NotMultipart            412  the body is no multipart/form-data
    |-- MethodNotAllowed        405
    |-- NoSuchKey               404
    |-- RangeNotSatisfiable     416
    |-- Forbidden               403  AccessDenied
    |   |-- AuthorizationSent        an Authorization header came along
    |   |-- Anonymous                no policy, or a policy nobody signed
    |   |-- PolicyExpired
    |   |-- ConditionFailed
    |   `-- ExtraFields
    |-- UnknownAccessKey        403  InvalidAccessKeyId
    |-- SignatureMismatch       403  SignatureDoesNotMatch
    |-- MalformedForm           400  MalformedPOSTRequest
    |-- FieldsTooLong           400  MaxPostPreDataLengthExceeded
    |-- BadArgument             400  InvalidArgument
    |   |-- MissingField
    |   |-- NoFile
    |   `-- WrongRegion
    |-- InvalidPolicy           400  InvalidPolicyDocument
    |-- KeyTooLong              400  KeyTooLongError
    |-- TooLarge                400  EntityTooLarge
    |-- TooSmall                400  EntityTooSmall
    |-- InvalidStorageClass     400
    `-- MalformedXML            400

A refusal's extra elements stand in the XML between the message and the request's ids, in
the order given. Each class names one rule; `why` is that name on the wire.

Source: AWS, ErrorResponses; where the wire is known to differ from that list (the 412, the
pre-file limit, conditions that answer 403), the wire.
"""

import re
from collections.abc import Mapping
from typing import ClassVar


class S3Refusal(Exception):
    """Base of all refusals: a status, a code, a message, further elements."""

    status: ClassVar[int] = 400
    code: ClassVar[str]

    def __init__(self, message: str, elements: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.elements: Mapping[str, str] = elements or {}

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers that belong to this refusal only."""
        return {}

    @property
    def why(self) -> str:
        """The rule that was broken, such as `s3.policy-expired`."""
        words: list[str] = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]+", type(self).__name__)
        return "s3." + "-".join(words).lower()


class NotMultipart(S3Refusal):
    status = 412
    code = "PreconditionFailed"

    def __init__(self) -> None:
        super().__init__(
            "At least one of the pre-conditions you specified did not hold",
            {"Condition": "Bucket POST must be of the enclosure-type multipart/form-data"},
        )


class MethodNotAllowed(S3Refusal):
    status = 405
    code = "MethodNotAllowed"

    def __init__(self, *, method: str, resource: str, allowed: str) -> None:
        super().__init__(
            "The specified method is not allowed against this resource.",
            {"Method": method, "ResourceType": resource},
        )
        self.allowed = allowed

    @property
    def headers(self) -> Mapping[str, str]:
        return {"allow": self.allowed}


class NoSuchKey(S3Refusal):
    status = 404
    code = "NoSuchKey"

    def __init__(self, key: str) -> None:
        super().__init__("The specified key does not exist.", {"Key": key})


class RangeNotSatisfiable(S3Refusal):
    status = 416
    code = "InvalidRange"

    def __init__(self, *, asked: str, size_bytes: int) -> None:
        super().__init__(
            "The requested range is not satisfiable",
            {"RangeRequested": asked, "ActualObjectSize": str(size_bytes)},
        )
        self.size_bytes = size_bytes

    @property
    def headers(self) -> Mapping[str, str]:
        return {"content-range": f"bytes */{self.size_bytes}"}


class Forbidden(S3Refusal):
    status = 403
    code = "AccessDenied"


class AuthorizationSent(Forbidden):
    """Leonardo's upload page: an upload with an Authorization header is answered 403."""

    def __init__(self) -> None:
        super().__init__("Access Denied")


class Anonymous(Forbidden):
    """Nobody signed this form, and no bucket of ours is open to everybody."""

    def __init__(self) -> None:
        super().__init__("Access Denied")


class PolicyExpired(Forbidden):
    def __init__(self) -> None:
        super().__init__("Invalid according to Policy: Policy expired.")


class ConditionFailed(Forbidden):
    def __init__(self, condition: str) -> None:
        super().__init__(f"Invalid according to Policy: Policy Condition failed: {condition}")


class ExtraFields(Forbidden):
    def __init__(self, names: list[str]) -> None:
        super().__init__(f"Invalid according to Policy: Extra input fields: {', '.join(names)}")


class UnknownAccessKey(S3Refusal):
    status = 403
    code = "InvalidAccessKeyId"

    def __init__(self, access_key_id: str) -> None:
        super().__init__(
            "The AWS Access Key Id you provided does not exist in our records.",
            {"AWSAccessKeyId": access_key_id},
        )


class SignatureMismatch(S3Refusal):
    status = 403
    code = "SignatureDoesNotMatch"

    def __init__(self, *, access_key_id: str, policy: str, signature: str) -> None:
        super().__init__(
            "The request signature we calculated does not match the signature you provided. "
            "Check your key and signing method.",
            {
                "AWSAccessKeyId": access_key_id,
                "StringToSign": policy,
                "SignatureProvided": signature,
                "StringToSignBytes": policy.encode().hex(" "),
            },
        )


class MalformedForm(S3Refusal):
    code = "MalformedPOSTRequest"

    def __init__(self) -> None:
        super().__init__("The body of your POST request is not well-formed multipart/form-data.")


class FieldsTooLong(S3Refusal):
    code = "MaxPostPreDataLengthExceeded"

    def __init__(self, *, bytes_max: int) -> None:
        super().__init__(
            "Your POST request fields preceeding the upload file was too large.",
            {"MaxPostPreDataLengthBytes": str(bytes_max)},
        )


class BadArgument(S3Refusal):
    code = "InvalidArgument"

    def __init__(self, message: str, *, name: str, value: str, **more: str) -> None:
        super().__init__(message, {"ArgumentName": name, "ArgumentValue": value, **more})


class MissingField(BadArgument):
    """The two spaces are S3's."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Bucket POST must contain a field named '{name}'.  "
            "If it is specified, please check the order of the fields.",
            name=name,
            value="",
        )


class NoFile(BadArgument):
    def __init__(self) -> None:
        super().__init__("POST requires exactly one file upload per request.", name="file", value="0")


class WrongRegion(BadArgument):
    def __init__(self, *, sent: str, expected: str, credential: str) -> None:
        super().__init__(
            f"the region '{sent}' is wrong; expecting '{expected}'",
            name="X-Amz-Credential",
            value=credential,
            Region=expected,
        )


class InvalidPolicy(S3Refusal):
    code = "InvalidPolicyDocument"

    def __init__(self, detail: str) -> None:
        super().__init__(f"Invalid Policy: {detail}")


class KeyTooLong(S3Refusal):
    code = "KeyTooLongError"

    def __init__(self, *, size_bytes: int, bytes_max: int) -> None:
        super().__init__("Your key is too long", {"Size": str(size_bytes), "MaxSizeAllowed": str(bytes_max)})


class TooLarge(S3Refusal):
    code = "EntityTooLarge"

    def __init__(self, *, proposed_bytes: int, bytes_max: int) -> None:
        super().__init__(
            "Your proposed upload exceeds the maximum allowed size",
            {"ProposedSize": str(proposed_bytes), "MaxSizeAllowed": str(bytes_max)},
        )


class TooSmall(S3Refusal):
    code = "EntityTooSmall"

    def __init__(self, *, proposed_bytes: int, bytes_min: int) -> None:
        super().__init__(
            "Your proposed upload is smaller than the minimum allowed size",
            {"ProposedSize": str(proposed_bytes), "MinSizeAllowed": str(bytes_min)},
        )


class InvalidStorageClass(S3Refusal):
    code = "InvalidStorageClass"

    def __init__(self, asked: str) -> None:
        super().__init__("The storage class you specified is not valid", {"StorageClassRequested": asked})


class MalformedXML(S3Refusal):
    code = "MalformedXML"

    def __init__(self) -> None:
        super().__init__(
            "The XML you provided was not well-formed or did not validate against our published schema"
        )


# What XML 1.0 cannot carry even as a character reference, lone surrogates among it.
_UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text(value: str) -> str:
    """Return `value` as XML character data. What XML cannot carry becomes U+FFFD."""
    spoken = _UNSPEAKABLE.sub("\ufffd", value)
    return spoken.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def document(root: str, elements: Mapping[str, str]) -> bytes:
    """Write a flat XML document: UTF-8, declaration on a line of its own, no namespace."""
    inside = "".join(
        f"<{name}>{text(value)}</{name}>" if value else f"<{name}/>" for name, value in elements.items()
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}>{inside}</{root}>'.encode()


def render(refusal: S3Refusal, *, request_id: str, host_id: str) -> bytes:
    """Write a refusal's body: `<Error>` with code, message, its own elements, the two ids."""
    return document(
        "Error",
        {
            "Code": refusal.code,
            "Message": refusal.message,
            **refusal.elements,
            "RequestId": request_id,
            "HostId": host_id,
        },
    )
