"""Forms made by AWS's own library, end to end. It signs on its own clock; ours is set by what it signed."""

from typing import Any

import pytest

from .aws import ENDPOINT, client, ends_ms
from .rig import Rig

BUCKET = "any-bucket-at-all"


def made(rig: Rig, key: str, *, version: str = "s3v4", session: bool = True, **more: Any) -> dict[str, str]:
    """Presign a POST for an hour, and set the clock to ten minutes before its end."""
    form = client(version=version, session=session).generate_presigned_post(BUCKET, key, **more)
    assert form["url"] == f"{ENDPOINT}/{BUCKET}"
    fields: dict[str, str] = form["fields"]
    rig.now_ms = ends_ms(fields) - 600_000
    return fields


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_a_form_is_accepted_and_its_object_comes_back(rig: Rig, version: str) -> None:
    # SigV2's way of signing knows no session.
    fields = made(rig, "u/${filename}", version=version, session=version == "s3v4")
    assert ("signature" in fields) is (version == "s3")

    answer = rig.post(fields, b"\x89PNG", path=f"/s3/{BUCKET}")

    assert answer.status == 204
    assert rig.get(f"/s3/{BUCKET}/u/cat.png").body == b"\x89PNG"


@pytest.mark.parametrize(
    ("fields", "conditions", "sent", "why"),
    [
        ({"acl": "private"}, [{"acl": "private"}], {}, "204"),
        ({"acl": "private"}, [], {}, "s3.extra-fields"),
        ({"acl": "private"}, [{"acl": "private"}], {"acl": "public-read"}, "s3.condition-failed"),
        ({}, [["starts-with", "$Content-Type", "image/"]], {"Content-Type": "image/png"}, "204"),
        (
            {},
            [["starts-with", "$Content-Type", "image/"]],
            {"Content-Type": "text/html"},
            "s3.condition-failed",
        ),
        ({}, [["starts-with", "$Content-Type", "image/"]], {}, "s3.condition-failed"),
        ({}, [["content-length-range", 1, 4]], {}, "204"),
        ({}, [["content-length-range", 5, 9]], {}, "s3.too-small"),
        ({}, [["content-length-range", 0, 3]], {}, "s3.too-large"),
        ({}, [], {"key": "elsewhere"}, "s3.condition-failed"),
        ({}, [], {"x-amz-security-token": "other"}, "s3.condition-failed"),
        ({}, [], {"x-ignore-me": "1"}, "204"),
        ({}, [{"a": "b", "c": "d"}], {}, "s3.invalid-policy"),
    ],
)
def test_its_conditions_are_judged_as_s3_would(
    rig: Rig, fields: dict[str, str], conditions: list[object], sent: dict[str, str], why: str
) -> None:
    form = made(rig, "u/cat.png", Fields=fields, Conditions=conditions)
    # "file" comes last whatever is added.
    assert rig.post({**form, **sent}, b"meow", path=f"/s3/{BUCKET}").why == why


@pytest.mark.parametrize("version", ["s3v4", "s3"])
@pytest.mark.parametrize(("waited_ms", "why"), [(599_999, "204"), (600_000, "s3.policy-expired")])
def test_its_life_is_the_policys(rig: Rig, version: str, waited_ms: int, why: str) -> None:
    form = made(rig, "k", version=version, session=version == "s3v4")
    rig.now_ms += waited_ms
    assert rig.post(form, path=f"/s3/{BUCKET}").why == why


def test_for_another_bucket_it_is_refused(rig: Rig) -> None:
    assert rig.post(made(rig, "k"), path="/s3/another").why == "s3.condition-failed"
