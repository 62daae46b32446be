"""The forms we hand out: their fields, their order, their policy."""

import base64
import json
from dataclasses import replace

import pytest

from .rig import CREDENTIALS, NAME, NOW_MS, REGION, Rig

ORDER = [
    "Content-Type",
    "bucket",
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Security-Token",
    "key",
    "Policy",
    "X-Amz-Signature",
]


def test_the_fields_and_their_order(rig: Rig) -> None:
    form = rig.presign()
    assert list(form) == ORDER
    assert form | {"Policy": "", "X-Amz-Signature": ""} == {
        "Content-Type": "image/png",
        "bucket": NAME,
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"AKIDEXAMPLE/20270115/{REGION}/s3/aws4_request",
        "X-Amz-Date": "20270115T080000Z",
        "X-Amz-Security-Token": CREDENTIALS.session_token,
        "key": "u/cat.png",
        "Policy": "",
        "X-Amz-Signature": "",
    }


@pytest.mark.parametrize("max_bytes", [None, 10])
def test_the_policy_names_every_field_once(rig: Rig, max_bytes: int | None) -> None:
    form = rig.presign(max_bytes=max_bytes)
    policy = json.loads(base64.b64decode(form["Policy"]))
    sizes = [] if max_bytes is None else [["content-length-range", 1, max_bytes]]
    assert policy == {
        "expiration": "2027-01-15T08:02:00.500Z",
        "conditions": [*({name: form[name]} for name in ORDER[:7]), *sizes],
    }


def test_without_a_session_no_token_is_sent(rig: Rig) -> None:
    presigner = replace(rig.presigner, credentials=replace(CREDENTIALS, session_token=""))
    form = presigner.presign(key="k", content_type="image/png", now_ms=NOW_MS)
    assert "X-Amz-Security-Token" not in form
    assert rig.post(form).status == 204


@pytest.mark.parametrize(("life_ms", "waited_ms", "status"), [(1, 0, 204), (1, 1, 403), (5_000, 4_999, 204)])
def test_a_form_lives_as_long_as_it_is_told(rig: Rig, life_ms: int, waited_ms: int, status: int) -> None:
    form = rig.presigner.presign(key="k", content_type="image/png", now_ms=rig.now_ms, life_ms=life_ms)
    rig.now_ms += waited_ms
    assert rig.post(form).status == status


@pytest.mark.parametrize("now_ms", [0, 1, 999, 951_782_400_000, 4_102_444_799_999])
def test_a_form_is_good_at_any_time_it_is_made(rig: Rig, now_ms: int) -> None:
    rig.now_ms = now_ms
    assert rig.post(rig.presign(key="k\u00e9y \u732b")).status == 204


def test_the_same_call_makes_the_same_form(rig: Rig) -> None:
    assert rig.presign() == rig.presign()
