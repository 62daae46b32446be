"""The URLs that answers hand out: their shapes, and from where they work."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockleo.wire.links import STEM_LENGTH, Links, base_of, stem

from .leo import HOST, LONG_MS, Leo

FALLBACK = "http://127.0.0.1:5360"

LUCID = "7b592283-e8a7-4c5a-9ba6-d18c31f258b9"
SDXL = "16e7060a-803e-4df3-97ee-edcfa5dc9cc8"


@pytest.mark.parametrize(
    ("host", "base"),
    [
        ("leo.test", "http://leo.test"),
        ("leo.test:8080", "http://leo.test:8080"),
        ("127.0.0.1:5360", "http://127.0.0.1:5360"),
        ("[::1]:5360", "http://[::1]:5360"),
        ("host.docker.internal:5360", "http://host.docker.internal:5360"),
        ("my_service:80", "http://my_service:80"),
        ("", FALLBACK),
        ("user@evil.test", FALLBACK),
        ("evil.test/path", FALLBACK),
        ("evil.test?x", FALLBACK),
        ("a b", FALLBACK),
        ("leo.test:", FALLBACK),
        ("leo.test:999999", FALLBACK),
        ('"><script>', FALLBACK),
        ("leo.test\r\nx: y", FALLBACK),
    ],
)
def test_a_client_is_answered_with_the_name_it_called_us_by(host: str, base: str) -> None:
    assert base_of(host, is_https=False, fallback=FALLBACK) == base
    if base != FALLBACK:
        assert base_of(host, is_https=True, fallback=FALLBACK) == base.replace("http", "https", 1)


@pytest.mark.parametrize(
    ("model", "prompt", "name"),
    [
        (
            "Leonardo Creative",
            "A Great Dane/Pit Bull puppy looking cute and happy.",
            "Leonardo_Creative_A_Great_DanePit_Bull_puppy_looking_cute_and",
        ),
        ("SDXL 1.0", "привет", "SDXL_10"),
        ("Default", "a cat", "Default_a_cat"),
        ("Default", "a  cat,\tred!", "Default_a__catred"),
        ("Default", "", "Default"),
        ("Default", "../../etc/passwd", "Default_etcpasswd"),
        ("Default", "x" * 100, f"Default_{'x' * 54}"),
    ],
)
def test_a_prompt_becomes_a_name(model: str, prompt: str, name: str) -> None:
    assert stem(model, prompt) == name


@given(st.text(), st.text())
def test_a_name_is_fit_for_a_path(model: str, prompt: str) -> None:
    assert re.fullmatch(rf"[A-Za-z0-9_]{{0,{STEM_LENGTH}}}", stem(model, prompt))


def test_what_is_odd_in_a_path_is_escaped() -> None:
    links = Links(base=HOST, cdn=f"{HOST}/cdn", segments=False)
    assert links.asset("a b/ü?#%.jpg") == f"{HOST}/cdn/a%20b/%C3%BC%3F%23%25.jpg"


# What an order makes, and the name of its first file.
NAMES = {
    "a platform model": ({"modelId": SDXL, "prompt": "A cat, sitting"}, "SDXL_10_A_cat_sitting_0.jpg"),
    "no model": ({"prompt": "a cat"}, "Leonardo_Lightning_XL_a_cat_0.jpg"),
    "no letters": ({"modelId": SDXL, "prompt": "猫"}, "SDXL_10_0.jpg"),
    "transparency": (
        {"modelId": SDXL, "prompt": "a cat", "transparency": "foreground_only"},
        "SDXL_10_a_cat_0.png",
    ),
}


@pytest.mark.parametrize("case", NAMES)
def test_a_picture_lies_where_the_service_puts_it(case: str) -> None:
    variables, name = NAMES[case]
    leo = Leo()
    generation = leo.made(**variables, width=64, height=64)
    folder = f"{HOST}/cdn/users/{leo.user_id}/generations/{generation['id']}"
    assert generation["generated_images"][0]["url"] == f"{folder}/{name}"
    assert [image["url"].rpartition("_")[2][0] for image in generation["generated_images"]] == list("0123")


def test_a_picture_of_ones_own_model_is_named_default() -> None:
    leo = Leo()
    model = leo.create("createModel")["customModelId"]
    leo.advance(2_000_000)
    generation = leo.made(modelId=model, prompt="a chair", width=64, height=64)
    assert generation["generated_images"][0]["url"].endswith("/Default_a_chair_0.jpg")


def test_newer_urls_have_segments() -> None:
    leo = Leo(profile="wire-true")
    generation = leo.made(num_images=1)
    assert f"/generations/{generation['id']}/segments/1:1:1/" in generation["generated_images"][0]["url"]


def test_a_film_has_a_poster_of_the_same_name() -> None:
    leo = Leo()
    (image,) = leo.generation(leo.film())["generated_images"]
    assert image["url"].removesuffix(".jpg") == image["motionMP4URL"].removesuffix(".mp4")


def test_the_older_motion_model_names_its_film_after_the_job() -> None:
    leo = Leo()
    job = leo.post("/generations-motion-svd", imageId=leo.image())["generationId"]
    leo.advance(LONG_MS)
    (image,) = leo.generation(job)["generated_images"]
    assert image["motionMP4URL"].endswith(f"/{job}/{job}.mp4")


def test_a_variation_lies_beside_its_image() -> None:
    leo = Leo()
    image = leo.made(prompt="a cat", width=64, height=64)
    variation = leo.post("/variations/nobg", id=image["generated_images"][2]["id"])["id"]
    leo.advance(LONG_MS)
    (found,) = leo.get(f"/variations/{variation}")
    folder = f"{HOST}/cdn/users/{leo.user_id}/generations/{image['id']}/variations"
    assert found["url"] == f"{folder}/Default_a_cat_2_{variation}_0.png"


def test_uploads_lie_where_the_service_puts_them() -> None:
    leo = Leo()
    form = leo.post("/init-image", extension="webp")
    assert form["key"] == f"users/{leo.user_id}/initImages/{form['id']}.webp"
    assert leo.get(f"/init-image/{form['id']}")["url"] == f"{HOST}/cdn/{form['key']}"


@pytest.mark.parametrize(
    ("settings", "headers", "base", "cdn"),
    [
        ({}, {}, HOST, f"{HOST}/cdn"),
        ({}, {"host": "other.test:81"}, "http://other.test:81", "http://other.test:81/cdn"),
        ({}, {"x-forwarded-proto": "https"}, "https://leo.test", "https://leo.test/cdn"),
        ({}, {"x-forwarded-proto": "javascript"}, HOST, f"{HOST}/cdn"),
        ({}, {"host": "not/one"}, FALLBACK, f"{FALLBACK}/cdn"),
        ({"real_cdn": True}, {}, HOST, "https://cdn.leonardo.ai"),
        ({"public_url": "https://emu.test"}, {}, "https://emu.test", "https://emu.test/cdn"),
        ({"public_url": "https://emu.test"}, {"host": "x.test"}, "https://emu.test", "https://emu.test/cdn"),
        (
            {"public_url": "https://emu.test", "real_cdn": True},
            {},
            "https://emu.test",
            "https://cdn.leonardo.ai",
        ),
    ],
)
def test_urls_follow_the_client_and_the_operator(
    settings: dict[str, Any], headers: dict[str, str], base: str, cdn: str
) -> None:
    leo = Leo(**settings)
    form = leo.ask("POST", "/init-image", json={"extension": "png"}, headers=headers).json()[
        "uploadInitImage"
    ]
    image = leo.ask("GET", f"/init-image/{form['id']}", headers=headers).json()["init_images_by_pk"]
    assert form["url"].startswith(f"{base}/s3/")
    assert image["url"] == f"{cdn}/{form['key']}"


def test_two_names_for_us_do_not_mix() -> None:
    leo = Leo()
    generation = leo.made()["id"]
    for host in ("a.test", "b.test", "a.test"):
        found = leo.ask("GET", f"/generations/{generation}", headers={"host": host}).json()
        assert found["generations_by_pk"]["generated_images"][0]["url"].startswith(f"http://{host}/cdn/")


def test_who_invents_names_does_not_fill_our_memory() -> None:
    leo = Leo()
    for n in range(200):
        assert leo.app.places.links(f"n{n}.test".encode(), None).base == f"http://n{n}.test"
    assert len(leo.app.places._known) <= 64
