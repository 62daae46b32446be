"""Requests that nobody should send: each gets a refusal, nothing is charged, and life goes on.

A 500 is an answer of the service's for three reasons only. `Leo` insists that none is a bug of ours,
and that each answer is one that the contract lists for its operation.
"""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockleo.wire.links import API_PATH as API

from .leo import STRANGER, TRAINED_MS, VALID, Leo
from .promise import OPERATIONS

Json = Any

# The reasons for which the service says 500, as the fact sheet has them.
TRUE_500 = {"malformed-key", "model-id-malformed", "wrong-kind-of-id"}

CREATE = f"{API}/generations"
DEEP = 100_000


def survives(leo: Leo, answer: httpx.Response) -> None:
    """`answer` is one of the service's own, and the next call is answered as if nothing had been."""
    why = answer.headers.get("x-mockleo-why", "").partition(";")[0]
    assert answer.status_code < 500 or why in TRUE_500, answer.text
    assert leo.get("/me")[0]["user"]["id"] == leo.user_id


@pytest.fixture(scope="module")
def emulator() -> Leo:
    return Leo()


# --- bytes that are no request body -----------------------------------------------------------------

BODIES: Mapping[str, bytes] = {
    "NUL": b"\x00",
    "NUL in a string": b'{"prompt": "a\x00b"}',
    "NUL in a string, escaped": rb'{"prompt": "a\u0000b"}',
    "NUL in a name": rb'{"prompt\u0000": "a"}',
    "lists in lists": b"[" * DEEP,
    "lists in lists, closed": b"[" * DEEP + b"]" * DEEP,
    "objects in objects": b'{"prompt":' * DEEP,
    "a deep value": b'{"prompt": "a", "elements": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "a deep value of fair depth": b'{"prompt": "a", "elements": ' + b"[" * 500 + b"]" * 500 + b"}",
    "1e308": b'{"prompt": "a", "width": 1e308, "guidance_scale": 1e308}',
    "beyond floats": b'{"prompt": "a", "guidance_scale": 1e999}',
    "beyond integers": b'{"prompt": "a", "seed": ' + b"9" * 400 + b"}",
    "beyond Python's patience": b'{"prompt": "a", "seed": ' + b"9" * 5_000 + b"}",
    "beyond integers, for a float": b'{"prompt": "a", "guidance_scale": ' + b"9" * 400 + b"}",
    "minus nothing": b'{"prompt": "a", "width": -0, "guidance_scale": -0.0, "seed": -0}',
    "NaN": b'{"prompt": "a", "guidance_scale": NaN}',
    "Infinity": b'{"prompt": "a", "guidance_scale": -Infinity}',
    "NaN as text": b'{"prompt": "a", "guidance_scale": "NaN"}',
    "Latin-1": '{"prompt": "é"}'.encode("latin-1"),
    "UTF-16": '{"prompt": "a"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"prompt": "a"}',
    "half a character": b'{"prompt": "\xe2\x82"}',
    "half a surrogate pair": rb'{"prompt": "\ud800"}',
    "half a surrogate pair as a name": rb'{"\udfff": 1}',
    "half a surrogate pair, encoded": b'{"prompt": "\xed\xa0\x80"}',
    "half a surrogate pair for an id": rb'{"prompt": "a", "modelId": "\ud800"}',
    "half a surrogate pair for an enum": rb'{"prompt": "a", "scheduler": "\ud83d"}',
    "the same name twice, a text last": b'{"prompt": 1, "prompt": "a"}',
    "the same name twice, a number last": b'{"prompt": "a", "prompt": 1}',
    "half of it": b'{"prompt": "a li',
    "more after it": b'{"prompt": "a"} {"prompt": "b"}',
    "a comment": b'{"prompt": "a" /* b */}',
    "single quotes": b"{'prompt': 'a'}",
    "a text": b'"prompt"',
    "a number": b"7",
    "a list": b'[{"prompt": "a"}]',
    "true": b"true",
    "blanks": b" \r\n\t",
    "a form": b"prompt=a&width=512",
    "10 MB of one prompt": b'{"prompt": "' + b"a" * 10_000_000 + b'"}',
    "10 MB of blanks": b'{"prompt":' + b" " * 10_000_000 + b'""}',
    "100,000 names": json.dumps({f"n{n}": n for n in range(100_000)}).encode(),
    "100,000 elements": json.dumps({"prompt": "", "elements": [{"akUUID": "x"}] * 100_000}).encode(),
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain", "multipart/form-data; boundary=x"]
)
def test_a_hostile_body_is_refused(emulator: Leo, name: str, content_type: str) -> None:
    leo = emulator.beside(f"{name}{content_type}".encode().hex())
    before, made = leo.balance, len(leo.account.generations)

    headers = {"content-type": content_type}
    answer = leo.ask("POST", "/generations", content=BODIES[name], headers=headers)

    survives(leo, answer)
    if answer.status_code != 200:
        assert (leo.balance, len(leo.account.generations)) == (before, made)


# What is odd about these is no fault of theirs.
TAKEN = {"NUL in a string, escaped", "the same name twice, a text last"}


@pytest.mark.parametrize("name", BODIES)
def test_a_hostile_body_makes_no_images(emulator: Leo, name: str) -> None:
    answer = emulator.beside(f"{name} alone".encode().hex()).ask("POST", "/generations", content=BODIES[name])
    assert (answer.status_code == 200) == (name in TAKEN), answer.text[:200]


# --- values of every kind in every place ------------------------------------------------------------

texts = st.text(st.characters(codec=None), max_size=20)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    texts,
    st.sampled_from(
        ["", STRANGER, "GENERATED", "data:image/png;base64,!", 2**31, -(2**31), 1e308, 10**400, -0.0]
    ),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


def places(value: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to each value inside `value`."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield (*path, name)
            yield from places(each, (*path, name))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield (*path, index)
            yield from places(each, (*path, index))


def fields_of(operation: str) -> list[str]:
    """The names that the body of an operation has."""
    described = OPERATIONS[operation][2].get("requestBody", {})
    schema = described.get("content", {}).get("application/json", {}).get("schema", {})
    return list(schema.get("properties", ()))


def mutated(draw: st.DrawFn, body: Json, fields: list[str]) -> Json:
    """`body` with one to three of its values, or of the fields it leaves out, replaced, added or gone."""
    changed = deepcopy(dict(body))
    for _ in range(draw(st.integers(1, 3))):
        ways = [*places(changed), *((name,) for name in fields)] or [("nonsense",)]
        *outer, last = draw(st.sampled_from(ways))
        inside: Any = changed
        for step in outer:
            inside = inside[step]
        if draw(st.integers(0, 5)) > 0:
            inside[last] = draw(values)
        elif isinstance(inside, dict):
            inside.pop(last, None)
    return changed


def everything(leo: Leo) -> Json:
    """An order with something in each of its lists."""
    element = leo.create("createElement")["userLoraId"]
    leo.advance(TRAINED_MS)
    image = leo.uploaded()
    return {
        "prompt": "a lighthouse",
        "width": 64,
        "height": 64,
        "controlnets": [
            {"initImageId": image, "initImageType": "UPLOADED", "preprocessorId": 67, "weight": 0.5}
        ],
        "contextImages": [{"type": "UPLOADED", "id": image}],
        "elements": [{"akUUID": leo.get("/elements")[0]["akUUID"], "weight": 0.5}],
        "userElements": [{"userLoraId": element, "weight": 0.5}],
        "imagePrompts": [image],
    }


def two_frames(leo: Leo) -> Json:
    first, last = leo.uploaded(), leo.uploaded()
    film = {"prompt": "waves", "model": "KLING2_1", "imageId": first, "imageType": "UPLOADED"}
    return {**film, "endFrameImage": {"id": last, "type": "UPLOADED"}, "styleIds": [STRANGER]}


# Bodies that go deeper than those that suffice.
NESTED = {"createGeneration": everything, "createImageToVideoGeneration": two_frames}


class Ordered:
    """One account that has everything the operations need, and a valid body of each."""

    def __init__(self) -> None:
        self.leo = Leo()
        self.bodies = {operation: body(self.leo) for operation, body in {**VALID, **NESTED}.items()}
        self.dataset = self.leo.dataset()


@pytest.fixture(scope="module")
def ordered() -> Ordered:
    return Ordered()


@pytest.mark.parametrize("operation", VALID)
def test_no_body_breaks_an_operation(ordered: Ordered, operation: str) -> None:
    leo = ordered.leo
    method, path, _ = OPERATIONS[operation]
    path = path.format(datasetId=ordered.dataset)
    body, fields = ordered.bodies[operation], fields_of(operation)

    @settings(
        max_examples=20, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.data())
    def every(data: st.DataObject) -> None:
        wrong = data.draw(st.composite(mutated)(body, fields))
        before, things = leo.balance, leo.account.serial
        answer = leo.ask(method, path, content=json.dumps(wrong).encode())
        survives(leo, answer)
        if "x-mockleo-why" in answer.headers:
            assert (leo.balance, leo.account.serial) == (before, things), wrong

    every()


WRONG: tuple[Json, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    1e308,
    10**400,
    2**31,
    "",
    "x",
    STRANGER,
    [],
    [None],
    {},
    {"x": 1},
)


@pytest.mark.parametrize("operation", NESTED)
def test_what_is_mutated_is_taken_as_it_is(ordered: Ordered, operation: str) -> None:
    answer = ordered.leo.ask("POST", OPERATIONS[operation][1], json=ordered.bodies[operation])
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("operation", VALID)
def test_no_value_breaks_a_field(ordered: Ordered, operation: str) -> None:
    leo = ordered.leo
    method, path, _ = OPERATIONS[operation]
    path = path.format(datasetId=ordered.dataset)
    body = ordered.bodies[operation]
    ways = {*places(body), *((name,) for name in fields_of(operation))}
    for *outer, last in sorted(ways, key=str):
        for value in WRONG:
            wrong = deepcopy(dict(body))
            inside: Any = wrong
            for step in outer:
                inside = inside[step]
            inside[last] = value
            before = leo.balance
            answer = leo.ask(method, path, content=json.dumps(wrong).encode())
            why = answer.headers.get("x-mockleo-why", "").partition(";")[0]
            assert answer.status_code < 500 or why in TRUE_500, (outer, last, value)
            assert not why or leo.balance == before, (outer, last, value)
        leo.advance(TRAINED_MS)


# --- paths, queries, headers ------------------------------------------------------------------------

PATHS: Mapping[str, tuple[str, int]] = {
    "NUL": ("/generations/%00", 400),
    "NUL after an id": (f"/generations/{STRANGER}%00", 400),
    "invalid UTF-8": ("/generations/%ff%fe", 400),
    "half a surrogate pair": ("/generations/%ed%a0%80", 400),
    "a long id": ("/generations/" + "a" * 60_000, 400),
    "a long way": ("/a" * 30_000, 404),
    "many slashes": ("/" * 10_000 + "me", 200),
    "an encoded slash": ("/generations%2fuser", 404),
    "dots": ("/generations/%2e%2e/me", 404),
    "a template": ("/generations/{id}", 400),
    "an id that is no number": ("/elements/one", 400),
    "an id that is a long number": ("/elements/" + "9" * 5_000, 400),
    "a negative id": ("/elements/-1", 200),
    "an id with a fraction": ("/elements/1.0", 400),
    "an id in other digits": ("/elements/%D9%A3", 400),
    "upper case": ("/ME", 404),
    "a long blueprint": ("/blueprints/" + "a" * 5_000, 200),
}


@pytest.mark.parametrize("name", PATHS)
def test_a_hostile_path_is_refused(emulator: Leo, name: str) -> None:
    path, status = PATHS[name]
    answer = raw(emulator, "GET", f"{API}{path}")
    survives(emulator, answer)
    assert answer.status_code == status


QUERIES: Mapping[str, tuple[bytes, int]] = {
    "1,000 names": (b"&".join(b"n%d=1" % n for n in range(1_000)), 400),
    "5,000 names": (b"&".join(b"n%d=1" % n for n in range(5_000)), 400),
    "5,000 times one": (b"&".join([b"limit=1"] * 5_000), 400),
    "no names": (b"&&&===&&", 400),
    "one ampersand": (b"&", 200),
    "no value": (b"limit", 200),
    "NUL": (b"limit=%00", 400),
    "invalid UTF-8": (b"limit=%ff", 400),
    "raw bytes": (b"limit=\xff\xfe", 400),
    "half an escape": (b"limit=%f", 400),
    "a huge number": (b"limit=" + b"9" * 5_000, 400),
    "infinity": (b"limit=1e999", 400),
    "not a number": (b"limit=nan", 400),
    "a minus": (b"limit=-1", 400),
    "64 bits": (b"offset=9223372036854775807", 400),
    "31 bits": (b"offset=2147483647", 200),
    "an underscore": (b"limit=1_0", 400),
    "blanks": (b"limit=%20%201%20", 400),
    "a plus": (b"limit=%2B1", 400),
    "other digits": ("limit=٣".encode(), 400),
}


@pytest.mark.parametrize("name", QUERIES)
def test_a_hostile_query_is_refused(emulator: Leo, name: str) -> None:
    query, status = QUERIES[name]
    answer = raw(emulator, "GET", f"{API}/generations/user/{emulator.user_id}", query=query)
    survives(emulator, answer)
    assert answer.status_code == status, answer.text


HEADERS: Mapping[str, tuple[bytes, bytes]] = {
    "a long key": (b"authorization", b"Bearer " + b"k" * 60_000),
    "a key of bytes": (b"authorization", b"Bearer \xff\xfe\x80"),
    "a key of two words": (b"authorization", b"Bearer a b"),
    "no scheme": (b"authorization", b"x"),
    "an empty authorization": (b"authorization", b""),
    "no host": (b"host", b""),
    "a host of bytes": (b"host", b"\xff\xfe"),
    "a host that is markup": (b"host", b'"><script>alert(1)</script>'),
    "a host with credentials": (b"host", b"user:pass@evil.test"),
    "a host with a path": (b"host", b"evil.test/api?x="),
    "a host on no port": (b"host", b"leo.test:999999"),
    "a host of two lines": (b"host", b"leo.test\r\nx-evil: 1"),
    "a long host": (b"host", b"h" * 60_000),
    "an odd content type": (b"content-type", b"\xff/\x00"),
    "a long content type": (b"content-type", b"a" * 60_000),
    "a false length": (b"content-length", b"-1"),
    "a length in words": (b"content-length", b"many"),
    "an odd protocol": (b"x-forwarded-proto", b"javascript"),
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_hostile_header_does_no_harm(emulator: Leo, name: str) -> None:
    header = HEADERS[name]
    answer = raw(emulator, "POST", f"{API}/init-image", headers=[header], body=b'{"extension": "png"}')
    survives(emulator, answer)
    if answer.status_code == 200 and header[0] == b"host":
        form = answer.json()["uploadInitImage"]
        assert form["url"].startswith((emulator.app.settings.url, "http://hhhh")), form["url"]


METHODS = ("PUT", "PATCH", "TRACE", "CONNECT", "PROPFIND", "get", "", "GET /me")


@pytest.mark.parametrize("method", METHODS)
def test_a_hostile_method_is_not_allowed(emulator: Leo, method: str) -> None:
    answer = raw(emulator, method, f"{API}/me")
    survives(emulator, answer)
    assert answer.status_code == 405


ELSEWHERE = (
    "/",
    "/%00",
    "/api",
    "/api/",
    "/api/rest",
    "/api/rest/v10/me",
    "/api/rest/v2/generations",
    "/s3",
    "/s3/",
    "/s3//",
    "/s3/%ff/%00",
    "/cdn",
    "/cdn/",
    "/cdn/%00",
    "/cdn/users",
    "/cdn/users//",
    "/cdn/../etc/passwd",
    "/cdn/users/%ff/generations/x/y.jpg",
    "/cdn/element_thumbnails/x/thumbnail.png",
    "/_mockleo",
    "/_mockleo/",
    "/_mockleo/nothing",
    "/favicon.ico",
    "/" + "a" * 60_000,
    "//",
    "//evil.test/api/rest/v1/me",
)


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "HEAD", "DELETE"])
@pytest.mark.parametrize("path", ELSEWHERE)
def test_nothing_elsewhere_breaks(emulator: Leo, path: str, method: str) -> None:
    answer = raw(emulator, method, path, body=b"x")
    assert answer.status_code < 500
    assert emulator.get("/me")


# --- the bucket ------------------------------------------------------------------------------------


def half(form: bytes) -> bytes:
    return form[: len(form) // 2]


FORMS: Mapping[str, Callable[[bytes], bytes]] = {
    "half of it": half,
    "nothing": lambda form: b"",
    "its end only": lambda form: form[-40:],
    "NULs": lambda form: b"\x00" * 1_000,
    "another boundary": lambda form: form.replace(b"--edge", b"--other"),
    "bytes for names": lambda form: form.replace(b"Policy", b"\xff\xfe"),
    "itself twice": lambda form: form + form,
    "one long line": lambda form: b"-" * 1_000_000,
}


@pytest.mark.parametrize("name", FORMS)
def test_a_hostile_form_stores_nothing(emulator: Leo, name: str) -> None:
    leo = emulator.beside(name)
    upload = leo.post("/init-image", extension="png")
    parts = {**json.loads(upload["fields"]), "file": "picture"}
    form = "".join(
        f'--edge\r\ncontent-disposition: form-data; name="{part}"\r\n\r\n{value}\r\n'
        for part, value in parts.items()
    )
    content = FORMS[name](f"{form}--edge--\r\n".encode())
    headers = {"content-type": "multipart/form-data; boundary=edge"}
    answer = leo.send("POST", upload["url"], content=content, headers=headers)
    survives(leo, answer)
    stored = answer.status_code == 204
    assert stored == (name == "itself twice")
    assert leo.send("GET", leo.get(f"/init-image/{upload['id']}")["url"]).status_code == (
        200 if stored else 404
    )


# --- requests that httpx would not send --------------------------------------------------------------


def raw(
    leo: Leo,
    method: str,
    path: str,
    *,
    query: bytes = b"",
    headers: list[tuple[bytes, bytes]] | None = None,
    body: bytes = b"",
) -> httpx.Response:
    """Send a request as a server hands it to an application, whatever is in it."""
    given = dict(headers or ())
    own = {
        b"host": b"leo.test",
        b"authorization": f"Bearer {leo.key}".encode(),
        b"content-length": b"%d" % len(body),
    }
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": httpx.URL(f"http://leo.test{path}").path if "%" in path else path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query,
        "headers": list({**own, **given}.items()),
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 5360),
        "state": {},
    }
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(leo.app(scope, receive, send))
    content = b"".join(message.get("body", b"") for message in sent[1:])
    answer = httpx.Response(sent[0]["status"], headers=sent[0]["headers"], content=content)
    assert answer.headers.get("x-mockleo-why") != "mockleo-bug"
    return answer
