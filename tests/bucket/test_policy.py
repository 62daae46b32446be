"""The policy document: what is one, what it allows, in whose words it refuses."""

import base64
import json
from collections.abc import Mapping
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockleo.bucket.errors import ConditionFailed, ExtraFields, InvalidPolicy, PolicyExpired, S3Refusal
from mockleo.bucket.form import Head
from mockleo.bucket.policy import judge, parse

from .rig import NAME, Rig, resigned, signed_v4

SOON = "2027-01-15T08:01:00Z"
SOON_MS = 1_800_000_060_000


def encoded(document: object) -> str:
    text = document if isinstance(document, str) else json.dumps(document)
    return base64.b64encode(text.encode()).decode()


def with_conditions(*conditions: object) -> str:
    return encoded({"expiration": SOON, "conditions": list(conditions)})


def refused(policy: str, sent: Mapping[str, str], *, bucket: str = NAME, now_ms: int = 0) -> str:
    """The refusal's message, or "" where the form passes. A bucket condition is no matter here."""
    head = Head(
        fields={name.lower(): value for name, value in sent.items()},
        spelled={name.lower(): name for name in sent},
        filename=None,
    )
    try:
        judge(parse(policy), head, bucket=bucket, now_ms=now_ms)
    except S3Refusal as refusal:
        return refusal.message
    return ""


INVALID = {
    '{"conditions": []}': "Policy missing expiration.",
    f'{{"expiration": "{SOON}"}}': "Policy missing conditions.",
    "{}": "Policy missing expiration.",
    f'{{"EXPIRATION": "{SOON}", "conditions": []}}': "Unexpected: 'expiration'",
    f'{{"expiration": "{SOON}", "CONDITIONS": []}}': "Unexpected: 'conditions'",
    '{"Statement": []}': "Unexpected: 'statement'",
    f'{{"expiration": "{SOON}", "conditions": {{}}}}': "Invalid 'conditions' value: must be a List.",
    f'{{"expiration": "{SOON}", "conditions": null}}': "Invalid 'conditions' value: must be a List.",
    "": "Invalid JSON.",
    "[]": "Invalid JSON.",
    "null": "Invalid JSON.",
    "{'expiration': 1}": "Invalid JSON.",
    f'{{"expiration": "{SOON}", "conditions": [],}}': "Invalid JSON.",
    "[" * 15_000: "Invalid JSON.",
    "9" * 10_000: "Invalid JSON.",
}


@pytest.mark.parametrize("text", INVALID, ids=range(len(INVALID)))
def test_what_is_no_policy(text: str) -> None:
    with pytest.raises(InvalidPolicy) as caught:
        parse(encoded(text))
    assert caught.value.message == f"Invalid Policy: {INVALID[text]}"
    assert (caught.value.status, caught.value.code) == (400, "InvalidPolicyDocument")


@pytest.mark.parametrize("text", ["&%$", "abc", "////", "\u732b"])
def test_what_is_no_base64(text: str) -> None:
    with pytest.raises(InvalidPolicy):
        parse(text)


def test_base64_may_be_broken_into_lines() -> None:
    whole = with_conditions()
    assert parse(f"{whole[:20]}\r\n{whole[20:]}\n") == parse(whole)


@pytest.mark.parametrize(
    ("text", "epoch_ms"),
    [
        (SOON, SOON_MS),
        ("2027-01-15T08:01:00.000Z", SOON_MS),
        ("2027-01-15T08:01:00.250Z", SOON_MS + 250),
        ("2027-01-15T08:01:00.5Z", SOON_MS + 500),
        ("2027-01-15T08:01:00.999999Z", SOON_MS + 999),
        ("1969-12-31T23:59:59Z", -1_000),
        ("2027-01-15 08:01:00.000000+00:00", None),
        ("2027-01-15T08:01:00+02:00", None),
        ("2027-01-15T08:01:00", None),
        ("2027-01-15T08:01:00z", None),
        ("2027-01-15T08:01Z", None),
        ("2027-02-30T08:01:00Z", None),
        ("2027-01-15T25:01:00Z", None),
        ("\u0662027-01-15T08:01:00Z", None),
        ("2027-01-15T08:01:00.\u0665Z", None),
        (" 2027-01-15T08:01:00Z", None),
        ("2027-01-15T08:01:00Z\n", None),
        ("", None),
        (1_800_000_060, None),
        (None, None),
        ([], None),
    ],
)
def test_an_expiration_is_gmt_to_the_millisecond(text: object, epoch_ms: int | None) -> None:
    policy = encoded({"expiration": text, "conditions": []})
    if epoch_ms is not None:
        assert parse(policy).expires_ms == epoch_ms
    else:
        with pytest.raises(InvalidPolicy) as caught:
            parse(policy)
        assert caught.value.message == f"Invalid Policy: Invalid 'expiration' value: '{text}'"


