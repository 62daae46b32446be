"""A key that is used everywhere, over real HTTP, is found in no byte that a process prints or tells."""

import json
import re
import socket
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from tests.processes import MOCKLEO, PATIENCE_S, environment
from tests.runtime.receivers import Behaviour, answering

from .rig import SMALL, Street

CANARY = "canary-9876543210-zyxwvutsrqponmlkjihgfe"
BEARER = f"webhook-{CANARY[::-1]}"
TOKEN = f"control-{CANARY[::-1].upper()}"
SECRETS = (CANARY, BEARER, TOKEN)

assert len(CANARY) == 40


class Process:
    """A server that has been started, and has printed `told` when it was ready."""

    def __init__(self, told: bytes, folder: Path) -> None:
        self.url: str = json.loads(told)["url"]
        self.told = told
        self._folder = folder

    @property
    def printed(self) -> bytes:
        """All that it has printed, once it has been stopped."""
        return b"".join((self._folder / name).read_bytes() for name in ("out", "err"))


@contextmanager
def serving(folder: Path, *arguments: str, command: tuple[str, ...] = MOCKLEO) -> Iterator[Process]:
    """`mockleo serve` for as long as the block lasts; what it prints is kept in `folder`."""
    with (folder / "err").open("wb") as err:
        process = subprocess.Popen(
            [*command, "serve", "--json", "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            stderr=err,
            env=environment(),
        )
    assert process.stdout is not None
    try:
        told = process.stdout.readline()
        assert told, (folder / "err").read_text()
        yield Process(told, folder)
    finally:
        process.terminate()
        (folder / "out").write_bytes(process.stdout.read())
        process.wait(PATIENCE_S)
        process.stdout.close()


# Bytes that are no HTTP, or hardly.
MALFORMED = [
    b"%s\r\n\r\n",
    b"GET /%s HTTP/9.9\r\n\r\n",
    b"%s / HTTP/1.1\r\nhost: x\r\n\r\n",
    b"GET %s HTTP/1.1\r\nhost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\n%s\r\n\r\n",
    b"GET / HTTP/1.1\r\n%s : 1\r\n\r\n",
    b"GET / HTTP/1.1\r\nhost: %s\r\nhost: %s\r\n\r\n",
    b"POST /api/rest/v1/generations HTTP/1.1\r\nauthorization: Bearer %s\r\ncontent-length: %s\r\n\r\n",
    b"POST /api/rest/v1/generations HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n%s\r\n",
    b"POST /api/rest/v1/me HTTP/1.1\r\nauthorization: Bearer %s\r\ncontent-length: 99\r\n\r\n%s",
    b"GET /api/rest/v1/me HTTP/1.1\r\nhost: x\r\nauthorization: Bearer\x00%s\r\n\r\n",
    b"GET /api/rest/v1/me HTTP/1.1\r\nhost: x\r\nx: " + b"x" * 70_000 + b"%s\r\n\r\n",
    b"\x16\x03\x01%s\x00",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n%s",
]


def speak(url: str, raw: bytes) -> bytes:
    """Send these bytes, hang up half, and return what comes."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE_S) as connection:
        came = b""
        try:
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65_536):
                came += piece
        except ConnectionError:
            pass
        return came


def leave_it_everywhere(url: str, hook: str) -> None:
    """Use the key wherever a client or an operator can put it, in the wrong places above all."""
    api, control = f"{url}/api/rest/v1", f"{url}/_mockleo"
    operator = {"authorization": f"Bearer {TOKEN}"}
    shown = {"authorization": f"Bearer {CANARY}"}
    key = {"key": CANARY, "webhook_url": hook, "webhook_key": BEARER, "payload": "legacy2023", "name": CANARY}
    with httpx.Client(trust_env=False, timeout=PATIENCE_S) as web:
        assert web.post(f"{control}/keys", json=key, headers=operator).status_code == 201
        for body in ({**SMALL, "prompt": f"a {CANARY} of {BEARER}"}, {**SMALL, CANARY: CANARY}):
            web.post(f"{api}/generations", json=body, headers=shown)
        for text in (f'{{"prompt": "{CANARY}', f'"{CANARY}"', f"\x00{CANARY}", f"prompt={CANARY}"):
            web.post(f"{api}/generations", content=text, headers=shown)
        web.post(f"{api}/generations", content=b"\xff\xfe" + CANARY.encode(), headers=shown)
        for authorization in (CANARY, f"Basic {CANARY}", f"bearer  {CANARY}", f"Bearer {CANARY} {CANARY}"):
            web.get(f"{api}/me", headers={"authorization": authorization})
        web.get(f"{api}/me?key={quote(CANARY)}&{CANARY}=1", headers=shown)
        web.get(f"{api}/me", headers={**shown, "x-key": CANARY, f"x-{CANARY}": "1", "cookie": f"k={CANARY}"})
        web.get(f"{api}/me", headers={**shown, "host": CANARY, "origin": f"http://{CANARY}"})
        for path in (
            f"api/rest/v1/{CANARY}",
            f"api/{CANARY}",
            CANARY,
            f"s3/{CANARY}/{CANARY}",
            f"cdn/{CANARY}",
        ):
            for method in ("GET", "POST", "DELETE", "PUT"):
                web.request(method, f"{url}/{path}?{CANARY}", headers={"referer": f"{url}/?{CANARY}"})
        form = web.post(f"{api}/init-image", json={"extension": "png"}, headers=shown).json()[
            "uploadInitImage"
        ]
        fields = {**json.loads(form["fields"]), "x-amz-meta-key": CANARY, CANARY: CANARY}
        web.post(form["url"], data=fields, files={"file": (CANARY, CANARY.encode())})
        for path in ("keys", "faults", "clock", "jobs/wait_for", "state", "reset", f"jobs/{CANARY}", CANARY):
            for given in ({"key": CANARY}, {CANARY: 1}, {"fault": CANARY}, {"mode": CANARY}, [CANARY]):
                web.post(f"{control}/{path}", json=given, headers=shown)
                if path not in {"state", "reset"}:
                    web.post(f"{control}/{path}", json=given, headers=operator)
        fault = {"fault": "webhook-wrong-bearer", "bearer": CANARY, "nth": [9]}
        web.post(f"{control}/faults", json=fault, headers=operator)
        web.post(f"{control}/clock/advance", json={"by_ms": 300_000}, headers=operator)
    for raw in MALFORMED:
        speak(url, raw.replace(b"%s", CANARY.encode()))


def told_of(url: str) -> Iterator[tuple[str, bytes]]:
    """Whatever the operator can ask for, but for what he asks for by its name."""
    operator = {"authorization": f"Bearer {TOKEN}"}
    with httpx.Client(trust_env=False, headers=operator, timeout=PATIENCE_S) as web:
        document = web.get(f"{url}/_mockleo/openapi.json").json()
        for path, methods in document["paths"].items():
            name = path.removeprefix("/_mockleo/").strip("/")
            if "get" not in methods or name in {"environment", "bucket"}:
                continue
            for real in paths_of(web, url, name):
                yield name, web.get(f"{url}/_mockleo/{real}").content
        for method in ("HEAD", "OPTIONS", "TRACE"):
            answer = web.request(method, f"{url}/_mockleo/health")
            yield method, answer.content + repr(answer.headers.raw).encode()


def paths_of(web: httpx.Client, url: str, name: str) -> list[str]:
    """The path, once for each thing that it can name."""
    noun, _, rest = name.partition("/{")
    if not rest:
        return [f"{name}?limit=1000", name]
    found = web.get(f"{url}/_mockleo/{noun}").json()[noun]
    handle = rest.rstrip("}")
    return [f"{noun}/{each[handle]}" for each in found] or [f"{noun}/{CANARY}"]


def secrets_in(content: bytes) -> list[str]:
    """The secrets that are in there, as they are or in bytes that are told in base64."""
    told = [content, *(b64decode(each) for each in re.findall(rb'"base64":"([^"]*)"', content))]
    return [secret for secret in SECRETS if any(secret.lower().encode() in each.lower() for each in told)]


def repeating(secret: str) -> Behaviour:
    """Answer with the secret everywhere, as a receiver does that echoes what it is sent."""
    return answering(f"HTTP/1.1 500 {secret}\r\nx-{secret}: 1\r\n\r\n{{'{secret}': '{secret}'}}".encode())


def test_a_key_is_printed_and_told_nowhere(street: Street, tmp_path: Path) -> None:
    hook = f"{street.receiver(repeating(BEARER)).url}&key={CANARY}"
    with serving(tmp_path, "--control-token", TOKEN, "--time", "manual") as process:
        leave_it_everywhere(process.url, hook)
        answers = list(told_of(process.url))
    told = {name for name, content in answers}
    assert {"record", "state", "requests", "requests/{n}", "webhooks/{n}", "health", "jobs/{id}"} <= told
    assert [name for name, content in answers if secrets_in(content)] == []
    assert all(b"Traceback" not in content for _, content in answers)
    assert secrets_in(process.printed) == []


# A server in which something is broken at each place where there is something to break: an
# endpoint, the CDN, the bucket, a webhook, the operator's API, and a task that nobody looks at.
BROKEN = """
import asyncio
import mockleo.wire.endpoints as endpoints
from mockleo.bucket.service import Bucket
from mockleo.control import clock
from mockleo.wire import assets, webhooks

def breaks(*_, **__):
    raise RuntimeError("with {canary}")

def breaks_beside(*_, **__):
    asyncio.get_running_loop().call_soon(breaks)
    breaks()

async def breaks_later(*_, **__):
    breaks()

endpoints.HANDLERS["getUserSelf"] = breaks_beside
assets.find = breaks
Bucket._answer = breaks_later
webhooks.Author.write = breaks
clock.clock_state = breaks

from mockleo.cli import main
main()
"""
PLACES = 7


def test_a_bug_of_ours_does_not_print_it_either(street: Street, tmp_path: Path) -> None:
    broken = (sys.executable, "-c", BROKEN.format(canary=CANARY))
    shown, operator = ({"authorization": f"Bearer {secret}"} for secret in (CANARY, TOKEN))
    with serving(tmp_path, "--time", "manual", "--control-token", TOKEN, command=broken) as process:
        url = process.url

        def ask(method: str, path: str, headers: Mapping[str, str], body: object = None) -> httpx.Response:
            return httpx.request(method, f"{url}/{path}", headers=headers, json=body, trust_env=False)

        key = {"key": CANARY, "webhook_url": street.receiver().url, "webhook_key": BEARER}
        assert ask("POST", "_mockleo/keys", operator, key).status_code == 201
        assert ask("POST", "api/rest/v1/generations", shown, SMALL).status_code == 200
        # Time is moved, and then it cannot be told what time it is.
        answers = [
            ask("POST", "_mockleo/clock/advance", operator, {"by_ms": 300_000}),
            ask("GET", "api/rest/v1/me", shown),
            ask("GET", f"cdn/{CANARY}", shown),
            ask("GET", f"s3/{CANARY}/{CANARY}", shown),
        ]
        assert [answer.status_code for answer in answers] == [500] * len(answers)
        (delivery,) = ask("GET", "_mockleo/webhooks", operator).json()["webhooks"]
        assert delivery["attempts"][0]["error"] == "mockleo: a bug of the emulator, see its log"
        assert ask("GET", "_mockleo/health", operator).status_code == 500
        said = list(told_of(url))
    assert secrets_in(b"".join(answer.content for answer in answers)) == []
    assert [name for name, content in said if secrets_in(content)] == []
    # The log tells what broke, each time, and of the key only that it was there.
    assert process.printed.count(b"RuntimeError: with [redacted]") >= PLACES
    assert process.printed.count(b"Traceback") >= PLACES
    assert secrets_in(process.printed) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("--keys", "strict", "--api-key", CANARY),
        ("--webhook-key", CANARY),
        ("--webhook", f"http://user:{CANARY}@127.0.0.1/"),
        ("--webhook", f"http://example.com/?{CANARY}"),
        ("--webhook", "http://127.0.0.1/", "--webhook-key", f"{CANARY}\n"),
        ("--host", "0.0.0.0", "--api-key", CANARY),  # noqa: S104  refused is what is tested
    ],
    ids=lambda value: value[0],
)
def test_a_setting_that_cannot_be_does_not_print_it(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        [*MOCKLEO, "serve", "--port", "0", *arguments],
        capture_output=True,
        timeout=PATIENCE_S,
        env=environment(),
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(b"mockleo: ")
    assert not secrets_in(done.stdout + done.stderr)


def test_a_banner_does_not_print_the_operators_own_key(street: Street, tmp_path: Path) -> None:
    with serving(
        tmp_path, "--api-key", CANARY, "--webhook", street.receiver().url, "--webhook-key", BEARER
    ) as process:
        pass
    assert not secrets_in(process.told + process.printed)


def test_looking_finds_it() -> None:
    """What these tests look with does see a key where there is one."""
    assert secrets_in(f"x{CANARY}y".encode()) == [CANARY]
    assert secrets_in(b'{"base64":"%s"}' % b64encode(BEARER.encode())) == [BEARER]
    assert secrets_in(CANARY[:-1].encode()) == []
