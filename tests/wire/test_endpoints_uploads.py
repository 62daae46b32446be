"""Files that clients bring: announced, sent through the form, read back, used in a job."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from mockleo.media.sound import wav

from .leo import HOST, LONG_MS, STRANGER, TRAINED_MS, Leo

Json = Any
Form = tuple[str, str, str]
"""Id, fields and URL of a form."""


def init_image(leo: Leo) -> Form:
    form = leo.post("/init-image", extension="png")
    return form["id"], form["fields"], form["url"]


def canvas_image(leo: Leo) -> Form:
    form = leo.post("/canvas-init-image", initExtension="png", maskExtension="jpg")
    return form["initImageId"], form["initFields"], form["initUrl"]


def canvas_mask(leo: Leo) -> Form:
    form = leo.post("/canvas-init-image", initExtension="png", maskExtension="jpg")
    return form["masksImageId"], form["masksFields"], form["masksUrl"]


def media(leo: Leo) -> Form:
    form = leo.post("/media", extension="wav", originalFilename="rain.wav")
    return form["uploadId"], form["fields"], form["url"]


def dataset_image(leo: Leo) -> Form:
    dataset = leo.post("/datasets", name="chairs")["id"]
    form = leo.post(f"/datasets/{dataset}/upload", extension="webp")
    return form["id"], form["fields"], form["url"]


def mesh(leo: Leo) -> Form:
    form = leo.post("/models-3d/upload", modelExtension="obj", name="a chair")
    return form["modelId"], form["modelFields"], form["modelUrl"]


# Each kind of upload, and the content type that its form asks for.
KINDS: Mapping[str, tuple[Callable[[Leo], Form], str]] = {
    "init image": (init_image, "image/png"),
    "canvas image": (canvas_image, "image/png"),
    "canvas mask": (canvas_mask, "image/jpeg"),
    "media": (media, "audio/wav"),
    "dataset image": (dataset_image, "image/webp"),
    "mesh": (mesh, "model/obj"),
}

FIELDS = [
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


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_sent_and_read_back(kind: str) -> None:
    announce, content_type = KINDS[kind]
    leo = Leo()
    upload_id, fields, url = announce(leo)
    form = json.loads(fields)
    assert url == f"{HOST}/s3/{form['bucket']}"
    assert (list(form), form["Content-Type"]) == (FIELDS, content_type)
    assert upload_id in form["key"]

    answer = leo.upload(url, fields, b"what I brought")

    assert (answer.status_code, answer.content) == (204, b"")
    read = leo.fetch(f"{HOST}/cdn/{form['key']}")
    assert (read.content, read.headers["content-type"]) == (b"what I brought", content_type)


@pytest.mark.parametrize("kind", KINDS)
def test_a_form_lives_for_two_minutes(kind: str) -> None:
    leo = Leo()
    _, fields, url = KINDS[kind][0](leo)
    leo.advance(119_000)
    assert leo.upload(url, fields).status_code == 204
    leo.advance(2_000)
    late = leo.upload(url, fields)
    assert late.status_code == 403
    assert "Policy expired" in late.text
    assert late.headers["content-type"] == "application/xml"


def test_a_form_is_no_place_for_the_key() -> None:
    leo = Leo()
    _, fields, url = init_image(leo)
    parts = {"data": json.loads(fields), "files": {"file": ("a.png", b"x")}}
    answer = leo.send("POST", url, headers={"authorization": f"Bearer {leo.key}"}, **parts)
    assert answer.status_code == 403
    assert "<Code>AccessDenied</Code>" in answer.text


def test_the_second_file_takes_the_place_of_the_first() -> None:
    leo = Leo()
    image, fields, url = init_image(leo)
    read_back = leo.get(f"/init-image/{image}")["url"]
    for content in (b"first", b"second"):
        assert leo.upload(url, fields, content).status_code == 204
        assert leo.fetch(read_back).content == content


def test_a_file_cannot_go_under_another_key() -> None:
    leo = Leo()
    _, fields, url = init_image(leo)
    form = json.dumps({**json.loads(fields), "key": f"users/{leo.user_id}/initImages/x.png"})
    assert leo.upload(url, form).status_code == 403


# --- what they are used for ----------------------------------------------------------------------


def with_init_image(leo: Leo, sent: Callable[[Callable[[Leo], Form]], str]) -> Json:
    return {"init_image_id": sent(init_image), "init_strength": 0.5}


def with_canvas(leo: Leo, sent: Callable[[Callable[[Leo], Form]], str]) -> Json:
    return {
        "canvasRequest": True,
        "canvasRequestType": "INPAINT",
        "canvasInitId": sent(canvas_image),
        "canvasMaskId": sent(canvas_mask),
    }


def with_controlnet(leo: Leo, sent: Callable[[Callable[[Leo], Form]], str]) -> Json:
    guide = {"initImageId": sent(init_image), "initImageType": "UPLOADED", "preprocessorId": 67}
    return {"controlnets": [{**guide, "strengthType": "High"}]}


def with_prompts(leo: Leo, sent: Callable[[Callable[[Leo], Form]], str]) -> Json:
    return {"imagePrompts": [sent(init_image), leo.image()]}


def with_context(leo: Leo, sent: Callable[[Callable[[Leo], Form]], str]) -> Json:
    return {
        "modelId": "28aeddf8-bd19-4803-80fc-79602d1a9989",
        "contextImages": [{"type": "UPLOADED", "id": sent(init_image)}],
    }


USES = {
    "image to image": with_init_image,
    "canvas": with_canvas,
    "controlnet": with_controlnet,
    "image prompts": with_prompts,
    "context": with_context,
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize(("arrives", "status"), [(True, "COMPLETE"), (False, "FAILED")])
def test_a_job_needs_its_pictures_to_arrive(use: str, arrives: bool, status: str) -> None:
    leo = Leo()

    def sent(announce: Callable[[Leo], Form]) -> str:
        upload_id, fields, url = announce(leo)
        if arrives:
            assert leo.upload(url, fields).status_code == 204
        return upload_id

    variables = USES[use](leo, sent)
    before = leo.balance
    generation = leo.order(**variables)
    assert leo.balance < before
    leo.advance(LONG_MS)

    assert leo.status(generation) == status
    assert (leo.balance == before) == (status == "FAILED")


@pytest.mark.parametrize(("arrives", "status"), [(True, "COMPLETE"), (False, "FAILED")])
def test_a_film_needs_its_first_picture_to_arrive(arrives: bool, status: str) -> None:
    leo = Leo()
    image = leo.uploaded() if arrives else init_image(leo)[0]
    before = leo.balance
    job = leo.post("/generations-image-to-video", prompt="waves", imageId=image, imageType="UPLOADED")
    leo.advance(LONG_MS)
    assert leo.status(job["generationId"]) == status
    assert (leo.balance == before) == (status == "FAILED")


def test_a_texture_needs_its_mesh_to_arrive() -> None:
    leo = Leo()
    before = leo.balance
    texture = leo.post("/generations-texture", modelAssetId=mesh(leo)[0], prompt="wood")["id"]
    leo.advance(LONG_MS)
    found = leo.get(f"/generations-texture/{texture}")
    assert (found["status"], found["model_asset_texture_images"], leo.balance) == ("FAILED", [], before)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (canvas_image, None),
        (canvas_mask, None),
        (media, "invalid init image id"),
        (mesh, "invalid init image id"),
        (dataset_image, "invalid init image id"),
    ],
)
def test_what_was_brought_for_something_else_is_no_init_image(
    kind: Callable[[Leo], Form], error: str | None
) -> None:
    leo = Leo()
    upload_id, _, _ = kind(leo)
    if error is None:
        assert leo.order(init_image_id=upload_id)
    else:
        assert leo.refusal("/generations", prompt="a", init_image_id=upload_id).error == error


# --- announcing ----------------------------------------------------------------------------------


def test_the_canvas_form_has_both_spellings_of_the_mask() -> None:
    form = Leo().post("/canvas-init-image", initExtension="png", maskExtension="webp")
    assert set(form) == {
        f"{noun}{part}" for noun in ("init", "mask", "masks") for part in ("ImageId", "Fields", "Key", "Url")
    }
    for part in ("ImageId", "Fields", "Key", "Url"):
        assert form[f"mask{part}"] == form[f"masks{part}"]
    assert form["initImageId"] != form["maskImageId"]
    assert form["initKey"].endswith(".png")
    assert form["maskKey"].endswith(".webp")


IMAGES, MEDIA = {"png", "jpg", "jpeg", "webp"}, {"mp4", "mov", "mp3", "wav"}


@pytest.mark.parametrize("extension", sorted({*IMAGES, *MEDIA, "obj", "gif", "PNG", ".png", "", "png/../x"}))
def test_each_kind_of_upload_has_its_own_kinds_of_file(extension: str) -> None:
    leo = Leo()
    dataset = leo.post("/datasets", name="x")["id"]
    calls = {
        "/init-image": ({"extension": extension}, IMAGES),
        "/canvas-init-image": ({"initExtension": "png", "maskExtension": extension}, IMAGES),
        f"/datasets/{dataset}/upload": ({"extension": extension}, IMAGES),
        "/media": ({"extension": extension}, MEDIA),
        "/models-3d/upload": ({"modelExtension": extension}, {"obj"}),
    }
    for path, (variables, allowed) in calls.items():
        answer = leo.ask("POST", path, json=variables)
        if extension in allowed:
            assert answer.status_code == 200, path
        else:
            assert answer.json()["error"] == "invalid file extension", path


def test_a_refused_canvas_form_leaves_nothing_behind() -> None:
    leo = Leo()
    leo.refusal("/canvas-init-image", initExtension="png", maskExtension="gif")
    assert leo.account.uploads == {}


# --- reading back and deleting -------------------------------------------------------------------


def test_an_init_image_is_there_from_its_form_on() -> None:
    leo = Leo()
    image, fields, _ = init_image(leo)
    assert leo.get(f"/init-image/{image}") == {
        "createdAt": "2026-01-01T00:00:00.000",
        "id": image,
        "url": f"{HOST}/cdn/{json.loads(fields)['key']}",
    }


# How each kind is looked at and deleted.
PATHS = {
    "init image": "/init-image/{}",
    "canvas image": "/init-image/{}",
    "canvas mask": "/init-image/{}",
    "media": "/media/{}",
    "mesh": "/models-3d/{}",
}


@pytest.mark.parametrize("kind", PATHS)
def test_a_deleted_upload_is_gone(kind: str) -> None:
    leo = Leo()
    upload_id = KINDS[kind][0](leo)[0]
    path = PATHS[kind].format(upload_id)
    assert leo.get(path)["id"] == upload_id
    assert leo.delete(path) == {"id": upload_id}
    assert leo.get(path) is None
    assert leo.delete(path) is None


@pytest.mark.parametrize("kind", PATHS)
def test_an_upload_is_its_owners(kind: str) -> None:
    owner = Leo()
    upload_id = KINDS[kind][0](owner)[0]
    path = PATHS[kind].format(upload_id)
    other = owner.beside("another")
    assert (other.get(path), other.delete(path)) == (None, None)
    assert owner.get(path)["id"] == upload_id
    assert owner.get(PATHS[kind].format(STRANGER)) is None


def test_an_upload_is_not_to_be_had_as_another_kind() -> None:
    leo = Leo()
    ids = {kind: KINDS[kind][0](leo)[0] for kind in PATHS}
    for kind, upload_id in ids.items():
        for path in set(PATHS.values()) - {PATHS[kind]}:
            assert leo.get(path.format(upload_id)) is None


def test_a_file_that_comes_after_its_record_is_gone_helps_nobody() -> None:
    leo = Leo()
    image, fields, url = init_image(leo)
    leo.delete(f"/init-image/{image}")
    assert leo.upload(url, fields).status_code == 204
    assert leo.get(f"/init-image/{image}") is None
    assert leo.refusal("/generations", prompt="a", init_image_id=image).error == "invalid init image id"


# --- media ---------------------------------------------------------------------------------------


def test_a_sound_is_known_once_it_has_arrived() -> None:
    leo = Leo()
    upload_id, fields, url = media(leo)
    waiting = leo.get(f"/media/{upload_id}")
    assert (waiting["status"], waiting["mediaType"], waiting["duration"]) == ("PENDING", "audio", None)
    assert leo.upload(url, fields, wav(seed=7, prompt="rain", duration_ms=1_500)).status_code == 204
    ready = leo.get(f"/media/{upload_id}")
    assert (ready["status"], ready["duration"], ready["thumbnailUrl"]) == ("COMPLETE", 1.5, None)


def test_a_film_is_known_by_its_bytes() -> None:
    leo = Leo()
    (image,) = leo.generation(leo.film())["generated_images"]
    form = leo.post("/media", extension="mp4")
    leo.upload(form["url"], form["fields"], leo.fetch(image["motionMP4URL"]).content)
    ready = leo.get(f"/media/{form['uploadId']}")
    assert (ready["status"], ready["mediaType"]) == ("COMPLETE", "video")
    assert (ready["width"], ready["height"], ready["duration"]) == (832, 480, 5)
    assert ready["video_fps"] > 0


def test_what_is_no_film_has_no_size() -> None:
    leo = Leo()
    form = leo.post("/media", extension="mp4")
    leo.upload(form["url"], form["fields"], b"no film at all")
    ready = leo.get(f"/media/{form['uploadId']}")
    assert (ready["status"], ready["width"], ready["duration"]) == ("COMPLETE", None, None)


# --- datasets ------------------------------------------------------------------------------------


def test_a_dataset_has_what_was_put_into_it_in_that_order() -> None:
    leo = Leo()
    dataset = leo.post("/datasets", name="chairs", description="to sit on")["id"]
    leo.advance(1_000)
    brought = leo.post(f"/datasets/{dataset}/upload", extension="png")
    image = leo.image()
    made = leo.post(f"/datasets/{dataset}/upload/gen", generatedImageId=image)["id"]
    found = leo.get(f"/datasets/{dataset}")
    assert (found["id"], found["name"], found["description"]) == (dataset, "chairs", "to sit on")
    assert [each["id"] for each in found["dataset_images"]] == [brought["id"], made]
    assert found["createdAt"] < found["updatedAt"]
    assert made != image


def test_a_deleted_dataset_is_gone_and_cannot_be_trained_on() -> None:
    leo = Leo()
    dataset = leo.dataset()
    assert leo.delete(f"/datasets/{dataset}") == {"id": dataset}
    assert (leo.get(f"/datasets/{dataset}"), leo.delete(f"/datasets/{dataset}")) == (None, None)
    refusal = leo.refusal("/models", name="x", instance_prompt="x", datasetId=dataset)
    assert refusal.error == "invalid datasetId"


@pytest.mark.parametrize("owner", ["nobody", "somebody else"])
def test_nothing_goes_into_a_dataset_of_others(owner: str) -> None:
    leo = Leo()
    dataset = STRANGER if owner == "nobody" else leo.beside("another").dataset()
    assert leo.get(f"/datasets/{dataset}") is None
    assert leo.refusal(f"/datasets/{dataset}/upload", extension="png").error == "invalid datasetId"
    image = leo.image()
    assert leo.refusal(f"/datasets/{dataset}/upload/gen", generatedImageId=image).error == "invalid datasetId"
    assert leo.refusal("/models", name="x", instance_prompt="x", datasetId=dataset).status == 400


def test_nothing_is_trained_on_pictures_that_never_came() -> None:
    leo = Leo()
    dataset = leo.post("/datasets", name="x")["id"]
    leo.post(f"/datasets/{dataset}/upload", extension="png")
    refusal = leo.refusal("/models", name="x", instance_prompt="x", datasetId=dataset)
    assert refusal.error == "dataset must contain at least 1 image"


def test_a_model_that_was_trained_can_be_ordered_from() -> None:
    leo = Leo()
    dataset = leo.dataset()
    job = leo.post("/models", name="Chairs", instance_prompt="a chair", datasetId=dataset)
    model = job["customModelId"]
    assert leo.get(f"/models/{model}")["status"] == "PENDING"
    refusal = leo.refusal("/generations", prompt="a", modelId=model)
    assert refusal.error.startswith(f"{model} is not supported")
    leo.advance(TRAINED_MS)
    assert leo.get(f"/models/{model}")["status"] == "COMPLETE"
    other = leo.beside("another")
    other.create("createModel")
    assert (other.get(f"/models/{model}"), other.get(f"/models/user/{leo.user_id}")) == (None, [])
    assert leo.made(modelId=model)["modelId"] == model
    assert (
        leo.beside("another").refusal("/generations", prompt="a", modelId=model).error == "model lookup error"
    )


def test_meshes_are_listed_from_the_newest_on() -> None:
    leo = Leo()
    ids = [mesh(leo)[0] for _ in range(12)][::-1]
    path = f"/models-3d/user/{leo.user_id}"
    assert [each["id"] for each in leo.get(path)] == ids[:10]
    assert [each["id"] for each in leo.get(path, limit=2, offset=10)] == ids[10:]
    other = leo.beside("another")
    mesh(other)
    assert other.get(path) == []


def test_what_is_deleted_can_be_fetched_no_more() -> None:
    leo = Leo()
    upload_id = leo.uploaded(b"bytes")
    url = leo.get(f"/init-image/{upload_id}")["url"]
    assert leo.fetch(url).content == b"bytes"
    leo.delete(f"/init-image/{upload_id}")
    assert leo.send("GET", url).status_code == 404
    assert not len(leo.app.site.storage.store)
