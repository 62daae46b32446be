"""Every URL that an answer hands out can be fetched, and what comes is what the answer says it is."""

import hashlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from mockleo.media.probe import probe
from mockleo.wire.assets import find

from .leo import HOST, LONG_MS, TRAINED_MS, Leo

Json = Any
Size = tuple[int, int]

SMALL = {"width": 64, "height": 40, "num_images": 2}

JPEG, PNG, MP4 = "image/jpeg", "image/png", "video/mp4"


def urls(body: Json) -> Iterator[str]:
    """Every URL in an answer, but for those that forms are sent to."""
    if isinstance(body, dict):
        for value in body.values():
            yield from urls(value)
    elif isinstance(body, list):
        for value in body:
            yield from urls(value)
    elif isinstance(body, str) and body.startswith("http") and "/s3/" not in body:
        yield body


def seen(answer: httpx.Response) -> tuple[str, Size]:
    """What the bytes are, whatever the header says, and their size in pixels."""
    if answer.content[4:8] == b"ftyp":
        found = probe(answer.content)
        assert found is not None
        assert found.width is not None
        assert found.height is not None
        return MP4, (found.width, found.height)
    with Image.open(io.BytesIO(answer.content)) as image:
        image.load()
        return Image.MIME[image.format or ""], image.size


def shown(leo: Leo, url: str) -> tuple[str, Size]:
    """The same, when the header says so too."""
    answer = leo.fetch(url)
    kind, size = seen(answer)
    assert answer.headers["content-type"] == kind
    assert answer.headers["content-length"] == str(len(answer.content))
    return kind, size


