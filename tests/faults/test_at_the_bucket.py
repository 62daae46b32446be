"""What the bucket does with forms and objects, under faults: over HTTP, as a client meets it."""

import asyncio
import json
from typing import Any
from xml.etree import ElementTree

import httpx
import msgspec
import pytest

from mockleo.faults.menu import KINDS
from tests.wire.leo import HOST, LONG_MS, Json, Leo

from . import rig

# A user id or a key's, of nobody here.
NOBODY = "6b0d7c2a-53a4-4b49-9a43-5a86c1a7a0a5"

Told = dict[str, Any]

PICTURE = b"\x89PNG\r\n\x1a\n" + b"picture" * 40_000


def faulty(told: Told, leo: Leo | None = None) -> Leo:
    leo = leo or Leo()
    leo.app.faults.add(msgspec.convert(told, KINDS), now_ms=leo.clock.now_ms())
    return leo


def form_of(leo: Leo) -> Json:
    return leo.post("/init-image", extension="png")


def upload(leo: Leo, form: Json, content: bytes = PICTURE) -> httpx.Response:
    return leo.upload(form["url"], form["fields"], content)


def read(leo: Leo, form: Json, method: str = "GET") -> httpx.Response:
    return leo.send(method, f"{form['url']}/{form['key']}")


def said(answer: httpx.Response) -> tuple[int, str, str]:
    error = ElementTree.fromstring(answer.content)  # noqa: S314  it is our own
    assert answer.headers["content-type"] == "application/xml"
    assert error.findtext("RequestId") == answer.headers["x-amz-request-id"]
    assert answer.headers["access-control-allow-origin"] == "*"
    return answer.status_code, error.findtext("Code", ""), error.findtext("Message", "")


