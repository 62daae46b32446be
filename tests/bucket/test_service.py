"""Which request is what, CORS, ids, where the application is mounted."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from mockleo.bucket.errors import MethodNotAllowed

from .rig import NAME, Rig, multipart, open_form

METHODS = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH", "BREW")

PATHS = ("/s3", "/s3/", f"/s3/{NAME}", f"/s3/{NAME}/", f"/s3//{NAME}", "/s3/any-other", f"/s3/{NAME}/key")

# To whom nobody is known. What is not in here is 405.
ROUTES = {
    "service": {"GET": 403},
    "bucket": {"POST": 412, "GET": 403, "HEAD": 403, "PUT": 403, "DELETE": 403},
    "object": {"GET": 404, "HEAD": 404, "PUT": 403, "DELETE": 403},
}
ALLOWED = {
    "service": "GET, OPTIONS",
    "bucket": "GET, HEAD, PUT, DELETE, POST, OPTIONS",
    "object": "GET, HEAD, PUT, DELETE, OPTIONS",
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", METHODS)
def test_every_method_on_every_path(rig: Rig, method: str, path: str) -> None:
    level = "object" if path.endswith("key") else "bucket" if path.strip("/") != "s3" else "service"
    answer = rig.ask(method, path)
    assert answer is not None
    assert answer.status == (200 if method == "OPTIONS" else ROUTES[level].get(method, 405))
    if answer.status == 405:
        assert (answer.why, answer.headers["allow"]) == ("s3.method-not-allowed", ALLOWED[level])
        if method != "HEAD":
            assert answer.xml["Code"] == "MethodNotAllowed"
            assert answer.xml["Message"] == "The specified method is not allowed against this resource."
            assert (answer.xml["Method"], answer.xml["ResourceType"]) == (method, level.upper())
    if method == "HEAD":
        assert answer.body == b""


def test_405_is_a_refusal_like_any_other() -> None:
    refusal = MethodNotAllowed(method="PUT", resource="BUCKET", allowed="POST")
    assert (refusal.status, refusal.headers) == (405, {"allow": "POST"})


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", f"/s3/{NAME}"), ("GET", f"/s3/{NAME}/absent"), ("OPTIONS", f"/s3/{NAME}"), ("PUT", "/s3")],
)
def test_every_origin_may_read_every_answer(rig: Rig, method: str, path: str) -> None:
    answer = rig.ask(method, path, headers={"origin": "http://localhost:3000"})
    assert answer is not None
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_preflight(rig: Rig) -> None:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "x-a,content-type"}
    answer = rig.ask("OPTIONS", f"/s3/{NAME}", headers=asked)
    assert answer is not None
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD, POST, PUT, DELETE"
    assert answer.headers["access-control-allow-headers"] == "x-a,content-type"


def test_ids_are_of_the_seed_and_the_count() -> None:
    def ids(seed: str) -> list[tuple[str, str]]:
        rig = Rig(seed=seed)
        answers = [rig.get(f"/s3/{NAME}/absent") for _ in range(3)]
        for answer in answers:
            assert answer.xml["RequestId"] == answer.headers["x-amz-request-id"]
            assert answer.xml["HostId"] == answer.headers["x-amz-id-2"]
        return [(answer.xml["RequestId"], answer.xml["HostId"]) for answer in answers]

    first = ids("7")
    assert first == ids("7")
    assert len({*first, *ids("8")}) == 6
    assert {len(request_id) for request_id, _ in first} == {16}


def test_another_bucket_takes_a_form_that_is_made_for_it(rig: Rig) -> None:
    form = open_form({"key": "k"})
    other = rig.presigner.__class__(name="other", region=rig.app.region, credentials=rig.app.credentials)
    made = other.presign(key="k", content_type="image/png", now_ms=rig.now_ms)
    assert rig.post(made, path="/s3/other").status == 204
    assert rig.post(form, path="/s3/other").status == 403
    assert [(stored.bucket, stored.key) for stored in rig.store] == [("other", "k")]


@pytest.mark.parametrize("name", ["\u00fcber", "a b", "x\r\ny", "..", "b\0"])
def test_a_buckets_name_cannot_break_a_header(rig: Rig, name: str) -> None:
    presigner = rig.presigner.__class__(name=name, region=rig.app.region, credentials=rig.app.credentials)
    form = presigner.presign(key="k", content_type="image/png", now_ms=rig.now_ms)
    answer = rig.post(form, path=f"/s3/{name}")
    assert answer.status == 204
    assert answer.headers["location"].isascii()
    assert answer.headers["location"].isprintable()


@pytest.mark.parametrize("host", ["localhost:5360", "cloud.leonardo.ai", "x\r\nSet-Cookie: a=b", "\u00e9"])
def test_a_host_cannot_either(rig: Rig, host: str) -> None:
    location = rig.post(rig.presign(), headers={"host": host}).headers["location"]
    assert location.startswith("http://")
    assert location.isprintable()


MOUNTS = {
    "alone": ("", "/s3"),
    "mounted": ("/s3", "/s3"),
    "behind a proxy's path": ("/leo", "/leo/s3"),
    "mounted behind a proxy's path": ("/leo/s3", "/leo/s3"),
}


@pytest.mark.parametrize("mount", MOUNTS)
def test_it_knows_its_place(rig: Rig, mount: str) -> None:
    root, prefix = MOUNTS[mount]
    transport = httpx.ASGITransport(rig.app, root_path=root)

    async def upload() -> tuple[httpx.Response, httpx.Response]:
        async with httpx.AsyncClient(transport=transport, base_url="http://leo:1", trust_env=False) as client:
            sent = await client.post(f"{prefix}/{NAME}", data=rig.presign(), files={"file": b"meow"})
            return sent, await client.get(sent.headers["location"])

    sent, got = asyncio.run(upload())
    assert sent.status_code == 204
    assert sent.headers["location"] == f"http://leo:1{prefix}/{NAME}/u%2Fcat.png"
    assert (got.status_code, got.content) == (200, b"meow")


def test_starlette_can_mount_it(rig: Rig) -> None:
    app = Starlette(routes=[Mount("/s3", app=rig.app)])

    async def upload() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="https://leo", trust_env=False) as client:
            return await client.post(f"/s3/{NAME}", data=rig.presign(), files={"file": b"meow"})

    sent = asyncio.run(upload())
    assert (sent.status_code, sent.headers["location"]) == (204, f"https://leo/s3/{NAME}/u%2Fcat.png")


# How well-known clients hand over the fields and the file.
MANNERS: dict[str, Callable[[dict[str, str]], dict[str, Any]]] = {
    "data and files": lambda form: {"data": form, "files": {"file": ("cat.png", b"meow", "image/png")}},
    "everything as files": lambda form: {
        "files": [*((name, (name, value.encode())) for name, value in form.items()), ("file", ("f", b"meow"))]
    },
    "everything as fields": lambda form: {
        "files": [*((name, (None, value)) for name, value in form.items()), ("file", (None, b"meow"))]
    },
}


@pytest.mark.parametrize("manner", MANNERS)
def test_manners_of_sending(rig: Rig, manner: str) -> None:
    async def upload() -> httpx.Response:
        transport = httpx.ASGITransport(rig.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://leo", trust_env=False) as client:
            return await client.post(f"/s3/{NAME}", **MANNERS[manner](rig.presign()))

    assert asyncio.run(upload()).status_code == 204
    (stored,) = rig.store
    assert rig.store.read(stored) == b"meow"


def test_the_file_before_the_fields_is_told_as_s3_does(rig: Rig) -> None:
    body = multipart({}, b"meow").rpartition(b"--0123")[0] + multipart(rig.presign(), None)
    answer = rig.ask(
        "POST",
        f"/s3/{NAME}",
        headers={"content-type": "multipart/form-data; boundary=0123456789abcdef"},
        chunks=[body],
    )
    assert answer is not None
    assert answer.xml["ArgumentName"] == "key"


@pytest.mark.parametrize("kind", ["websocket", "lifespan"])
def test_other_protocols_are_a_mistake_in_the_wiring(rig: Rig, kind: str) -> None:
    async def never() -> None: ...

    with pytest.raises(AssertionError, match=kind):
        asyncio.run(rig.app({"type": kind}, never, never))  # type: ignore[arg-type]  # never called


def test_a_failing_listener_is_no_refusal(rig: Rig) -> None:
    def stumble(_: object) -> None:
        raise RuntimeError("ours")

    rig.app.stock = replace(rig.app.stock, on_stored=stumble)
    with pytest.raises(RuntimeError, match="ours"):
        rig.post(rig.presign())


def test_it_shows_what_a_client_signs_with(rig: Rig) -> None:
    assert rig.app.shown() == {
        "name": NAME,
        "region": rig.app.region,
        "accessKeyId": rig.app.credentials.access_key_id,
        "secretAccessKey": rig.app.credentials.secret_access_key,
        "sessionToken": rig.app.credentials.session_token,
    }


@pytest.mark.parametrize("length", [{"transfer-encoding": ""}, {}, {"content-length": "0"}])
def test_a_form_says_how_long_it_is_or_that_it_comes_in_chunks(rig: Rig, length: dict[str, str]) -> None:
    headers = {"content-type": "multipart/form-data; boundary=b", **length}
    answer = rig.ask("POST", f"/s3/{NAME}", headers=headers)
    assert answer is not None
    if length == {"transfer-encoding": ""}:
        assert (answer.status, answer.xml["Code"]) == (411, "MissingContentLength")
        assert answer.xml["Message"] == "You must provide the Content-Length HTTP header."
    else:
        assert answer.why == "s3.malformed-form"