@pytest.mark.parametrize(("early_ms", "passes"), [(60_000, True), (1, True), (0, False), (-1, False)])
def test_a_policy_is_good_until_the_instant_it_names(early_ms: int, passes: bool) -> None:
    policy = with_conditions({"bucket": NAME})
    message = refused(policy, {}, now_ms=SOON_MS - early_ms)
    assert message == ("" if passes else "Invalid according to Policy: Policy expired.")


ONE_PROPERTY = "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified."
NO_OPERATION = "Invalid Condition: missing operation identifier."
NO_CONDITION = "Invalid condition test: must be a List or Object."


@pytest.mark.parametrize(
    ("condition", "detail"),
    [
        ({}, ONE_PROPERTY),
        ({"acl": "private", "key": "k"}, ONE_PROPERTY),
        ({"content-length": 5}, "Invalid Simple-Condition: value must be a string."),
        ({"key": ["k"]}, "Invalid Simple-Condition: value must be a string."),
        ({"key": True}, "Invalid Simple-Condition: value must be a string."),
        ({"key": None}, "Invalid JSON."),
        ([], NO_OPERATION),
        ([["eq"], "$key", "k"], NO_OPERATION),
        ([1, 2, 3], NO_OPERATION),
        (["ends-with", "$key", "k"], "Invalid Condition: unknown operation 'ends-with'."),
        (["eq"], "Invalid eq: wrong number of arguments."),
        (["eq", "$key"], "Invalid eq: wrong number of arguments."),
        (["eq", "$key", "k", "k"], "Invalid eq: wrong number of arguments."),
        (["content-length-range", 0], "Invalid content-length-range: wrong number of arguments."),
        (["content-length-range", 0, 1, 2], "Invalid content-length-range: wrong number of arguments."),
        (["content-length-range", 0, 512.0], "Invalid JSON."),
        (["content-length-range", 0, None], "Invalid JSON."),
        (["content-length-range", True, 5], "Invalid JSON."),
        (["eq", "$key", 5], "Invalid JSON."),
        (["eq", None, "k"], "Invalid JSON."),
        ("eq", NO_CONDITION),
        (5, NO_CONDITION),
        (None, NO_CONDITION),
    ],
)
def test_what_is_no_condition(condition: object, detail: str) -> None:
    with pytest.raises(InvalidPolicy) as caught:
        parse(with_conditions(condition))
    assert caught.value.message == f"Invalid Policy: {detail}"


# Of a form with these fields, and no others.
SENT = {
    "key": "u/cat.png",
    "Content-Type": "image/png",
    "x-amz-meta-Name": "Tom",
    "success_action_redirect": "http://localhost/ok",
    "success_action_status": "201",
    "x-amz-storage-class": "STANDARD",
    "x-amz-date": "20270115T080000Z",
    "x-amz-credential": "AKIA/20270115/eu-west-3/s3/aws4_request",
    "empty": "",
}