# --- what is made --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ({}, [(JPEG, (64, 40))] * 2),
        ({"transparency": "foreground_only"}, [(PNG, (64, 40))] * 2),
        ({"width": 1024, "height": 768, "num_images": 1}, [(JPEG, (1024, 768))]),
        ({"modelId": "7b592283-e8a7-4c5a-9ba6-d18c31f258b9", "width": 1920, "height": 1080, "num_images": 1},
         [(JPEG, (1920, 1080))]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("profile", ["sdk-safe", "wire-true"])
def test_images_are_as_large_as_they_were_ordered(
    profile: str, order: Json, expected: list[tuple[str, Size]]
) -> None:
    leo = Leo(profile=profile)
    generation = leo.made(**{**SMALL, **order})
    assert [shown(leo, url) for url in urls(generation)] == expected
    assert (generation["imageWidth"], generation["imageHeight"]) == expected[0][1]


def test_the_images_of_one_order_differ() -> None:
    leo = Leo()
    contents = {leo.fetch(url).content for url in urls(leo.made(**SMALL))}
    assert len(contents) == 2


def test_a_seed_gives_the_same_images_again_and_another_does_not() -> None:
    def drawn(leo: Leo, seed: int) -> bytes:
        return leo.fetch(next(urls(leo.made(**SMALL, seed=seed)))).content

    leo = Leo()
    assert drawn(leo, 1) == drawn(leo, 1) != drawn(leo, 2)
    assert drawn(Leo(seed=8), 1) == drawn(leo, 1)


VARIATIONS: Mapping[str, tuple[str, Json, str, Size]] = {
    "upscale": ("/variations/upscale", {}, JPEG, (128, 80)),
    "unzoom": ("/variations/unzoom", {}, JPEG, (64, 40)),
    "nobg": ("/variations/nobg", {}, PNG, (64, 40)),
    "universal": ("/variations/universal-upscaler", {"upscaleMultiplier": 1.5}, JPEG, (96, 60)),
}


@pytest.mark.parametrize("kind", VARIATIONS)
def test_variations_have_their_size_and_kind(kind: str) -> None:
    path, extra, content_type, size = VARIATIONS[kind]
    leo = Leo()
    generation = leo.made(**SMALL)
    image = generation["generated_images"][1]["id"]
    variation = leo.post(path, **{"generatedImageId" if kind == "universal" else "id": image}, **extra)["id"]
    leo.advance(LONG_MS)
    (url,) = urls(leo.get(f"/variations/{variation}"))
    assert shown(leo, url) == (content_type, size)
    assert url in set(urls(leo.generation(generation["id"])))


def test_what_has_no_background_lets_light_through() -> None:
    leo = Leo()
    variation = leo.post("/variations/nobg", id=leo.image())["id"]
    leo.advance(LONG_MS)
    (url,) = urls(leo.get(f"/variations/{variation}"))
    with Image.open(io.BytesIO(leo.fetch(url).content)) as image:
        assert image.mode == "RGBA"


def test_an_upload_can_be_enlarged() -> None:
    leo = Leo()
    variation = leo.post("/variations/universal-upscaler", initImageId=leo.uploaded())["id"]
    leo.advance(LONG_MS)
    (url,) = urls(leo.get(f"/variations/{variation}"))
    assert shown(leo, url) == (JPEG, (1536, 1152))


def test_a_variation_of_a_variation_can_be_fetched() -> None:
    leo = Leo()
    first = leo.post("/variations/unzoom", id=leo.image())["id"]
    leo.advance(LONG_MS)
    second = leo.post("/variations/nobg", id=first, isVariation=True)["id"]
    leo.advance(LONG_MS)
    (url,) = urls(leo.get(f"/variations/{second}"))
    assert shown(leo, url) == (PNG, (64, 64))


def test_a_film_and_its_poster() -> None:
    leo = Leo()
    job = leo.post("/generations-text-to-video", prompt="waves", duration=4, width=96, height=64)[
        "generationId"
    ]
    leo.advance(LONG_MS)
    (image,) = leo.generation(job)["generated_images"]
    film = leo.fetch(image["motionMP4URL"])
    found = probe(film.content)
    assert film.headers["content-type"] == MP4
    assert found is not None
    assert (found.width, found.height, found.duration_s) == (96, 64, 4.0)
    assert shown(leo, image["url"]) == (JPEG, (96, 64))


def test_a_film_made_larger() -> None:
    leo = Leo()
    job = leo.post("/generations-video-upscale", sourceGenerationId=leo.film(), resolution="RESOLUTION_720")
    leo.advance(LONG_MS)
    (url,) = urls(leo.get(f"/motion-variations/{job['variationId']}"))
    assert shown(leo, url) == (MP4, (1280, 720))


def test_a_picture_set_in_motion_keeps_its_size() -> None:
    leo = Leo()
    job = leo.post("/generations-motion-svd", imageId=leo.image())["generationId"]
    leo.advance(LONG_MS)
    (image,) = leo.generation(job)["generated_images"]
    assert shown(leo, image["url"]) == (JPEG, (64, 64))
    assert shown(leo, image["motionMP4URL"]) == (MP4, (64, 64))


def test_maps_of_a_texture() -> None:
    leo = Leo(rules={"texture.size": 64})
    texture = leo.post("/generations-texture", modelAssetId=leo.mesh(), prompt="wood")["id"]
    leo.advance(LONG_MS)
    found = leo.get(f"/generations-texture/{texture}")
    assert [shown(leo, url) for url in urls(found)] == [(PNG, (64, 64))] * 4
    assert len({leo.fetch(url).content for url in urls(found)}) == 4


def test_what_an_execution_makes_can_be_fetched() -> None:
    leo = Leo()
    execution = leo.create("executeBlueprint")["akUUID"]
    leo.advance(LONG_MS)
    for edge in leo.get(f"/blueprint-executions/{execution}/generations")["edges"]:
        for url in urls(leo.generation(edge["node"]["generationId"])):
            assert shown(leo, url) == (JPEG, (1024, 768))


# --- what is there already -----------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/platformModels", "/elements", "/blueprints"])
@pytest.mark.parametrize("profile", ["sdk-safe", "wire-true"])
def test_the_catalogues_pictures_can_be_fetched(profile: str, path: str) -> None:
    leo = Leo(profile=profile)
    found = sorted(set(urls(leo.get(path))))
    assert found
    for url in found[:: 1 + len(found) // 8]:
        assert shown(leo, url) == (PNG if url.endswith(".png") else JPEG, (512, 512))


def test_all_of_the_catalogues_pictures_are_known() -> None:
    leo = Leo()
    for path in ("/platformModels", "/elements", "/blueprints"):
        for url in urls(leo.get(path)):
            assert find(leo.app.site, url.removeprefix(f"{HOST}/cdn/")) is not None, url


# --- what clients bring --------------------------------------------------------------------------


def test_a_copy_in_a_dataset_is_the_image() -> None:
    leo = Leo()
    generation = leo.made(**SMALL)
    dataset = leo.post("/datasets", name="x")["id"]
    leo.post(f"/datasets/{dataset}/upload/gen", generatedImageId=generation["generated_images"][1]["id"])
    (copy,) = urls(leo.get(f"/datasets/{dataset}"))
    assert leo.fetch(copy).content == leo.fetch(generation["generated_images"][1]["url"]).content


def test_a_film_that_was_brought_has_a_thumbnail() -> None:
    leo = Leo()
    media = leo.post("/media", extension="mp4")["uploadId"]
    assert shown(leo, leo.get(f"/media/{media}")["thumbnailUrl"]) == (JPEG, (512, 512))


# --- where nothing is ----------------------------------------------------------------------------


def test_nothing_is_there_before_it_is_made() -> None:
    leo = Leo()
    generation = leo.order(**SMALL)
    leo.advance(LONG_MS)
    url = next(urls(leo.generation(generation)))
    later = Leo()
    assert later.order(**SMALL) == generation
    assert later.send("GET", url).status_code == 404
    later.advance(LONG_MS)
    assert later.send("GET", url).status_code == 200


def test_only_what_was_handed_out_is_there() -> None:
    leo = Leo()
    generation = leo.made(**SMALL)
    url = generation["generated_images"][1]["url"]
    assert leo.send("GET", url).status_code == 200
    for wrong in (
        url.replace("_1.jpg", "_2.jpg"),
        url.replace("_1.jpg", ".jpg"),
        url.replace("_1.jpg", "_01.jpg"),
        url.replace("_1.jpg", "_1.png"),
        url.replace("_1.jpg", "_1.mp4"),
        url.replace("_1.jpg", "_1"),
        url.replace("Leonardo", "Lionardo"),
        url.replace(generation["id"], leo.order()),
        url.replace(leo.user_id, leo.beside("another").user_id),
        url.replace("/users/", "/user/"),
        f"{url}/more",
    ):
        answer = leo.send("GET", wrong)
        assert (answer.status_code, answer.headers["x-mockleo-why"]) == (404, "no-such-asset"), wrong


def test_a_deleted_generation_takes_its_images_along() -> None:
    leo = Leo()
    generation = leo.made(**SMALL)
    (url, _) = urls(generation)
    leo.fetch(url)
    leo.delete(f"/generations/{generation['id']}")
    assert leo.send("GET", url).status_code == 404


def test_a_reset_takes_everything_along() -> None:
    leo = Leo()
    drawn, brought = next(urls(leo.made(**SMALL))), leo.get(f"/init-image/{leo.uploaded()}")["url"]
    leo.fetch(drawn)
    leo.fetch(brought)
    assert leo.send("POST", "/_mockleo/reset", headers={"host": "localhost"}).status_code == 200
    assert [leo.send("GET", url).status_code for url in (drawn, brought)] == [404, 404]


# --- the manner of it ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "status"), [("GET", 200), ("HEAD", 200), ("POST", 405), ("PUT", 405), ("DELETE", 405)]
)
def test_assets_are_looked_at_and_no_more(method: str, status: int) -> None:
    leo = Leo()
    (url, _) = urls(leo.made(**SMALL))
    answer = leo.send(method, url)
    assert answer.status_code == status
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_part_of_a_film_is_given() -> None:
    leo = Leo()
    (image,) = leo.generation(leo.film())["generated_images"]
    whole = leo.fetch(image["motionMP4URL"]).content
    part = leo.send("GET", image["motionMP4URL"], headers={"range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole)}"
    beyond = leo.send("GET", image["motionMP4URL"], headers={"range": f"bytes={len(whole)}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(whole)}")


def test_drawings_are_kept_for_a_while_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    leo = Leo()
    first, second = urls(leo.made(**SMALL))
    size = len(leo.fetch(first).content)
    monkeypatch.setattr("mockleo.wire.assets.KEPT_BYTES_MOST", size)
    leo.fetch(second)
    assert leo.app.assets._kept_bytes <= size
    leo.fetch(first)


def test_the_real_cdn_is_served_by_its_name() -> None:
    leo = Leo(real_cdn=True)
    generation = leo.made(**SMALL)
    for url in urls(generation):
        assert url.startswith("https://cdn.leonardo.ai/users/")
        assert shown(leo, url) == (JPEG, (64, 40))
    brought = leo.get(f"/init-image/{leo.uploaded(b'mine')}")["url"]
    assert leo.fetch(brought).content == b"mine"
    assert leo.send("GET", "https://cdn.leonardo.ai/nothing").status_code == 404
    assert (
        leo.send("GET", generation["generated_images"][0]["url"].replace("cdn.", "www.")).status_code == 404
    )


# --- the same in two processes -------------------------------------------------------------------

STORY = """
import hashlib, json
from tests.wire.leo import Leo
from tests.wire.test_assets import a_story
print(json.dumps(a_story(Leo())))
"""


def a_story(leo: Leo) -> dict[str, str]:
    """Digests of a few answers, and of everything that they lead to."""
    generation = leo.made(**SMALL)
    variation = leo.post("/variations/nobg", id=generation["generated_images"][0]["id"])["id"]
    film = leo.post("/generations-text-to-video", prompt="waves", duration=4, width=64, height=64)
    leo.post("/models-3d/upload", modelExtension="obj")
    model = leo.create("createModel")["customModelId"]
    leo.advance(TRAINED_MS)
    paths = (
        "/me",
        f"/generations/{generation['id']}",
        f"/generations/{film['generationId']}",
        f"/variations/{variation}",
        f"/models/{model}",
    )
    digests = {}
    for path in paths:
        answer = leo.ask("GET", path)
        digests[path] = digest(answer.content)
        digests |= {url: digest(leo.fetch(url).content) for url in urls(answer.json())}
    digests["prompt"] = leo.post("/prompt/random")["prompt"]
    return digests


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_another_process_answers_with_the_same_bytes() -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "1"}
    told = subprocess.run(
        [sys.executable, "-c", STORY],
        cwd=Path(__file__).parents[2],
        env=environment,
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert json.loads(told.stdout) == a_story(Leo())
    assert HOST in told.stdout.decode()
