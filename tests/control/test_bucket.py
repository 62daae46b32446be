"""The bucket's credentials, for whoever signs himself."""

import boto3  # type: ignore[import-untyped]  # it ships no types

from .operator import HERE, Operator


def test_a_form_signed_with_what_is_shown_is_accepted() -> None:
    operator = Operator()
    shown = operator.get("bucket")
    client = boto3.client(
        "s3",
        region_name=shown["region"],
        endpoint_url=shown["endpoint"],
        aws_access_key_id=shown["accessKeyId"],
        aws_secret_access_key=shown["secretAccessKey"],
    )
    # The form ends when the clock on the wall says, and the emulator's stands at its beginning.
    form = client.generate_presigned_post(shown["name"], "a/picture.png", ExpiresIn=600)
    answer = operator.leo.send(
        "POST", shown["url"], data=form["fields"], files={"file": ("x.png", b"picture")}
    )
    assert answer.status_code == 204, answer.text
    assert operator.app.site.storage.store.get(shown["name"], "a/picture.png") is not None


def test_it_is_named_as_it_was_reached() -> None:
    shown = Operator().get("bucket")
    assert shown["url"] == f"{HERE}/s3/{shown['name']}"
    assert set(shown) == {
        "name", "url", "endpoint", "region", "accessKeyId", "secretAccessKey", "sessionToken",
    }  # fmt: skip
