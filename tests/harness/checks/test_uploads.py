"""What clients get wrong when they upload: each mistake is found by its check alone."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.harness.stage import CAT, KEY, Stage

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
JPG = b"\xff\xd8\xff\xe0" + bytes(64)


class Uploader:
    """Asks for a form and posts it, right or wrong."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        answer = stage.send("POST", "/init-image", {"extension": "png"})
        assert answer is not None
        told = json.loads(answer.body)["uploadInitImage"]
        self.id: str = told["id"]
        self.url: str = told["url"]
        self.fields: dict[str, str] = json.loads(told["fields"])

    def post(self, request: httpx.Request, *, key: str = "", method: str = "POST") -> int:
        headers = {"content-type": request.headers.get("content-type", "")}
        answer = self.stage.send(
            method, self.url, request.read(), headers={k: v for k, v in headers.items() if v}, key=key
        )
        return 0 if answer is None else answer.status

    def form(self, content: bytes = PNG, *, name: str = "cat.png", fields: Any = None) -> httpx.Request:
        return httpx.Request(
            "POST", self.url, data=self.fields if fields is None else fields, files={"file": (name, content)}
        )

    def use(self) -> str:
        return self.stage.order({**CAT, "init_image_id": self.id, "init_strength": 0.5})


def test_a_careful_upload_has_no_finding() -> None:
    with Stage() as stage:
        upload = Uploader(stage)
        assert upload.post(upload.form()) == 204
        stage.collect(upload.use())
        assert stage.names() == set()


def not_multipart(upload: Uploader) -> None:
    assert upload.post(httpx.Request("POST", upload.url, data=upload.fields)) >= 400


def fields_as_object(upload: Uploader) -> None:
    letters = {str(nth): sign for nth, sign in enumerate(json.dumps(upload.fields)[:20])}
    assert upload.post(upload.form(fields=letters)) >= 400


def by_put(upload: Uploader) -> None:
    assert upload.post(httpx.Request("PUT", upload.url, content=PNG), method="PUT") >= 400


def to_the_api(upload: Uploader) -> None:
    form = httpx.Request("POST", "http://x", files={"file": ("cat.png", PNG)})
    upload.stage.send(
        "POST", "/init-image", form.read(), headers={"content-type": form.headers["content-type"]}
    )


def file_first(upload: Uploader) -> None:
    files: list[Any] = [
        ("file", ("cat.png", PNG)),
        *((name, (None, value)) for name, value in upload.fields.items()),
    ]
    assert upload.post(httpx.Request("POST", upload.url, files=files)) >= 400


def wrong_type(upload: Uploader) -> None:
    upload.post(upload.form(JPG))


def late(upload: Uploader) -> None:
    upload.stage.wait(121_000)
    assert upload.post(upload.form()) == 403


def reused(upload: Uploader) -> None:
    assert upload.post(upload.form()) == 204
    assert upload.post(upload.form(PNG + b"another")) == 204


def path_as_name(upload: Uploader) -> None:
    assert upload.post(upload.form(name="/home/me/cat.png")) == 204


def with_the_key(upload: Uploader) -> None:
    assert upload.post(upload.form(), key=KEY) == 403


def used_before(upload: Uploader) -> None:
    upload.use()


def refused_and_used(upload: Uploader) -> None:
    upload.fields["X-Amz-Signature"] = "0" * 64
    assert upload.post(upload.form()) == 403
    upload.use()


MISTAKES = {
    "upload-not-multipart": not_multipart,
    "upload-fields-as-object": fields_as_object,
    "upload-by-put": by_put,
    "upload-order": file_first,
    "upload-wrong-type": wrong_type,
    "upload-late": late,
    "upload-reused": reused,
    "upload-path-as-name": path_as_name,
    "key-to-storage": with_the_key,
    "used-before-uploaded": used_before,
    "upload-refusal-ignored": refused_and_used,
}


@pytest.mark.parametrize("check", MISTAKES)
def test_a_mistake_is_found_by_its_check_alone(check: str) -> None:
    with Stage() as stage:
        MISTAKES[check](Uploader(stage))
        stage.wait(60_000)
        assert stage.names() - {"orphaned-job"} == {check}


def test_the_file_goes_to_the_api_itself() -> None:
    with Stage() as stage:
        to_the_api(Uploader(stage))
        assert stage.findings("upload-to-the-api")


def test_a_form_that_expired_before_its_time_is_nobodys_fault() -> None:
    with Stage(faults=[{"fault": "form-expired", "nth": [1]}]) as stage:
        first = Uploader(stage)
        assert first.post(first.form()) == 403
        again = Uploader(stage)
        assert again.post(again.form()) == 204
        stage.collect(again.use())
        assert stage.names() == set()


def test_the_same_file_again_is_a_retry() -> None:
    with Stage() as stage:
        upload = Uploader(stage)
        form = upload.form()
        assert [upload.post(form), upload.post(form)] == [204, 204]
        assert stage.names() == set()


@pytest.mark.parametrize("again", [True, False])
def test_an_upload_that_was_refused_and_repeated_is_there(*, again: bool) -> None:
    with Stage(faults=[{"fault": "upload-unavailable", "nth": [1]}]) as stage:
        upload = Uploader(stage)
        assert upload.post(upload.form()) == 503
        if again:
            stage.wait(2_000)
            assert upload.post(upload.form()) == 204
        stage.wait(2_000)
        upload.use()
        stage.wait(60_000)
        assert bool(stage.findings("upload-refusal-ignored")) is not again
