"""The switches of what is assumed: each makes a client see something else than without it."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from mockleo.changes import changed
from mockleo.conformance.door import Request
from mockleo.core.orders import VideoOrder
from mockleo.core.videos import order_video, upscale_video
from mockleo.proving import TheEmulator
from mockleo.settings import BadSetting
from mockleo.wire.contract import load
from mockleo.wire.webhooks import event_of
from tests.core.worlds import a_place, let_all_end

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockleo.conformance.door import Answer, Door

NOBODY = "00000000-0000-4000-8000-000000000000"
IMAGE = "POST", "/generations"


def ask(door: Door, method: str, path: str, body: object = None) -> Answer:
    headers = (("authorization", f"Bearer {door.api_key}"), ("content-type", "application/json"))
    content = b"" if body is None else json.dumps(body).encode()
    return door.send(Request(method=method, url=f"{door.base_url}{path}", headers=headers, body=content))


def told(answer: Answer) -> Any:
    assert answer.status == 200, answer
    (root,) = json.loads(answer.body).values()
    return root


def with_rules(**rules: str) -> Door:
    named = {name.replace("__", "."): value for name, value in rules.items()}
    return TheEmulator(settings={"rules": {"durations.spread": "0", **named}}).open(seed=7)


def user(door: Door) -> str:
    ((me,),) = (told(ask(door, "GET", "/me")),)
    found: str = me["user"]["id"]
    return found


def balance(door: Door) -> int:
    ((me,),) = (told(ask(door, "GET", "/me")),)
    left: int = me["apiSubscriptionTokens"] + (me["apiPaidTokens"] or 0)
    return left


# --- bounds that no source states: refused by default, taken where the bound is moved ---------------

LCM = {"prompt": "a cat", "imageDataUrl": "data:image/png;base64,AAAA"}
BOUNDS: tuple[tuple[str, str, str, Mapping[str, object]], ...] = (
    ("generation.seed.min=-5", "POST", "/generations", {"prompt": "a cat", "seed": -5}),
    ("lcm.seed.min=-5", "POST", "/generations-lcm", {**LCM, "seed": -5}),
    ("lcm.seed.min=-5", "POST", "/lcm-instant-refine", {**LCM, "seed": -5}),
    (
        "video.seed_others.min=-5",
        "POST",
        "/generations-text-to-video",
        {"prompt": "a cat", "model": "VEO3", "seed": -5},
    ),
    ("prompt_improve.prompt.min=0", "POST", "/prompt/improve", {"prompt": ""}),
    (
        "pricing.megapixel.min=0",
        "POST",
        "/pricing-calculator",
        {"service": "UNIVERSAL_UPSCALER", "serviceParams": {"UNIVERSAL_UPSCALER": {"megapixel": 0}}},
    ),
    (
        "video.width.max=2048",
        "POST",
        "/generations-text-to-video",
        {"prompt": "a cat", "width": 2048, "height": 1024},
    ),
)


@pytest.mark.parametrize(("setting", "method", "path", "body"), BOUNDS, ids=str)
def test_a_bound_that_is_guessed_can_be_moved(
    setting: str, method: str, path: str, body: Mapping[str, object]
) -> None:
    name, _, value = setting.partition("=")
    with closing(with_rules()) as door:
        refused = ask(door, method, path, body)
        assert (refused.status, "invalid" in refused.body.decode()) == (400, True)
    with closing(with_rules(**{name: value})) as door:
        assert ask(door, method, path, body).status == 200


@pytest.mark.parametrize("name", ["limit", "offset"])
def test_a_page_may_begin_before_the_beginning_where_one_wants_that(name: str) -> None:
    with closing(with_rules()) as door:
        assert ask(door, "GET", f"/generations/user/{user(door)}?{name}=-1").status == 400
    with closing(with_rules(**{f"page.{name}.min": "-1"})) as door:
        assert told(ask(door, "GET", f"/generations/user/{user(door)}?{name}=-1")) == []


# --- choices ----------------------------------------------------------------------------------------


def make_images(door: Door) -> list[str]:
    return [told(ask(door, *IMAGE, {"prompt": f"cat {n}"}))["generationId"] for n in range(3)]


def make_textures(door: Door) -> tuple[str, list[str]]:
    form = told(ask(door, "POST", "/models-3d/upload", {"modelExtension": "obj", "name": "m"}))
    mesh = form["modelId"]
    store(door, form["modelUrl"], json.loads(form["modelFields"]))
    ids = [
        told(ask(door, "POST", "/generations-texture", {"prompt": "moss", "modelAssetId": mesh}))["id"]
        for _ in range(3)
    ]
    return mesh, ids


@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_lists_begin_with_the_newest_or_the_oldest(order: str) -> None:
    turned = slice(None, None, -1 if order == "newest" else 1)
    with closing(with_rules(page__order=order)) as door:
        made = make_images(door)
        listed = told(ask(door, "GET", f"/generations/user/{user(door)}"))
        assert [each["id"] for each in listed] == made[turned]
        second = told(ask(door, "GET", f"/generations/user/{user(door)}?offset=1&limit=1"))
        assert [each["id"] for each in second] == [made[1]]
        first = told(ask(door, "GET", f"/generations/user/{user(door)}?limit=1"))
        assert [each["id"] for each in first] == made[turned][:1]


@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_lists_of_meshes_do_so_too(order: str) -> None:
    with closing(with_rules(page__order=order)) as door:
        made = [
            told(ask(door, "POST", "/models-3d/upload", {"modelExtension": "obj", "name": str(n)}))["modelId"]
            for n in range(3)
        ]
        listed = told(ask(door, "GET", f"/models-3d/user/{user(door)}"))
        assert [each["id"] for each in listed] == (made[::-1] if order == "newest" else made)


@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_lists_of_textures_do_so_too(order: str) -> None:
    with closing(with_rules(page__order=order)) as door:
        mesh, made = make_textures(door)
        listed = told(ask(door, "GET", f"/generations-texture/model/{mesh}"))
        assert [each["id"] for each in listed] == (made[::-1] if order == "newest" else made)


def store(door: Door, url: str, fields: Mapping[str, str]) -> None:
    named = {**fields, "file": "v 0 0 0"}
    parts = [
        f'--b\r\ncontent-disposition: form-data; name="{name}"; filename="m"\r\n\r\n{value}\r\n'
        if name == "file"
        else f'--b\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in named.items()
    ]
    headers = (("content-type", "multipart/form-data; boundary=b"),)
    body = ("".join(parts) + "--b--\r\n").encode()
    assert door.send(Request(method="POST", url=url, headers=headers, body=body)).status == 204


def delete_an_image(door: Door) -> None:
    made = told(ask(door, *IMAGE, {"prompt": "a cat"}))["generationId"]
    assert told(ask(door, "DELETE", f"/generations/{made}")) == {"id": made}


def delete_a_texture(door: Door) -> None:
    _, (made, *_) = make_textures(door)
    assert told(ask(door, "DELETE", f"/generations-texture/{made}")) == {"id": made}


def train(door: Door, path: str, **body: object) -> str:
    dataset = told(ask(door, "POST", "/datasets", {"name": "cats"}))["id"]
    image = told(ask(door, *IMAGE, {"prompt": "a cat", "num_images": 1}))["generationId"]
    door.wait(60_000)
    (made,) = told(ask(door, "GET", f"/generations/{image}"))["generated_images"]
    told(ask(door, "POST", f"/datasets/{dataset}/upload/gen", {"generatedImageId": made["id"]}))
    job = told(ask(door, "POST", path, {"name": "c", "datasetId": dataset, **body}))
    return str(next(iter(value for key, value in job.items() if key.endswith("Id"))))


def delete_a_model(door: Door) -> None:
    made = train(door, "/models", instance_prompt="a cat")
    assert told(ask(door, "DELETE", f"/models/{made}")) == {"id": made}


def delete_an_element(door: Door) -> None:
    made = train(
        door, "/elements", instance_prompt="a cat", lora_focus="Style", train_text_encoder=True,
        resolution=1024, sd_version="FLUX_DEV", num_train_epochs=60, learning_rate=1e-5,
    )  # fmt: skip
    assert told(ask(door, "DELETE", f"/elements/{made}")) == {"id": int(made)}


@pytest.mark.parametrize("delete", [delete_an_image, delete_a_texture, delete_a_model, delete_an_element])
def test_who_deletes_a_job_that_runs_pays_for_it_or_does_not(delete: Callable[[Door], None]) -> None:
    spent = {}
    for choice in ("paid", "refunded"):
        with closing(with_rules(jobs__deleted_pending=choice)) as door:
            before = balance(door)
            delete(door)
            booked = before - balance(door)
            door.wait(10_000_000)
            spent[choice] = booked, before - balance(door)
    assert spent["paid"][0] == spent["paid"][1] > 0
    assert spent["refunded"][0] == spent["paid"][0]
    assert spent["refunded"][1] < spent["refunded"][0]


def test_who_deletes_what_is_ready_has_paid_for_it() -> None:
    with closing(with_rules(jobs__deleted_pending="refunded")) as door:
        before = balance(door)
        made = told(ask(door, *IMAGE, {"prompt": "a cat"}))["generationId"]
        door.wait(60_000)
        spent = before - balance(door)
        ask(door, "DELETE", f"/generations/{made}")
        door.wait(60_000)
        assert before - balance(door) == spent > 0


def test_an_uploaded_film_has_the_status_that_one_wants() -> None:
    with closing(with_rules(**{"upload.media_status.waiting": "PROCESSING"})) as door:
        film = told(ask(door, "POST", "/media", {"extension": "mp4"}))["uploadId"]
        assert told(ask(door, "GET", f"/media/{film}"))["status"] == "PROCESSING"


def test_the_end_of_an_enlarged_video_is_reported_or_is_not() -> None:
    world, account = a_place()
    order_video(world, account, VideoOrder(prompt="a cat", model="MOTION2FAST"))
    let_all_end(world)
    (video,) = account.generations
    job = upscale_video(world, account, source_generation_id=video, resolution="RESOLUTION_720")
    contract = load()
    assert event_of(job, contract.rules) == "post_processing.complete"
    silent = changed(contract, rules={"webhooks.motion_variations": "false"}, refusals={})
    assert event_of(job, silent.rules) is None


def test_a_text_that_reads_as_a_number_is_a_text_where_one_stood() -> None:
    for choice in ("legacy2023", "2026"):
        contract = changed(load(), rules={"webhooks.payload": choice}, refusals={})
        assert contract.rules["webhooks.payload"].value == choice


# --- how it says no ---------------------------------------------------------------------------------


def refusing(**fields: str) -> Door:
    rules = {"plans.credits.per_minute.all": "1"}
    named = {f"too-many-requests.{name}": value for name, value in fields.items()}
    return TheEmulator(settings={"refusals": named}).fresh(seed=7, settings={"rules": rules})


@pytest.mark.parametrize(
    ("shape", "begins", "content_type"),
    [
        ("flat", b'{"error":"Too many requests","path":"$","code":"unexpected"}', "application/json"),
        ("bare", b'{"error":"Too many requests"}', "application/json"),
        ("html", b"<html>\r\n<head><title>Too many requests</title>", "text/html"),
    ],
)
def test_a_refusal_has_the_shape_that_one_wants(shape: str, begins: bytes, content_type: str) -> None:
    with closing(refusing(shape=shape)) as door:
        ask(door, "GET", "/me")
        answer = ask(door, "GET", "/me")
        assert answer.status == 429
        assert answer.body.startswith(begins)
        assert (answer.header("content-type") or "").startswith(content_type)


def test_the_status_inside_a_list_of_errors_can_be_another() -> None:
    for setting, status in (({}, 404), ({"blueprint-not-found.detail_status": "410"}, 410)):
        with closing(TheEmulator(settings={"refusals": setting}).open(seed=7)) as door:
            answer = ask(door, "GET", f"/blueprints/{NOBODY}")
            ((error,),) = (json.loads(answer.body),)
            assert (answer.status, error["extensions"]["statusCode"]) == (200, status)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("too-many-requests.shape=array", "none of flat, bare, html"),
        ("too-many-requests.shape=round", "none of flat, bare, html"),
        ("blueprint-not-found.shape=flat", "no other shape"),
        ("too-many-requests.detail_status=400", "only a refusal in a list"),
        ("blueprint-not-found.detail_status=0", "no status"),
        ("blueprint-not-found.detail_status=none", "no status"),
        ("too-many-requests.status=true", "no status"),
    ],
)
def test_a_shape_that_cannot_be_is_told(setting: str, message: str) -> None:
    name, _, value = setting.partition("=")
    with pytest.raises(BadSetting, match=message):
        changed(load(), rules={}, refusals={name: value})
