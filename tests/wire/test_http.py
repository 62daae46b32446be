"""The bytes around a body: headers of answers, kinds of requests, and places beside the API."""

import asyncio
import json
import re
import socket
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from mockleo.emulator import Emulator
from mockleo.wire.links import API_PATH as API

from .leo import STRANGER, Leo, refused

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = Any

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"

ORDER = json.dumps({"prompt": "a lighthouse", "num_images": 1}).encode()


# --- headers of answers --------------------------------------------------------------------------

HEADERS = {
    "date",
    "content-type",
    "content-length",
    "x-request-id",
    "x-content-type-options",
}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/me", 200), ("GET", "/nothing", 404), ("PUT", "/me", 405), ("GET", "/generations/x", 400)],
)
def test_the_headers_are_the_services_own(method: str, path: str, status: int) -> None:
    answer = Leo().ask(method, path)
    assert answer.status_code == status
    assert set(answer.headers) == (HEADERS if status == 200 else {*HEADERS, "x-mockleo-why"})
    assert answer.headers["content-type"] == JSON
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-length"] == str(len(answer.content))


def test_a_body_has_no_blanks_and_no_newline() -> None:
    answer = Leo().ask("GET", "/me")
    assert answer.content == json.dumps(answer.json(), separators=(",", ":")).encode()


def test_the_date_is_the_clocks() -> None:
    leo = Leo()
    assert leo.ask("GET", "/me").headers["date"] == "Thu, 01 Jan 2026 00:00:00 GMT"
    leo.advance(61_000)
    assert leo.ask("GET", "/me").headers["date"] == "Thu, 01 Jan 2026 00:01:01 GMT"


def test_each_answer_has_an_id_of_its_own_and_the_same_seed_the_same_ones() -> None:
    def ids(leo: Leo) -> list[str]:
        paths = ("/me", "/nothing", "/me")
        return [leo.ask("GET", path).headers["x-request-id"] for path in paths]

    first = ids(Leo())
    assert len({str(UUID(each)) for each in first}) == 3
    assert ids(Leo()) == first
    assert ids(Leo(seed=8)) != first


def test_nothing_tells_of_limits() -> None:
    answer = Leo().ask("GET", "/me")
    assert not [name for name in answer.headers if "ratelimit" in name or name == "retry-after"]


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/nothing", "endpoint-not-found"),
        ("/generations/x", "malformed-uuid"),
        ("/generations?width=1", "method-not-allowed"),
    ],
)
def test_a_refusal_names_its_row(path: str, why: str) -> None:
    assert Leo().ask("GET", path).headers["x-mockleo-why"] == why


def test_a_refusal_names_the_rule_that_was_broken() -> None:
    answer = Leo().ask("POST", "/generations", json={"prompt": "a", "width": 7})
    assert answer.headers["x-mockleo-why"] == "invalid-dimensions; rule=generation.width"


# --- kinds of requests ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "application/json",
        JSON,
        "text/plain",
        "text/plain;charset=UTF-8",
        "application/octet-stream",
        "x",
        "",
    ],
)
def test_json_is_json_whatever_it_calls_itself(content_type: str | None) -> None:
    headers = {} if content_type is None else {"content-type": content_type}
    answer = Leo().ask("POST", "/generations", content=ORDER, headers=headers)
    assert answer.json()["sdGenerationJob"]["generationId"]


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=utf-8",
        "multipart/form-data; boundary=x",
        "Application/X-WWW-Form-Urlencoded",
    ],
)
def test_a_form_gives_no_variables(content_type: str) -> None:
    answer = Leo().ask("POST", "/generations", content=ORDER, headers={"content-type": content_type})
    assert refused(answer).error == 'expecting a value for non-nullable variable: "prompt"'


@pytest.mark.parametrize("content", [b"", b"null", b"{}", b" null ", b"[]", b"7", b'"x"', b"true"])
def test_a_body_that_gives_nothing_is_fine_where_nothing_is_needed(content: bytes) -> None:
    answer = Leo().ask("POST", "/prompt/random", content=content)
    assert answer.json()["promptGeneration"]["prompt"]