EXPIRED = (403, "AccessDenied", "Invalid according to Policy: Policy expired.")
SLOW_DOWN = (503, "SlowDown", "Please reduce your request rate.")


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"fault": "upload-slow", "wait_ms": 0}, "^wait_ms: 0 is less than 1"),
        ({"fault": "form-expired", "wait_ms": 1}, "wait_ms"),
        ({"fault": "object-lost", "status": 500}, "status"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(told: Told, words: str) -> None:
    rig.refused(told, words)


@pytest.mark.parametrize("kind", ["form-expired", "object-lost"])
def test_what_is_about_forms_meets_no_read(kind: str) -> None:
    leo = Leo()
    with pytest.raises(ValueError, match=r"^operations: 's3.get' is no operation"):
        faulty({"fault": kind, "operations": ["s3.get"]}, leo)


@pytest.mark.parametrize(("kind", "wanted"), [("form-expired", EXPIRED), ("upload-unavailable", SLOW_DOWN)])
def test_a_refused_upload_stores_nothing_and_the_next_does(kind: str, wanted: tuple[int, str, str]) -> None:
    leo = faulty({"fault": kind, "operations": ["s3.post"], "first": 1, "attempts": 2})
    form = form_of(leo)
    # The same again is another attempt, whatever boundary it has.
    for answer in (upload(leo, form), upload(leo, form)):
        assert said(answer) == wanted
        assert answer.headers["x-mockleo-why"] == f"fault=fault-1; {kind}"
        assert read(leo, form).status_code == 404
    assert upload(leo, form).status_code == 204
    assert read(leo, form).content == PICTURE


def test_an_expired_form_looks_like_one_that_has_expired() -> None:
    leo = Leo()
    form = form_of(leo)
    leo.advance(121_000)
    truly = upload(leo, form)
    assert said(truly) == EXPIRED
    assert list(said(upload(faulty({"fault": "form-expired"}), form_of(leo)))) == list(EXPIRED)


def test_reads_are_refused_too_and_by_their_own_name() -> None:
    leo = Leo()
    form = form_of(leo)
    upload(leo, form)
    faulty({"fault": "upload-unavailable", "operations": ["s3.get"]}, leo)
    assert said(read(leo, form)) == SLOW_DOWN
    head = read(leo, form, "HEAD")
    assert (head.status_code, head.content) == (503, b"")
    assert upload(leo, form_of(leo)).status_code == 204


def test_a_lost_object_is_confirmed_and_nowhere() -> None:
    leo = faulty({"fault": "object-lost", "nth": [1]})
    form = form_of(leo)
    assert upload(leo, form).status_code == 204
    assert [read(leo, form, method).status_code for method in ("GET", "HEAD")] == [404, 404]
    shown = leo.get(f"/init-image/{form['id']}")
    assert leo.send("GET", shown["url"]).status_code == 404
    lost = leo.order(init_image_id=form["id"])
    # Sent anew it is there: it was confirmed, so this is another call.
    assert upload(leo, form).status_code == 204
    found = leo.order(init_image_id=form["id"])
    leo.advance(LONG_MS)
    assert (leo.status(lost), leo.status(found)) == ("FAILED", "COMPLETE")


def test_a_lost_object_takes_the_one_before_with_it() -> None:
    leo = Leo()
    form = form_of(leo)
    upload(leo, form)
    faulty({"fault": "object-lost"}, leo)
    upload(leo, form)
    assert read(leo, form).status_code == 404


def test_only_the_named_accounts_uploads_and_reads_meet_it() -> None:
    leo = Leo()
    other = leo.beside("another")
    faulty({"fault": "upload-unavailable", "account": other.user_id}, leo)
    mine, theirs = form_of(leo), form_of(other)
    assert (upload(leo, mine).status_code, upload(other, theirs).status_code) == (204, 503)
    leo.app.faults.clear()
    upload(other, theirs)
    faulty({"fault": "upload-unavailable", "account": other.user_id}, leo)
    assert (read(leo, mine).status_code, read(other, theirs).status_code) == (200, 503)


@pytest.mark.parametrize("kind", ["upload-unavailable", "form-expired", "asset-corrupt"])
def test_none_is_limited_to_a_key_that_nobody_tells(kind: str) -> None:
    rig.refused({"fault": kind, "key": NOBODY}, "key: uploads and assets do not tell their key")


def test_what_is_no_form_is_answered_by_the_bucket() -> None:
    leo = faulty({"fault": "upload-slow", "account": NOBODY})
    url = form_of(leo)["url"]
    bodies: list[Told] = [{"json": {}}, {"data": {"a": "b"}}, {"files": {"a": ("b", b"c")}}, {"content": b""}]
    for given in bodies:
        plain = Leo().send("POST", url, **given)
        touched = leo.send("POST", url, **given)
        assert touched.status_code == plain.status_code >= 400
    assert leo.send("OPTIONS", url).status_code == 200
    assert leo.send("PUT", f"{url}/a", content=b"").status_code >= 400


def test_a_form_in_small_pieces_comes_to_the_bucket_whole() -> None:
    """What was read to see whose it is, is there once more."""
    leo = faulty({"fault": "upload-unavailable", "account": NOBODY})
    form = form_of(leo)
    whole = httpx.Request(
        "POST", form["url"], data=json.loads(form["fields"]), files={"file": ("file", PICTURE)}
    )
    body = whole.read()

    async def pieces() -> Any:
        for start in range(0, len(body), 700):
            yield body[start : start + 700]

    async def send() -> int:
        headers = {"content-type": whole.headers["content-type"]}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(leo.app), base_url=HOST) as client:
            return (await client.post(form["url"], content=pieces(), headers=headers)).status_code

    assert asyncio.run(send()) == 204
    assert read(leo, form).content == PICTURE


def test_a_slow_answer_is_held_until_the_clock_says_so() -> None:
    leo = faulty({"fault": "upload-slow", "wait_ms": 5_000})
    form = form_of(leo)
    request = httpx.Request(
        "POST", form["url"], data=json.loads(form["fields"]), files={"file": ("file", b"x")}
    )

    async def walk() -> tuple[bool, bool, int]:
        transport = httpx.ASGITransport(leo.app)
        asked = asyncio.create_task(transport.handle_async_request(request))
        for _ in range(50):
            await asyncio.sleep(0)
        held_at_once = not asked.done()
        leo.clock.jump(leo.clock.now_ms() + 4_999)
        leo.app.catch_up()
        for _ in range(50):
            await asyncio.sleep(0)
        held_to_the_end = not asked.done()
        leo.clock.jump(leo.clock.now_ms() + 1)
        leo.app.catch_up()
        return held_at_once, held_to_the_end, (await asked).status_code

    assert asyncio.run(walk()) == (True, True, 204)
    stored = leo.app.site.storage.store.get("image-uploads-emulated", form["key"])
    assert stored is not None


def test_the_same_seed_and_calls_meet_the_same() -> None:
    def met() -> list[int]:
        leo = faulty({"fault": "upload-unavailable", "share": 0.5})
        return [upload(leo, form_of(leo)).status_code for _ in range(12)]

    assert met() == met()
    assert set(met()) == {204, 503}
