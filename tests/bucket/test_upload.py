"""The checks of one POST: each with its exact answer, and which of two wins."""

from collections.abc import Collection
from dataclasses import replace
from itertools import combinations

import pytest

from mockleo.bucket.presign import LIFE_MS

from .rig import (
    BOUNDARY,
    NAME,
    NOW_MS,
    Answer,
    Rig,
    multipart,
    open_form,
    part,
    resigned,
    signed_v2,
    signed_v4,
)

# In S3's order. Of a form that breaks several of them, the answer is that of the first.
ORDER = (
    "s3.authorization-sent",
    "s3.not-multipart",
    "s3.fields-too-long",
    "s3.missing-field:key",
    "s3.missing-field:X-Amz-Date",
    "s3.signature-mismatch",
    "s3.invalid-policy",
    "s3.policy-expired",
    "s3.condition-failed",
    "s3.extra-fields",
    "s3.key-too-long",
    "s3.too-large",
    "s3.malformed-form",
    "s3.too-small",
    "s3.invalid-storage-class",
    "s3.malformed-xml",
)


def broken(rig: Rig, rules: Collection[str]) -> Answer:
    """Post a form that breaks exactly these rules."""
    fields = {
        "key": "u" * (1_025 if "s3.key-too-long" in rules else 10),
        "x-amz-storage-class": "FakeClass" if "s3.invalid-storage-class" in rules else "STANDARD_IA",
        "tagging": "not-xml" if "s3.malformed-xml" in rules else "<Tagging/>",
    }
    conditions: list[object] = [
        {"bucket": NAME},
        ["starts-with", "$key", "v" if "s3.condition-failed" in rules else "u"],
        *({name: fields[name]} for name in ("x-amz-storage-class", "tagging")),
        ["content-length-range", 9 if "s3.too-small" in rules else 0, 100],
        ["content-length-range", 0, 3 if "s3.too-large" in rules else 100],
    ]
    if "s3.missing-field:key" in rules:
        conditions[1] = {"absent": "v"} if "s3.condition-failed" in rules else {"bucket": NAME}
        del fields["key"]
    if "s3.extra-fields" in rules:
        fields["uninvited"] = "1"
    form = signed_v4(
        fields,
        conditions,
        expires_ms=NOW_MS if "s3.policy-expired" in rules else NOW_MS + 1,
        **({"Statement": []} if "s3.invalid-policy" in rules else {}),
    )
    if "s3.signature-mismatch" in rules:
        form["x-amz-signature"] = form["x-amz-signature"][::-1]
    if "s3.missing-field:X-Amz-Date" in rules:
        del form["x-amz-date"]
    if "s3.fields-too-long" in rules:
        form["x-ignore-ballast"] = "x" * 20_480
    headers = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
    if "s3.not-multipart" in rules:
        headers["content-type"] = "application/x-www-form-urlencoded"
    if "s3.authorization-sent" in rules:
        headers["authorization"] = "Bearer abc"
    body = multipart(form)
    if "s3.malformed-form" in rules:
        body = body[:-4] + b"\r\nno header\r\n\r\n"
    answer = rig.ask("POST", f"/s3/{NAME}", headers=headers, chunks=[body])
    assert answer is not None
    return answer


def rule(answer: Answer) -> str:
    name = f":{answer.xml['ArgumentName']}" if answer.why == "s3.missing-field" else ""
    return answer.why + name


def test_a_form_that_breaks_no_rule_is_stored(rig: Rig) -> None:
    assert broken(rig, ()).status == 204
    assert len(rig.store) == len(rig.told) == 1


@pytest.mark.parametrize("one", ORDER)
def test_each_rule_is_held_and_nothing_is_stored(rig: Rig, one: str) -> None:
    assert rule(broken(rig, {one})) == one
    assert len(rig.store) == 0
    assert rig.told == []


@pytest.mark.parametrize(("first", "second"), list(combinations(ORDER, 2)))
def test_of_two_broken_rules_the_earlier_answers(rig: Rig, first: str, second: str) -> None:
    assert rule(broken(rig, {first, second})) == first


ARGUMENT = (
    "Bucket POST must contain a field named '{}'.  If it is specified, please check the order of the fields."
)