@pytest.mark.parametrize(
    "content", [b"", b"null", b"{}", b"[]", b"7", b'"{}"', json.dumps(ORDER.decode()).encode()]
)
def test_a_body_that_gives_nothing_lacks_what_is_needed(content: bytes) -> None:
    answer = Leo().ask("POST", "/generations", content=content)
    assert refused(answer) == (
        400,
        'expecting a value for non-nullable variable: "prompt"',
        "$",
        "validation-failed",
    )


@pytest.mark.parametrize("content", [b"{", b"prompt=a", b"{'prompt': 'a'}", b"\xff", b'{"prompt": NaN}'])
def test_a_body_that_is_no_json(content: bytes) -> None:
    answer = Leo().ask("POST", "/generations", content=content)
    assert refused(answer) == (400, "invalid JSON", "$", "invalid-json")


def test_get_and_delete_may_have_bodies() -> None:
    leo = Leo()
    generation = leo.order()
    assert leo.ask("GET", "/blueprints", json={"first": 1}).json()["blueprints"]["edges"][1:] == []
    assert leo.ask("GET", f"/generations/{generation}", json={}).status_code == 200
    assert leo.ask("DELETE", f"/generations/{generation}", json={}).status_code == 200


def test_no_key_makes_a_retry_the_same_order() -> None:
    leo = Leo()
    headers = {"idempotency-key": "1"}
    first, second = (leo.ask("POST", "/generations", content=ORDER, headers=headers).json() for _ in range(2))
    assert first != second


def test_a_body_that_is_too_large_is_refused() -> None:
    leo = Leo(rules={"http.body_max": 100})
    answer = leo.ask("POST", "/generations", content=b" " * 101)
    assert answer.status_code == 413
    assert answer.headers["content-type"] == HTML
    assert leo.ask("POST", "/prompt/random", content=b" " * 98 + b"{}").status_code == 200


# --- paths ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "//api/rest/v1/me",
        "/api/rest/v1//me",
        "http://leo.test//api/rest/v1//me",
    ],
)
def test_a_doubled_slash_is_taken_for_one(url: str) -> None:
    leo = Leo()
    if url.startswith("//"):
        url = f"http://leo.test{url}"
    answer = leo.send("GET", url, headers={"authorization": f"Bearer {leo.key}"})
    assert answer.status_code == 200


# What else is asked for, its status, and its content type.
ELSEWHERE = {
    "/api/v2/generations": (403, HTML),
    "/api/v1/me": (403, HTML),
    "/api/rest": (403, HTML),
    "/api": (404, HTML),
    "/apiary": (404, HTML),
    "/": (404, HTML),
    "/me": (404, HTML),
    "/favicon.ico": (404, HTML),
}


@pytest.mark.parametrize("path", ELSEWHERE)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_beside_the_api_there_are_pages(method: str, path: str) -> None:
    status, content_type = ELSEWHERE[path]
    leo = Leo()
    answer = leo.send(method, path, headers={"authorization": f"Bearer {leo.key}"})
    assert (answer.status_code, answer.headers["content-type"]) == (status, content_type)
    assert re.search(rf"<title>{status} \w+", answer.text)
    assert leo.app.record.exchanges[-1].status == status


@pytest.mark.parametrize("path", ["/api/rest/v2/generations", "/api/rest/v10/me", "/api/rest/v1"])
def test_what_is_no_endpoint_is_told_so_only_to_who_has_a_key(path: str) -> None:
    leo = Leo()
    known = leo.send("GET", path, headers={"authorization": f"Bearer {leo.key}"})
    assert (known.status_code, known.json()["error"]) == (404, "Endpoint not found")
    assert leo.send("GET", path).status_code == 401


def test_a_slash_may_be_doubled_before_the_version_too() -> None:
    leo = Leo()
    path = "/api//rest/v1/me"
    assert leo.send("GET", path, headers={"authorization": f"Bearer {leo.key}"}).status_code == 200


HALF_A_BODY = {"type": "http.request", "body": b'{"prompt":"x"}', "more_body": True}


