"""Signatures, against AWS's published example and byte for byte; and every way to get one wrong."""

import base64
from collections.abc import Mapping
from dataclasses import replace

import pytest

from mockleo.bucket.errors import (
    Anonymous,
    BadArgument,
    MissingField,
    S3Refusal,
    SignatureMismatch,
    UnknownAccessKey,
    WrongRegion,
)
from mockleo.bucket.signature import Credentials, sign_v2, sign_v4, verify

from .rig import CREDENTIALS, NAME, REGION, Rig, open_form, signed_v2

# AWS: sigv4-post-example. The policy's lines end in CRLF.
EXAMPLE_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
EXAMPLE_DOCUMENT = """{ "expiration": "2015-12-30T12:00:00.000Z",
  "conditions": [
    {"bucket": "sigv4examplebucket"},
    ["starts-with", "$key", "user/user1/"],
    {"acl": "public-read"},
    {"success_action_redirect": "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"},
    ["starts-with", "$Content-Type", "image/"],
    {"x-amz-meta-uuid": "14365123651274"},
    {"x-amz-server-side-encryption": "AES256"},
    ["starts-with", "$x-amz-meta-tag", ""],

    {"x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},
    {"x-amz-algorithm": "AWS4-HMAC-SHA256"},
    {"x-amz-date": "20151229T000000Z" }
  ]
}"""
EXAMPLE_POLICY = base64.b64encode(EXAMPLE_DOCUMENT.replace("\n", "\r\n").encode()).decode()


def test_sigv4_is_what_aws_says_it_is() -> None:
    signature = sign_v4(EXAMPLE_POLICY, secret=EXAMPLE_SECRET, day="20151229", region="us-east-1")
    assert signature == "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"


def test_sigv2_is_the_base64_of_an_hmac_sha1() -> None:
    # RFC 2202, test case 2.
    signature = sign_v2("what do ya want for nothing?", secret="Jefe")
    assert base64.b64decode(signature).hex() == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"


V4 = {name.lower(): value for name, value in open_form({"key": "k"}).items()}
V2 = {name.lower(): value for name, value in signed_v2({"key": "k"}, [{"key": "k"}]).items()}


def verified(fields: Mapping[str, str], credentials: Credentials = CREDENTIALS) -> None:
    verify(fields, credentials=credentials, region=REGION)


@pytest.mark.parametrize("fields", [V4, V2, {**V2, **V4}])
def test_a_good_signature_passes(fields: Mapping[str, str]) -> None:
    verified(fields)


def test_the_session_token_is_no_part_of_it() -> None:
    verified(V4, replace(CREDENTIALS, session_token=""))
    verified({**V4, "x-amz-security-token": "another"})


@pytest.mark.parametrize("fields", [V4, V2])
@pytest.mark.parametrize("change", ["", "x", "\u732b"])
def test_a_wrong_signature_or_policy_does_not(fields: Mapping[str, str], change: str) -> None:
    name = "x-amz-signature" if fields is V4 else "signature"
    for bad in (
        {**fields, name: change},
        {**fields, name: fields[name] + change + " "},
        {**fields, name: fields[name].swapcase()},
        {**fields, "policy": fields["policy"][:-1] + change},
        {**fields, "policy": change},
    ):
        with pytest.raises(SignatureMismatch) as caught:
            verified(bad)
        assert caught.value.elements["StringToSign"] == bad["policy"]
        assert bytes.fromhex(caught.value.elements["StringToSignBytes"]).decode() == bad["policy"]


@pytest.mark.parametrize("fields", [V4, V2])
def test_another_secret_does_not(fields: Mapping[str, str]) -> None:
    with pytest.raises(SignatureMismatch):
        verified(fields, replace(CREDENTIALS, secret_access_key="other"))


@pytest.mark.parametrize("fields", [V4, V2])
def test_another_key_is_not_known(fields: Mapping[str, str]) -> None:
    with pytest.raises(UnknownAccessKey) as caught:
        verified(fields, replace(CREDENTIALS, access_key_id="other"))
    assert caught.value.elements == {"AWSAccessKeyId": CREDENTIALS.access_key_id}


def test_nobody_signed() -> None:
    with pytest.raises(Anonymous):
        verified({"policy": V4["policy"], "key": "k", "x-amz-security-token": "t"})