ANSWERS = {
    "s3.authorization-sent": (403, {"Code": "AccessDenied", "Message": "Access Denied"}),
    "s3.not-multipart": (
        412,
        {
            "Code": "PreconditionFailed",
            "Message": "At least one of the pre-conditions you specified did not hold",
            "Condition": "Bucket POST must be of the enclosure-type multipart/form-data",
        },
    ),
    "s3.fields-too-long": (
        400,
        {
            "Code": "MaxPostPreDataLengthExceeded",
            "Message": "Your POST request fields preceeding the upload file was too large.",
            "MaxPostPreDataLengthBytes": "20480",
        },
    ),
    "s3.malformed-form": (
        400,
        {
            "Code": "MalformedPOSTRequest",
            "Message": "The body of your POST request is not well-formed multipart/form-data.",
        },
    ),
    "s3.missing-field:key": (
        400,
        {
            "Code": "InvalidArgument",
            "Message": ARGUMENT.format("key"),
            "ArgumentName": "key",
            "ArgumentValue": "",
        },
    ),
    "s3.missing-field:X-Amz-Date": (
        400,
        {
            "Code": "InvalidArgument",
            "Message": ARGUMENT.format("X-Amz-Date"),
            "ArgumentName": "X-Amz-Date",
            "ArgumentValue": "",
        },
    ),
    "s3.invalid-policy": (
        400,
        {"Code": "InvalidPolicyDocument", "Message": "Invalid Policy: Unexpected: 'statement'"},
    ),
    "s3.policy-expired": (
        403,
        {"Code": "AccessDenied", "Message": "Invalid according to Policy: Policy expired."},
    ),
    "s3.condition-failed": (
        403,
        {
            "Code": "AccessDenied",
            "Message": 'Invalid according to Policy: Policy Condition failed: ["starts-with", "$key", "v"]',
        },
    ),
    "s3.extra-fields": (
        403,
        {"Code": "AccessDenied", "Message": "Invalid according to Policy: Extra input fields: uninvited"},
    ),
    "s3.key-too-long": (
        400,
        {
            "Code": "KeyTooLongError",
            "Message": "Your key is too long",
            "Size": "1025",
            "MaxSizeAllowed": "1024",
        },
    ),
    "s3.too-large": (
        400,
        {
            "Code": "EntityTooLarge",
            "Message": "Your proposed upload exceeds the maximum allowed size",
            "ProposedSize": "4",
            "MaxSizeAllowed": "3",
        },
    ),
    "s3.too-small": (
        400,
        {
            "Code": "EntityTooSmall",
            "Message": "Your proposed upload is smaller than the minimum allowed size",
            "ProposedSize": "4",
            "MinSizeAllowed": "9",
        },
    ),
    "s3.invalid-storage-class": (
        400,
        {
            "Code": "InvalidStorageClass",
            "Message": "The storage class you specified is not valid",
            "StorageClassRequested": "FakeClass",
        },
    ),
    "s3.malformed-xml": (
        400,
        {
            "Code": "MalformedXML",
            "Message": "The XML you provided was not well-formed or did not validate against our "
            "published schema",
        },
    ),
}


@pytest.mark.parametrize("one", sorted(set(ORDER) - {"s3.signature-mismatch"}))
def test_each_refusal_in_s3s_words(rig: Rig, one: str) -> None:
    answer = broken(rig, {one})
    ids = {"RequestId": answer.headers["x-amz-request-id"], "HostId": answer.headers["x-amz-id-2"]}

    status, elements = ANSWERS[one]

    assert answer.status == status
    assert answer.headers["content-type"] == "application/xml"
    assert list(answer.xml.items()) == list({**elements, **ids}.items())


def test_a_wrong_signature_shows_what_was_signed(rig: Rig) -> None:
    form = rig.presign()
    form["Policy"] = form["Policy"][:-2]  # no longer decodes, and that is not what is told

    answer = rig.post(form)

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
        ("AWSAccessKeyId", "AKIDEXAMPLE"),
        ("StringToSign", form["Policy"]),
        ("SignatureProvided", form["X-Amz-Signature"]),
        ("StringToSignBytes", form["Policy"].encode().hex(" ")),
    ]


def test_no_policy_and_no_signature_are_nobody(rig: Rig) -> None:
    form = open_form({"key": "k"})
    for kept in ({"key"}, {"key", "policy"}):
        answer = rig.post({name: value for name, value in form.items() if name in kept})
        assert (answer.why, answer.status) == ("s3.anonymous", 403)
        assert answer.xml["Message"] == "Access Denied"