@pytest.mark.parametrize("messages", [[], [HALF_A_BODY]])
def test_who_hangs_up_in_the_middle_orders_nothing(messages: list[dict[str, Any]]) -> None:
    """Neither with a whole body in half a request, nor with none."""
    leo = Leo()
    before = leo.get("/me")
    arriving: Iterator[dict[str, Any]] = iter(())
    sent: list[Any] = []

    async def receive() -> Any:
        return next(arriving)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"authorization", f"Bearer {leo.key}".encode()), (b"content-length", b"100")]
    for path in ("/generations", "/prompt/random"):
        arriving = iter([*messages, {"type": "http.disconnect"}])
        scope = {
            "type": "http", "method": "POST", "path": f"{API}{path}", "query_string": b"", "headers": headers,
        }  # fmt: skip
        asyncio.run(leo.app(scope, receive, send))
    assert not sent
    assert leo.get("/me") == before


# --- pages of browsers ---------------------------------------------------------------------------


BROWSER = {"origin": "https://example.test"}


def preflight(leo: Leo) -> Any:
    headers = {
        **BROWSER,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization, content-type",
    }
    return leo.send("OPTIONS", "/api/rest/v1/generations", headers=headers)


def test_a_browser_may_ask_first() -> None:
    answer = preflight(Leo(keys="strict"))
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "POST"
    assert answer.headers["access-control-allow-headers"] == "authorization, content-type"


@pytest.mark.parametrize("path", ["/me", "/nothing", "/generations/x"])
def test_a_browser_may_read_every_answer(path: str) -> None:
    answer = Leo().ask("GET", path, headers=BROWSER)
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_browser_gets_nothing_where_that_is_switched_off() -> None:
    leo = Leo(cors=False)
    assert preflight(leo).status_code == 401
    assert leo.ask("OPTIONS", "/me").status_code == 405
    assert set(leo.ask("GET", "/me", headers=BROWSER).headers) == HEADERS


# --- over a socket -------------------------------------------------------------------------------


def exchange(emulator: Emulator, request: bytes) -> bytes:
    """Send bytes, half-close, and read what comes until the server closes too."""
    with socket.create_connection(("127.0.0.1", emulator.settings.port), timeout=10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_over_a_socket_the_bytes_are_the_same() -> None:
    with Emulator(time="manual", seed=7) as emulator:
        key = f"authorization: Bearer {STRANGER}\r\n".encode()
        close = b"host: leo.test\r\nconnection: close\r\n\r\n"

        answered = exchange(emulator, b"GET /api/rest/v1/me HTTP/1.1\r\n" + key + close)
        head, _, body = answered.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        assert {line.split(b":")[0].lower() for line in head.split(b"\r\n")[1:]} == {
            name.encode() for name in [*HEADERS, "connection"]
        }
        assert body == Leo(key=STRANGER).ask("GET", "/me").content

        headless = exchange(emulator, b"HEAD /api/rest/v1/me HTTP/1.1\r\n" + key + close)
        assert headless.startswith(b"HTTP/1.1 405 ")
        assert headless.endswith(b"\r\n\r\n")

        for nonsense in (b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"\x00" * 100, b"GET / HTTP/9.9\r\n\r\n"):
            assert b" 500 " not in exchange(emulator, nonsense).partition(b"\r\n")[0]

        half = (
            b"POST /api/rest/v1/generations HTTP/1.1\r\n" + key + b"content-length: 1000\r\nhost: x\r\n\r\n{"
        )
        assert b" 500 " not in exchange(emulator, half).partition(b"\r\n")[0]

        chunked = b"POST /api/rest/v1/datasets HTTP/1.1\r\n" + key + b"transfer-encoding: chunked\r\n" + close
        parts = b'9\r\n{"name": \r\n4\r\n"x"}\r\n0\r\n\r\n'
        assert exchange(emulator, chunked + parts).startswith(b"HTTP/1.1 200 ")
        assert exchange(emulator, b"GET /api/rest/v1/me HTTP/1.1\r\n" + key + close).endswith(body)
