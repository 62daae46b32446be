"""Whether the files that an answer names can be fetched, and are what they say."""

import json
from collections.abc import Callable

import msgspec
import pytest

from mockleo.conformance.checks.fetching import CHECK, addresses, fetch
from mockleo.conformance.door import Answer, Door, MayNot, NoAnswer, Request
from mockleo.proving import TheEmulator

from .exchanges import Client, good

PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)
MP4 = bytes(4) + b"ftypisom"


class Shelf:
    """A door behind which there is one file."""

    base_url = "http://127.0.0.1:5360/api/rest/v1"
    api_key = "key"
    abilities: frozenset[str] = frozenset()

    def __init__(self, give: Callable[[Request], Answer]) -> None:
        self.asked: list[Request] = []
        self._give = give

    def send(self, request: Request) -> Answer:
        self.asked.append(request)
        return self._give(request)

    def wait(self, ms: int) -> None: ...

    def close(self) -> None: ...


def naming(url: str, *, name: str = "url") -> Answer:
    return Answer(status=200, body=json.dumps({"init_images_by_pk": {name: url}}).encode())


def a(body: bytes, kind: str, *, status: int = 200) -> Answer:
    return Answer(status=status, headers=(("content-type", kind),), body=body)


URL = "http://there/a.png"


@pytest.mark.parametrize(
    ("url", "given"),
    [
        (URL, a(PNG, "image/png", status=404)),
        (URL, a(b"", "image/png")),
        (URL, a(b"<html>", "image/png")),
        (URL, a(PNG, "text/html")),
        (URL, a(MP4, "image/png")),
        ("http://there/a.mp4", a(PNG, "video/mp4")),
        ("http://there/a.obj", a(b"", "text/plain")),
        ("http://there/a.obj", a(b"v", "text/plain", status=403)),
    ],
)
def test_what_cannot_be_used_is_told(url: str, given: Answer) -> None:
    (finding,) = fetch(
        Shelf(lambda request: given), naming(url), operation="getInitImageById", part="lifecycle"
    )
    assert finding.check == CHECK
    assert finding.operation == "getInitImageById"
    assert finding.part == "lifecycle"
    assert finding.message.startswith("init_images_by_pk.url cannot be used: ")
    assert url in finding.curl


@pytest.mark.parametrize(
    ("url", "given"),
    [
        (URL, a(PNG, "image/png")),
        ("http://there/a.mp4?x=1", a(MP4, "video/mp4")),
        ("http://there/a.obj", a(b"v 0 0 0", "text/plain")),
    ],
)
def test_what_can_be_used_is_not(url: str, given: Answer) -> None:
    assert list(fetch(Shelf(lambda request: given), naming(url))) == []


def test_no_key_is_shown_to_whoever_has_the_files() -> None:
    shelf = Shelf(lambda request: a(PNG, "image/png"))
    list(fetch(shelf, naming(URL)))
    assert [request.headers for request in shelf.asked] == [()]


def test_no_answer_is_a_finding_and_no_permission_is_none() -> None:
    def gone(request: Request) -> Answer:
        raise NoAnswer("cut off")

    def closed(request: Request) -> Answer:
        raise MayNot("another host")

    (finding,) = fetch(Shelf(gone), naming(URL))
    assert "no answer" in finding.message
    with pytest.raises(MayNot):
        list(fetch(Shelf(closed), naming(URL)))


def test_forms_are_not_fetched_nor_what_is_no_json() -> None:
    assert addresses(good()["form"].answer) == ()
    assert addresses(good()["canvas"].answer) == ()
    assert addresses(msgspec.structs.replace(good()["form"].answer, body=b"<html>")) == ()


def test_of_each_place_one_is_fetched() -> None:
    places = [where for where, _ in addresses(good()["elements"].answer)]
    assert places == ["loras[].urlImage"]


def test_what_the_emulator_names_can_be_fetched() -> None:
    door: Door = TheEmulator().open(seed=5)
    client = Client(door)
    try:
        for operation, path in (
            ("listElements", "/elements"),
            ("listPlatformModels", "/platformModels"),
            ("listBlueprints", "/blueprints"),
        ):
            answer = client.call(operation, "GET", path).answer
            assert addresses(answer)
            assert [finding.message for finding in fetch(door, answer)] == []
    finally:
        door.close()