@pytest.mark.parametrize("name", ["X-Amz-Signature", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date"])
def test_part_of_a_v4_signature_is_missed_by_name(rig: Rig, name: str) -> None:
    form = rig.presign()
    del form[name]
    answer = rig.post(form)
    assert (answer.status, answer.xml["ArgumentName"]) == (400, name)
    assert answer.xml["Message"] == ARGUMENT.format(name)


@pytest.mark.parametrize(
    ("sent", "missed"), [("signature", "Signature"), ("AWSAccessKeyId", "AWSAccessKeyId")]
)
def test_part_of_a_v2_signature_is_missed_by_name(rig: Rig, sent: str, missed: str) -> None:
    form = signed_v2({"key": "k"}, [{"bucket": NAME}, {"key": "k"}])
    del form[sent]
    answer = rig.post(form)
    assert (answer.status, answer.xml["ArgumentName"]) == (400, missed)


@pytest.mark.parametrize(
    ("waited_ms", "status"), [(0, 204), (LIFE_MS - 1, 204), (LIFE_MS, 403), (LIFE_MS + 1, 403)]
)
def test_a_form_lives_two_minutes_to_the_millisecond(rig: Rig, waited_ms: int, status: int) -> None:
    form = rig.presign()
    rig.now_ms += waited_ms
    assert rig.post(form).status == status


def test_a_form_is_judged_when_its_fields_are_there_not_when_its_file_is(rig: Rig) -> None:
    whole = multipart(rig.presign(), b"x" * 100)
    cut = whole.index(b"xxxx")
    times = iter([NOW_MS + LIFE_MS - 1, NOW_MS + LIFE_MS + 5])
    rig.app.stock = replace(rig.app.stock, now_ms=lambda: next(times))
    answer = rig.ask(
        "POST",
        f"/s3/{NAME}",
        headers={"content-type": f"multipart/form-data; boundary={BOUNDARY}"},
        chunks=[whole[: cut + 1], whole[cut + 1 :]],
    )
    assert answer is not None
    assert answer.status == 204
    assert [stored.stored_at_ms for stored in rig.store] == [NOW_MS + LIFE_MS + 5]


def test_the_same_form_may_be_used_twice_and_the_last_write_wins(rig: Rig) -> None:
    form = rig.presign()
    assert [rig.post(form, data).status for data in (b"one", b"three")] == [204, 204]
    (stored,) = rig.store
    assert rig.store.read(stored) == b"three"
    assert len(rig.told) == 2


def test_a_later_upload_that_is_refused_leaves_the_first(rig: Rig) -> None:
    form = rig.presign(max_bytes=3)
    assert [rig.post(form, data).status for data in (b"one", b"three", b"")] == [204, 400, 400]
    (stored,) = rig.store
    assert rig.store.read(stored) == b"one"


@pytest.mark.parametrize(
    ("size_bytes", "why"),
    [
        (0, "s3.too-small"),
        (4, "s3.too-small"),
        (5, "204"),
        (10, "204"),
        (11, "s3.too-large"),
        (12, "s3.too-large"),
    ],
)
@pytest.mark.parametrize("ends", [(5, 10), ("5", "10")])
def test_a_size_range_includes_both_its_ends(
    rig: Rig, size_bytes: int, why: str, ends: tuple[object, object]
) -> None:
    form = open_form({"key": "k"}, ["content-length-range", *ends])
    assert rig.post(form, b"x" * size_bytes).why == why


@pytest.mark.parametrize(("size_bytes", "why"), [(10, "204"), (11, "s3.too-large")])
def test_the_bucket_has_a_ceiling_of_its_own(size_bytes: int, why: str) -> None:
    rig = Rig(size_bytes_max=10)
    assert rig.post(rig.presign(), b"x" * size_bytes).why == why
    rig.store.close()


@pytest.mark.parametrize(
    ("key", "filename", "stored"),
    [
        ("u/${filename}", "cat.png", "u/cat.png"),
        ("u/${filename}", r"C:\\Pictures\\cat.png", "u/cat.png"),
        ("u/${filename}", "../../etc/passwd", "u/passwd"),
        ("u/${filename}", "", "u/"),
        ("u/${filename}", None, "u/${filename}"),  # a file sent as a plain field
        ("${filename}-${filename}", "a", "a-a"),
        ("u/${Filename}", "cat.png", "u/${Filename}"),
    ],
)
def test_the_files_name_goes_into_the_key(rig: Rig, key: str, filename: str | None, stored: str) -> None:
    form = open_form({"key": key})
    assert rig.post(form, filename=filename).status == 204
    assert [found.key for found in rig.store] == [stored]


@pytest.mark.parametrize(("prefix", "status"), [("u/cat", 204), ("u/${", 403)])
def test_the_policy_judges_the_key_with_the_files_name_in_it(rig: Rig, prefix: str, status: int) -> None:
    form = signed_v4({"key": "u/${filename}"}, [{"bucket": NAME}, ["starts-with", "$key", prefix]])
    assert rig.post(form).status == status


def test_a_key_that_comes_to_nothing_is_missing(rig: Rig) -> None:
    assert rig.post(open_form({"key": "${filename}"}), filename="").xml["ArgumentName"] == "key"


@pytest.mark.parametrize(
    "key",
    [
        "../../x",
        "/etc/passwd",
        "a//b",
        ".",
        "..",
        "a\0b",
        "k\u00e9y \u2014 \U0001f431",
        "<&>\"'",
        "k" * 1_024,
        "C:\\x",
        " ",
    ],
)
def test_keys_are_data(rig: Rig, key: str) -> None:
    answer = rig.post(open_form({"key": key, "success_action_status": "201"}))
    assert answer.status == 201
    (stored,) = rig.store
    assert stored.key == key
    assert rig.get(f"/s3/{NAME}/{key}").body == b"meow"


def test_a_keys_limit_counts_bytes(rig: Rig) -> None:
    assert rig.post(open_form({"key": "\u00e9" * 512})).status == 204
    assert rig.post(open_form({"key": "\u00e9" * 513})).xml["Size"] == "1026"


def test_fields_behind_the_file_are_not_seen(rig: Rig) -> None:
    form = rig.presign()
    late = form.pop("Policy")
    body = multipart(form).removesuffix(f"--{BOUNDARY}--\r\n".encode()) + multipart({"Policy": late}, None)
    answer = rig.ask(
        "POST",
        f"/s3/{NAME}",
        headers={"content-type": f"multipart/form-data; boundary={BOUNDARY}"},
        chunks=[body],
    )
    assert answer is not None
    assert answer.why == "s3.anonymous"


def test_what_stands_behind_the_file_cannot_hurt_it(rig: Rig) -> None:
    whole = multipart(rig.presign())
    tail = part("key", "other") + part("file", b"second", '; filename="b"') + part("x", "x" * 30_000)
    body = whole.removesuffix(f"--{BOUNDARY}--\r\n".encode()) + tail + f"--{BOUNDARY}--\r\n".encode()
    answer = rig.ask(
        "POST",
        f"/s3/{NAME}",
        headers={"content-type": f"multipart/form-data; boundary={BOUNDARY}"},
        chunks=[body],
    )
    assert answer is not None
    assert answer.status == 204
    (stored,) = rig.store
    assert (stored.key, rig.store.read(stored)) == ("u/cat.png", b"meow")


def test_a_form_without_a_file(rig: Rig) -> None:
    answer = rig.post(rig.presign(), None)
    assert (answer.status, answer.xml["Code"]) == (400, "InvalidArgument")
    assert answer.xml["Message"] == "POST requires exactly one file upload per request."
    assert (answer.xml["ArgumentName"], answer.xml["ArgumentValue"]) == ("file", "0")


def test_a_client_that_hangs_up_leaves_nothing(rig: Rig) -> None:
    whole = multipart(rig.presign(), b"x" * 200_000)
    for cut in (0, 10, 500, 150_000, len(whole) - 1):
        answer = rig.ask(
            "POST",
            f"/s3/{NAME}",
            headers={"content-type": f"multipart/form-data; boundary={BOUNDARY}"},
            chunks=[whole[:cut]],
            hangs_up=True,
        )
        assert answer is None
    assert len(rig.store) == 0
    assert rig.told == []
    assert rig.store._directory is not None
    assert list(rig.store._directory.iterdir()) == []


def test_a_changed_field_fails_its_condition(rig: Rig) -> None:
    for name in ("Content-Type", "X-Amz-Security-Token", "key", "bucket"):
        form = rig.presign()
        asked = form[name]
        answer = rig.post({**form, name: "changed"})
        assert answer.status == 403
        assert answer.xml["Message"] == (
            f'Invalid according to Policy: Policy Condition failed: ["eq", "${name}", "{asked}"]'
        )


def test_a_form_for_one_bucket_is_no_form_for_another(rig: Rig) -> None:
    answer = rig.post(rig.presign(), path="/s3/elsewhere")
    assert answer.xml["Message"].endswith(f'["eq", "$bucket", "{NAME}"]')


def test_a_policy_that_is_no_base64_but_well_signed(rig: Rig) -> None:
    answer = rig.post(resigned({**open_form({"key": "k"}), "policy": "&%$"}))
    assert (answer.status, answer.xml["Code"]) == (400, "InvalidPolicyDocument")
