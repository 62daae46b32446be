"""What the URL of an asset gives, under faults: to the byte."""

import asyncio
from typing import Any

import httpx
import msgspec
import pytest

from mockleo.faults.menu import KINDS
from mockleo.wire.sending import CutOff
from tests.wire.leo import HOST, Leo

from . import rig

# A user id or a key's, of nobody here.
NOBODY = "6b0d7c2a-53a4-4b49-9a43-5a86c1a7a0a5"

Told = dict[str, Any]


class Rig:
    """An image, its URL, and what that gives while nothing is wrong."""

    def __init__(self) -> None:
        self.leo = Leo()
        generation = self.leo.made(width=64, height=40, num_images=2)
        self.urls = [image["url"] for image in generation["generated_images"]]
        self.good = [self.leo.fetch(url).content for url in self.urls]

    def under(self, told: Told) -> "Rig":
        self.leo.app.faults.add(msgspec.convert(told, KINDS), now_ms=self.leo.clock.now_ms())
        return self

    def get(self, nth: int = 0, **headers: str) -> httpx.Response:
        return self.leo.send("GET", self.urls[nth], headers=headers)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"fault": "asset-status", "status": 200}, "^status: 200 is not between 400 and 599"),
        ({"fault": "asset-status", "status": 600}, "^status: 600 is not between 400 and 599"),
        ({"fault": "asset-truncated", "keep": 1}, "^keep: 1.0 is not a share"),
        ({"fault": "asset-truncated", "keep": -0.1}, "^keep: -0.1 is not a share"),
        ({"fault": "asset-wrong-type", "content_type": ""}, "^content_type: "),
        ({"fault": "asset-wrong-type", "content_type": "a\r\nb: c"}, "^content_type: "),
        ({"fault": "asset-slow", "wait_ms": -1}, "^wait_ms: -1 is below zero"),
        ({"fault": "asset-slow", "piece_bytes": -1}, "^piece_bytes: -1 is below zero"),
        ({"fault": "asset-slow", "piece_ms": -1}, "^piece_ms: -1 is below zero"),
        ({"fault": "asset-corrupt", "keep": 0.5}, "keep"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(told: Told, words: str) -> None:
    rig.refused(told, words)


def test_without_a_fault_an_asset_is_what_it_was() -> None:
    one = Rig().under({"fault": "asset-corrupt", "account": NOBODY})
    assert one.get().content == one.good[0]


@pytest.mark.parametrize("status", [403, 404, 503])
def test_a_status_instead_of_an_asset(status: int) -> None:
    answer = Rig().under({"fault": "asset-status", "status": status}).get()
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/plain; charset=utf-8")
    assert answer.headers["x-mockleo-why"] == "fault=fault-1; asset-status"
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_cdn_that_lags_misses_each_asset_for_its_first_tries() -> None:
    one = Rig().under({"fault": "asset-status", "status": 404, "attempts": 2})
    seen = [(nth, one.get(nth).status_code) for nth in (0, 0, 1, 0, 1, 1)]
    assert seen == [(0, 404), (0, 404), (1, 404), (0, 200), (1, 404), (1, 200)]


def test_a_cdn_that_lags_misses_everything_for_a_while() -> None:
    one = Rig().under({"fault": "asset-status", "status": 404, "until_ms": 3_000})
    assert one.get().status_code == 404
    one.leo.advance(3_000)
    assert one.get().content == one.good[0]


@pytest.mark.parametrize("keep", [0, 0.5, 0.99])
def test_an_asset_that_is_cut_is_announced_whole(keep: float) -> None:
    """In this process a cut connection is an error, so the messages are looked at."""
    one = Rig().under({"fault": "asset-truncated", "keep": keep})
    good = one.good[0]
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    path = one.urls[0].removeprefix(HOST)
    scope = {
        "type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [], "scheme": "http",
        "root_path": "",
    }  # fmt: skip
    with pytest.raises(CutOff):
        asyncio.run(one.leo.app(scope, receive, send))
    head, *pieces = sent
    assert dict(head["headers"])[b"content-length"] == str(len(good)).encode()
    assert b"".join(piece["body"] for piece in pieces) == good[: int(len(good) * keep)]
    assert all(piece["more_body"] for piece in pieces), "it has no end"


@pytest.mark.parametrize("keep", [0, 0.5, 0.99])
def test_an_asset_that_is_quietly_cut_is_announced_as_it_comes(keep: float) -> None:
    one = Rig().under({"fault": "asset-truncated", "keep": keep, "quiet": True})
    answer = one.get()
    assert answer.status_code == 200
    assert answer.content == one.good[0][: int(len(one.good[0]) * keep)]
    assert answer.headers["content-length"] == str(len(answer.content))


def test_a_corrupt_asset_has_its_length_and_type_and_other_bytes() -> None:
    one = Rig().under({"fault": "asset-corrupt"})
    answer = one.get()
    good = one.good[0]
    turned = [place for place, byte in enumerate(answer.content) if byte != good[place]]
    assert len(answer.content) == len(good)
    assert turned == list(range(turned[0], len(good), 64))
    assert turned[0] < 64
    assert answer.headers["content-type"] == "image/jpeg"
    assert Rig().under({"fault": "asset-corrupt"}).get().content == answer.content


def test_a_page_instead_of_a_picture() -> None:
    answer = Rig().under({"fault": "asset-html"}).get()
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b"Just a moment..." in answer.content


def test_the_right_bytes_under_another_type() -> None:
    one = Rig().under({"fault": "asset-wrong-type", "content_type": "image/gif"})
    answer = one.get()
    assert (answer.headers["content-type"], answer.content) == ("image/gif", one.good[0])


def test_a_slow_asset_comes_in_pieces_and_whole() -> None:
    one = Rig().under({"fault": "asset-slow", "piece_bytes": 100, "piece_ms": 0})
    assert one.get().content == one.good[0]


def test_a_range_is_touched_as_a_range() -> None:
    one = Rig().under({"fault": "asset-wrong-type"})
    answer = one.get(range="bytes=10-19")
    assert (answer.status_code, answer.content) == (206, one.good[0][10:20])
    assert answer.headers["content-range"] == f"bytes 10-19/{len(one.good[0])}"


def test_what_was_never_there_says_both() -> None:
    one = Rig().under({"fault": "asset-wrong-type"})
    answer = one.leo.send("GET", one.urls[0].replace("_0.jpg", "_7.jpg"))
    assert answer.status_code == 404
    assert answer.headers["x-mockleo-why"] == "no-such-asset; fault=fault-1; asset-wrong-type"


def test_several_faults_touch_one_answer_in_their_order() -> None:
    one = Rig()
    for told in ({"fault": "asset-html"}, {"fault": "asset-wrong-type", "content_type": "image/jpeg"}):
        one.under(told)
    answer = one.get()
    assert b"Just a moment" in answer.content
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-mockleo-why"] == "fault=fault-1; asset-html; fault=fault-2; asset-wrong-type"


def test_only_the_named_accounts_assets_meet_it() -> None:
    one = Rig()
    other = one.leo.beside("another")
    one.under({"fault": "asset-status", "account": other.user_id})
    theirs = other.made(width=64, height=40, num_images=1)["generated_images"][0]["url"]
    assert (one.get().status_code, other.send("GET", theirs).status_code) == (200, 403)
