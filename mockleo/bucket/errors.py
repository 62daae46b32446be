"""Every "no" of the bucket. `markup.render` alone writes it.

    S3Refusal
    |-- FailedCondition         412  PreconditionFailed: If-Match and its like
    |-- NotMultipart            412  the body is no multipart/form-data
    |-- MethodNotAllowed        405
    |-- NotBuilt                501  NotImplemented: the operation is S3's, but not ours
    |-- NotBuiltHeader          501  NotImplemented, of a header or a field
    |-- MissingLength           411  MissingContentLength
    |-- NoSuchBucket            404
    |-- NoSuchKey               404
    |-- BucketNotEmpty          409
    |-- BucketOwned             409  BucketAlreadyOwnedByYou
    |-- RangeNotSatisfiable     416
    |-- Forbidden               403  AccessDenied
    |   |-- AuthorizationSent        an Authorization header came along
    |   |-- Anonymous                nobody signed
    |   |-- PolicyExpired
    |   |-- ConditionFailed
    |   |-- ExtraFields
    |   |-- LinkExpired              of a presigned URL
    |   `-- HeadersNotSigned
    |-- UnknownAccessKey        403  InvalidAccessKeyId
    |-- SignatureMismatch       403  SignatureDoesNotMatch
    |-- WrongToken              400  InvalidToken
    |-- MalformedAuthorization  400  AuthorizationHeaderMalformed
    |-- MalformedLink           400  AuthorizationQueryParametersError
    |-- MalformedForm           400  MalformedPOSTRequest
    |-- FieldsTooLong           400  MaxPostPreDataLengthExceeded
    |-- BadArgument             400  InvalidArgument
    |   |-- MissingField
    |   |-- NoFile
    |   `-- WrongRegion
    |-- InvalidRequest          400
    |-- TooManyTags             400  BadRequest
    |-- BadBucketName           400  InvalidBucketName
    |-- BadLocation             400  IllegalLocationConstraintException
    |-- BadRedirect             400  InvalidRedirectLocation
    |-- BadTag                  400  InvalidTag
    |-- InvalidPolicy           400  InvalidPolicyDocument
    |-- KeyTooLong              400  KeyTooLongError
    |-- TooLarge                400  EntityTooLarge
    |-- TooSmall                400  EntityTooSmall
    |-- HalfBody                400  IncompleteBody
    |-- WrongDigest             400  BadDigest
    |-- InvalidDigest           400
    |-- WrongHash               400  XAmzContentSHA256Mismatch
    |-- InvalidStorageClass     400
    |-- MalformedXML            400
    `-- SlowDown                503  nobody says so but a fault

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


class FailedCondition(S3Refusal):
    status = 412
    code = "PreconditionFailed"

    def __init__(self, header: str) -> None:
        super().__init__(
            "At least one of the pre-conditions you specified did not hold", {"Condition": header}
        )


class NotBuilt(S3Refusal):
    """The words are ours; code and status are S3's for what a server of its API lacks."""

    status = 501
    code = "NotImplemented"

    def __init__(self, operation: str) -> None:
        super().__init__(f"{operation} is not emulated.", {"Operation": operation})


class NotBuiltHeader(S3Refusal):
    status = 501
    code = "NotImplemented"

    def __init__(self, name: str) -> None:
        super().__init__(
            "A header you provided implies functionality that is not implemented", {"Header": name}
        )


class MissingLength(S3Refusal):
    status = 411
    code = "MissingContentLength"

    def __init__(self) -> None:
        super().__init__("You must provide the Content-Length HTTP header.")


class NoSuchBucket(S3Refusal):
    status = 404
    code = "NoSuchBucket"

    def __init__(self, bucket: str) -> None:
        super().__init__("The specified bucket does not exist", {"BucketName": bucket})


class BucketNotEmpty(S3Refusal):
    status = 409
    code = "BucketNotEmpty"

    def __init__(self, bucket: str) -> None:
        super().__init__("The bucket you tried to delete is not empty", {"BucketName": bucket})