HOLD = [
    {"key": "u/cat.png"},
    {"KEY": "u/cat.png"},
    ["starts-with", "$x-amz-storage-class", ""],
    {"content-TYPE": "image/png"},
    {"empty": ""},
    ["eq", "$key", "u/cat.png"],
    ["EQ", "$kEy", "u/cat.png"],
    ["eq", "$X-AMZ-META-NAME", "Tom"],
    ["eq", "$empty", ""],
    ["eq", "$success_action_status", "201"],
    ["starts-with", "$key", "u/"],
    ["StArTs-WiTh", "$KeY", "u/cat.png"],
    ["starts-with", "$key", ""],
    ["starts-with", "$empty", ""],
    ["starts-with", "$Content-Type", "image/"],
    ["starts-with", "$x-amz-meta-name", "T"],
    ["starts-with", "$success_action_redirect", ""],
    ["content-length-range", 1, 10],
    ["content-length-range", "1", "10"],
    ["Content-Length-Range", -1, 0],
    {"bucket": NAME},
    ["eq", "$BUCKET", NAME],
]

FAIL = [
    (["eq", "$key", "u/Cat.png"], None),
    (["eq", "$key", "u/cat.pn"], None),
    (["eq", "key", "u/cat.png"], None),
    (["starts-with", "key", ""], None),
    (["eq", "", ""], None),
    (["eq", "$", ""], None),
    (["eq", "$$key", "u/cat.png"], None),
    (["starts-with", "$key", "U/"], None),
    (["starts-with", "$key", "cat"], None),
    (["eq", "$success_action_redirect", "HTTP://localhost/ok"], None),
    ({"acl": "private"}, '["eq", "$acl", "private"]'),
    ({"key": "other"}, '["eq", "$key", "other"]'),
    ({"Content-Type": 'a"b'}, '["eq", "$Content-Type", "a\\"b"]'),
    ({"key": "\u732b"}, '["eq", "$key", "\u732b"]'),
    # A field that is absent meets nothing.
    (["eq", "$absent", ""], None),
    (["starts-with", "$absent", ""], None),
    # To be matched exactly and in no other way.
    (["starts-with", "$bucket", ""], None),
    (["starts-with", "$success_action_status", "20"], None),
    (["starts-with", "$x-amz-date", ""], None),
    (["starts-with", "$x-amz-credential", "AKIA"], None),
    ({"bucket": "other"}, '["eq", "$bucket", "other"]'),
    (["content-length-range", "test", "10"], None),
    (["content-length-range", 1, ""], None),
    (["content-length-range", "1.0", "\u0661"], None),
]


def covering(condition: object) -> str:
    """The condition, after others that cover every field of SENT."""
    return with_conditions(*({name: value} for name, value in SENT.items()), {"bucket": NAME}, condition)


@pytest.mark.parametrize("condition", HOLD, ids=json.dumps)
def test_conditions_that_hold(condition: object) -> None:
    assert refused(covering(condition), SENT) == ""


@pytest.mark.parametrize(("condition", "printed"), FAIL, ids=[json.dumps(row[0]) for row in FAIL])
def test_conditions_that_fail_are_printed(condition: object, printed: str | None) -> None:
    told = printed or json.dumps(condition, ensure_ascii=False)
    expected = f"Invalid according to Policy: Policy Condition failed: {told}"
    assert refused(covering(condition), SENT) == expected


def test_the_first_condition_that_fails_is_told() -> None:
    policy = with_conditions({"key": "u/cat.png"}, {"b": "2"}, {"a": "1"})
    assert refused(policy, SENT).endswith('["eq", "$b", "2"]')


@pytest.mark.parametrize(
    ("sent", "passes"),
    [
        ("image/png", True),
        ("image/jpg,image/png", True),
        ("image/jpg, image/png", True),
        ("image/jpg,text/plain", False),
        ("text/plain,image/png", False),
        ("image/png,", False),
    ],
)
def test_every_one_of_several_content_types_must_start_so(sent: str, passes: bool) -> None:
    policy = with_conditions({"bucket": NAME}, ["starts-with", "$Content-Type", "image/"])
    assert (refused(policy, {"Content-Type": sent}) == "") is passes


def test_other_fields_are_no_lists() -> None:
    policy = with_conditions({"bucket": NAME}, ["starts-with", "$key", "a"])
    assert refused(policy, {"key": "a,b"}) == ""


