"""What clients get wrong in what they send: each mistake is found by its check alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.stage import API, CAT, KEY, Stage

# method, path or URL, body, headers, key -> the check that speaks
MISTAKES: dict[str, tuple[str, str, Any, dict[str, str], str | None, str]] = {
    "the key in the query": ("GET", f"/me?api_key={KEY}", None, {}, None, "key-in-url"),
    "the key in the path": ("GET", f"/generations/{KEY}", None, {}, None, "key-in-url"),
    "a made-up parameter": ("POST", "/generations", {**CAT, "sharpness": 3}, {}, None, "unknown-parameter"),
    "numImages": ("POST", "/generations", {**CAT, "numImages": 1}, {}, None, "miscased-parameter"),
    "guidanceScale": ("POST", "/generations", {**CAT, "guidanceScale": 7}, {}, None, "miscased-parameter"),
    "a boolean as a text": ("POST", "/generations", {**CAT, "alchemy": "true"}, {}, None,
                            "mistyped-parameter"),
    "a number as a text": ("POST", "/generations", {**CAT, "width": "512"}, {}, None, "mistyped-parameter"),
    "no prompt": ("POST", "/generations", {"num_images": 1}, {}, None, "mistyped-parameter"),
    "half a document": ("POST", "/generations", b'{"prompt":', {"content-type": "application/json"}, None,
                        "mistyped-parameter"),
    "not a multiple of 8": ("POST", "/generations", {**CAT, "width": 515}, {}, None,
                            "out-of-range-parameter"),
    "too large": ("POST", "/generations", {**CAT, "width": 4096}, {}, None, "out-of-range-parameter"),
    "a path that is none": ("POST", "/generation", CAT, {}, None, "wrong-endpoint"),
    "a method that is none": ("PUT", "/me", None, {}, None, "wrong-endpoint"),
    "without /rest": ("GET", API.replace("/rest", "") + "/me", None, {}, None, "wrong-endpoint"),
    "without /api": ("GET", "http://127.0.0.1:5360/v1/me", None, {}, None, "wrong-endpoint"),
    "a model by name": ("POST", "/generations", {**CAT, "modelId": "phoenix"}, {}, None, "model-by-name"),
    "JSON as text": ("POST", "/prompt/random", b"{}", {"content-type": "text/plain"}, None,
                     "no-content-type"),
    "a body on a GET": ("GET", "/me", {}, {}, None, "body-on-get"),
    "two slashes": ("GET", f"{API}//me", None, {}, None, "doubled-slash"),
    "bearer": ("GET", "/me", None, {"authorization": f"bearer {KEY}"}, "", "scheme-in-small-letters"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_found_by_its_check_alone(
    mistake: tuple[str, str, Any, dict[str, str], str | None, str],
) -> None:
    method, url, body, headers, key, check = mistake
    with Stage() as stage:
        stage.send(method, url, body, headers=headers, key=key)
        assert stage.names() == {check}


@pytest.mark.parametrize("url", [f"/cdn/users/{KEY[:0]}x.jpg", "/cdn/x.jpg"])
def test_a_key_at_the_cdn(url: str) -> None:
    with Stage() as stage:
        stage.send("GET", "http://127.0.0.1:5360" + url)
        assert stage.names() == {"key-to-cdn"}


def test_a_key_in_another_header_is_a_key_too() -> None:
    with Stage() as stage:
        stage.send("GET", "/me")
        stage.send("GET", "http://127.0.0.1:5360/cdn/x.jpg", headers={"x-api-key": KEY}, key="")
        assert stage.names() == {"key-to-cdn"}


def test_a_key_that_was_printed() -> None:
    from mockleo.harness.run import Leak

    leak = Leak(stream="stderr", line=3, what="the API key", text="Bearer [redacted]")
    with Stage() as stage:
        assert stage.names(leaks=(leak,)) == {"key-printed"}


def test_nulls_and_an_empty_body_are_no_mistakes() -> None:
    with Stage() as stage:
        stage.collect(stage.order({**CAT, "seed": None, "negative_prompt": None}))
        stage.send("POST", "/prompt/random", b"null", headers={"content-type": "application/json"})
        assert stage.names() == set()


def test_the_id_of_something_else() -> None:
    with Stage() as stage:
        job = stage.order()
        stage.collect(job)
        stage.send("POST", "/variations/upscale", {"id": job})
        assert stage.names() == {"wrong-kind-of-id"}