class BucketOwned(S3Refusal):
    status = 409
    code = "BucketAlreadyOwnedByYou"

    def __init__(self, bucket: str) -> None:
        super().__init__(
            "Your previous request to create the named bucket succeeded and you already own it.",
            {"BucketName": bucket},
        )


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
    """Nobody signed this, and the bucket is not open to everybody."""

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


class LinkExpired(Forbidden):
    def __init__(self, *, expired: str, now: str) -> None:
        super().__init__("Request has expired", {"Expires": expired, "ServerTime": now})


class HeadersNotSigned(Forbidden):
    def __init__(self, names: list[str]) -> None:
        super().__init__(
            "There were headers present in the request which were not signed",
            {"HeadersNotSigned": ", ".join(names)},
        )


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

    def __init__(
        self, *, access_key_id: str, string_to_sign: str, signature: str, canonical_request: str = ""
    ) -> None:
        super().__init__(
            "The request signature we calculated does not match the signature you provided. "
            "Check your key and signing method.",
            {
                "AWSAccessKeyId": access_key_id,
                "StringToSign": string_to_sign,
                "SignatureProvided": signature,
                "StringToSignBytes": string_to_sign.encode().hex(" "),
                **({"CanonicalRequest": canonical_request} if canonical_request else {}),
            },
        )


class WrongToken(S3Refusal):
    code = "InvalidToken"

    def __init__(self, token: str) -> None:
        super().__init__("The provided token is malformed or otherwise invalid.", {"Token-0": token})


class MalformedAuthorization(S3Refusal):
    code = "AuthorizationHeaderMalformed"

    def __init__(self, detail: str, **elements: str) -> None:
        super().__init__(f"The authorization header is malformed; {detail}", elements)


class MalformedLink(S3Refusal):
    code = "AuthorizationQueryParametersError"

    def __init__(self, message: str, **elements: str) -> None:
        super().__init__(message, elements)


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


class InvalidRequest(S3Refusal):
    code = "InvalidRequest"


class TooManyTags(S3Refusal):
    code = "BadRequest"

    def __init__(self) -> None:
        super().__init__("Object tags cannot be greater than 10")


class BadBucketName(S3Refusal):
    code = "InvalidBucketName"

    def __init__(self, bucket: str) -> None:
        super().__init__("The specified bucket is not valid.", {"BucketName": bucket})


class BadLocation(S3Refusal):
    code = "IllegalLocationConstraintException"

    def __init__(self, location: str) -> None:
        super().__init__(
            f"The {location} location constraint is incompatible for the region specific endpoint "
            "this request was sent to."
        )


class BadRedirect(S3Refusal):
    code = "InvalidRedirectLocation"

    def __init__(self) -> None:
        super().__init__(
            "The website redirect location must have a prefix of 'http://' or 'https://' or '/'."
        )


class BadTag(S3Refusal):
    code = "InvalidTag"


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


class HalfBody(S3Refusal):
    code = "IncompleteBody"

    def __init__(self) -> None:
        super().__init__(
            "You did not provide the number of bytes specified by the Content-Length HTTP header."
        )


class WrongDigest(S3Refusal):
    code = "BadDigest"


class InvalidDigest(S3Refusal):
    code = "InvalidDigest"

    def __init__(self, value: str) -> None:
        super().__init__("The Content-MD5 you specified was invalid.", {"Content-MD5": value})


class WrongHash(S3Refusal):
    code = "XAmzContentSHA256Mismatch"

    def __init__(self, *, sent: str, computed: str) -> None:
        super().__init__(
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
            {"ClientComputedContentSHA256": sent, "S3ComputedContentSHA256": computed},
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


class SlowDown(S3Refusal):
    status = 503
    code = "SlowDown"

    def __init__(self) -> None:
        super().__init__("Please reduce your request rate.")