@pytest.mark.parametrize(
    ("name", "passes"),
    [
        ("X-Amz-Signature", True),
        ("signature", True),
        ("Policy", True),
        ("AWSAccessKeyId", True),
        ("x-ignore-me", True),
        ("X-Ignore-Me", True),
        ("file", True),
        ("x-ignore", False),
        ("x-amz-algorithm", False),
        ("x-amz-credential", False),
        ("x-amz-date", False),
        ("x-amz-security-token", False),
        ("x-amz-checksum-sha256", False),
        ("Content-Type", False),
        ("key", False),
        ("submit", False),
        ("acl", False),
        ("", False),
    ],
)
def test_every_field_needs_a_condition_but_a_few(name: str, passes: bool) -> None:
    told = refused(with_conditions({"bucket": NAME}), {name: "x"})
    assert told == ("" if passes else f"Invalid according to Policy: Extra input fields: {name.lower()}")


def test_extra_fields_are_told_together_and_the_bucket_is_a_field() -> None:
    told = refused(with_conditions(["content-length-range", 0, 9]), {"b": "", "A": ""})
    assert told == "Invalid according to Policy: Extra input fields: bucket, b, a"


@pytest.mark.parametrize(
    ("field", "bucket", "passes"),
    [
        (None, NAME, True),
        (NAME, NAME, True),
        ("other", NAME, False),
        (NAME, "other", False),
        (None, "other", False),
    ],
)
def test_the_bucket_is_the_one_posted_to_and_the_field_may_not_differ(
    field: str | None, bucket: str, passes: bool
) -> None:
    sent = {} if field is None else {"bucket": field}
    assert (refused(with_conditions({"bucket": NAME}), sent, bucket=bucket) == "") is passes


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (r"\$a", "$a"),
        (r"\\$a", r"\$a"),
        (r"\\\$a", r"\$a"),
        (r"\v", "\v"),
        (r"\\v", r"\v"),
        (r"\u00e9\n", "\u00e9\n"),
    ],
)
def test_aws_has_two_escapes_that_json_lacks(text: str, key: str) -> None:
    policy = encoded(
        f'{{"expiration": "{SOON}", "conditions": [{{"bucket": "{NAME}"}}, {{"key": "{text}"}}]}}'
    )
    assert refused(policy, {"key": key}) == ""


def test_sizes_come_out_of_a_policy() -> None:
    ranges = [
        ["content-length-range", 1, 10],
        ["content-length-range", "2", "x"],
        ["content-length-range", "3", 9],
    ]
    assert parse(with_conditions(*ranges)).sizes == ((1, 10), (3, 9))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["eq", "$key", "starts-with", "\ud800", SOON]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["expiration", "conditions", "key", "", "\ud800"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(JSON)
def test_any_json_is_a_policy_or_an_invalid_one(document: object) -> None:
    for text in (encoded(json.dumps(document)), with_conditions(document)):
        with suppress(InvalidPolicy):
            parse(text)


@settings(deadline=None)
@given(st.text() | st.binary().map(lambda data: base64.b64encode(data).decode()))
def test_any_text_is_a_policy_or_an_invalid_one(text: str) -> None:
    with suppress(InvalidPolicy):
        parse(text)


@settings(deadline=None)
@given(JSON)
def test_no_signed_policy_makes_the_bucket_stumble(document: object) -> None:
    rig = Rig()
    form = signed_v4({"key": "k"}, [document, {"bucket": NAME}, {"key": "k"}])
    whole = resigned({**form, "policy": encoded(json.dumps(document))})
    for answer in (rig.post(form), rig.post(whole)):
        assert answer.status in {204, 400, 403}
        assert answer.status == 204 or answer.xml["Code"]
    rig.store.close()


def test_the_refusals_are_what_they_say() -> None:
    head = Head(fields={}, spelled={}, filename=None)
    for conditions, now_ms, kind in (
        ([{"bucket": NAME}], SOON_MS, PolicyExpired),
        ([{"key": "k"}], 0, ConditionFailed),
        ([], 0, ExtraFields),
    ):
        with pytest.raises(kind):
            judge(parse(with_conditions(*conditions)), head, bucket=NAME, now_ms=now_ms)