@pytest.mark.parametrize(
    ("kept", "missed"),
    [
        (("x-amz-algorithm", "x-amz-credential", "x-amz-date"), "X-Amz-Signature"),
        (("x-amz-signature", "x-amz-date"), "X-Amz-Algorithm"),
        (("x-amz-signature", "x-amz-algorithm"), "X-Amz-Credential"),
        (("x-amz-signature", "x-amz-algorithm", "x-amz-credential"), "X-Amz-Date"),
        (("x-amz-date",), "X-Amz-Signature"),
        (("awsaccesskeyid",), "Signature"),
        (("signature",), "AWSAccessKeyId"),
        (("x-amz-date", "signature", "awsaccesskeyid"), "X-Amz-Signature"),
    ],
)
def test_half_a_signature_is_missed_by_its_first_field(kept: tuple[str, ...], missed: str) -> None:
    whole = {**V4, **V2}
    with pytest.raises(MissingField) as caught:
        verified({"policy": whole["policy"], **{name: whole[name] for name in kept}})
    assert caught.value.elements["ArgumentName"] == missed


ID = CREDENTIALS.access_key_id
MALFORMED = 'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".'


@pytest.mark.parametrize(
    ("name", "value", "kind", "message"),
    [
        (
            "X-Amz-Credential",
            f"{ID}/20270115/us-east-1/s3/aws4_request",
            WrongRegion,
            f"the region 'us-east-1' is wrong; expecting '{REGION}'",
        ),
        (
            "X-Amz-Credential",
            f"/20270115/{REGION}/s3/aws4_request",
            BadArgument,
            "a non-empty Access Key (AKID) must be provided in the credential.",
        ),
        ("X-Amz-Credential", "", BadArgument, MALFORMED),
        ("X-Amz-Credential", ID, BadArgument, MALFORMED),
        ("X-Amz-Credential", f"{ID}/2027-01-15/{REGION}/s3/aws4_request", BadArgument, MALFORMED),
        ("X-Amz-Credential", f"{ID}/20270115/{REGION}/sqs/aws4_request", BadArgument, MALFORMED),
        ("X-Amz-Credential", f"{ID}/20270115/{REGION}/s3/aws5_request", BadArgument, MALFORMED),
        (
            "X-Amz-Algorithm",
            "AWS4-HMAC-SHA1",
            BadArgument,
            'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"',
        ),
        (
            "X-Amz-Date",
            "2027-01-15T08:00:00Z",
            BadArgument,
            "X-Amz-Date must be formated via ISO8601 Long format",
        ),
        (
            "X-Amz-Credential",
            f"{ID}/20270116/{REGION}/s3/aws4_request",
            BadArgument,
            'Invalid credential date "20270116". This date is not the same as X-Amz-Date: "20270115".',
        ),
        ("X-Amz-Date", "", BadArgument, "X-Amz-Date must be formated via ISO8601 Long format"),
    ],
)
def test_arguments_that_cannot_be_judged(name: str, value: str, kind: type[S3Refusal], message: str) -> None:
    with pytest.raises(kind) as caught:
        verified({**V4, name.lower(): value})
    assert (caught.value.message, caught.value.status) == (message, 400)
    assert caught.value.elements["ArgumentName"] == name
    assert caught.value.elements["ArgumentValue"] == value


def test_a_wrong_region_names_the_right_one() -> None:
    with pytest.raises(WrongRegion) as caught:
        verified({**V4, "x-amz-credential": f"{ID}/20270115/us-east-1/s3/aws4_request"})
    assert caught.value.elements["Region"] == REGION


def test_an_access_key_id_may_hold_slashes() -> None:
    credentials = replace(CREDENTIALS, access_key_id="a/b")
    with pytest.raises(UnknownAccessKey):
        verified(V4, credentials)
    verified({**V4, "x-amz-credential": f"a/b/20270115/{REGION}/s3/aws4_request"}, credentials)


def test_secrets_do_not_show() -> None:
    shown = repr(CREDENTIALS)
    assert CREDENTIALS.access_key_id in shown
    assert CREDENTIALS.secret_access_key not in shown
    assert CREDENTIALS.session_token not in shown


@pytest.mark.parametrize("sign", ["v4", "v2"])
def test_fields_are_found_under_any_spelling(rig: Rig, sign: str) -> None:
    conditions = [{"bucket": NAME}, {"key": "k"}]
    form = open_form({"key": "k"}) if sign == "v4" else signed_v2({"key": "k"}, conditions)
    for spelled in (str.upper, str.lower, str.title):
        assert rig.post({spelled(name): value for name, value in form.items()}).status == 204
