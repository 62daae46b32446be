"""Who may tell an emulator what to do, asked over real HTTP; and that two of them are two."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from mockleo.emulator import Emulator
from mockleo.probing import ControlRefused
from mockleo.runtime.clock import Mode
from mockleo.settings import BadSetting
from tests.processes import run, serving
from tests.runtime.receivers import PATIENCE_S

from .rig import KEY, LONG_MS, SMALL, Client, Street, booked, clients, deliveries, make_key

TOKEN = "swordfish-and-chips"
EVERYWHERE = "0.0.0.0"  # noqa: S104  that it is everywhere is the point


def no(answer: httpx.Response) -> tuple[int, str | None]:
    """Status and field of a refusal, which leaves nothing to a page to read."""
    assert not [name for name in answer.headers if name.startswith("access-control-")]
    body = answer.json()
    assert set(body) == {"error", "field"}
    return answer.status_code, body["field"]


@pytest.fixture
def web(emulator: Emulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{emulator.url}/_mockleo", trust_env=False) as web:
        yield web


# --- the door -------------------------------------------------------------------------------------

PATHS = [("GET", "/health"), ("POST", "/reset"), ("GET", "/state"), ("GET", "/ready"), ("GET", "/nothing")]


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Host", "evil.example"),
        ("Host", "127.0.0.1.evil.example"),
        ("Host", "10.0.0.1"),
        ("Host", "localhost@evil.example"),
        ("Origin", "https://evil.example"),
        ("Origin", "null"),
        ("Origin", "http://127.0.0.1:1"),
    ],
)
def test_a_foreign_page_gets_nothing_and_does_nothing(
    emulator: Emulator, client: Client, web: httpx.Client, header: str, value: str
) -> None:
    client.order()
    for method, path in PATHS:
        assert no(web.request(method, path, headers={header: value})) == (403, header)
    assert len(booked(emulator)) == 1


@pytest.mark.parametrize("method", ["OPTIONS", "POST"])
def test_a_browser_is_not_told_that_it_may(web: httpx.Client, method: str) -> None:
    headers = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    assert no(web.request(method, "/reset", headers=headers)) == (403, "Origin")


def test_the_emulated_api_lets_pages_in(emulator: Emulator, client: Client) -> None:
    """That is the service's own business, and not the operator's."""
    answer = client.ask("GET", "/me", headers={"origin": "https://app.example", "host": "api.example"})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")


def test_others_need_the_token() -> None:
    with Emulator(seed=7, time="manual", host=EVERYWHERE, control_token=TOKEN) as emulator:
        port = emulator.settings.port
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as web:
            for method, path in PATHS:
                answer = web.request(method, f"/_mockleo{path}")
                if path == "/ready":
                    assert answer.json() == {"ready": True}
                    continue
                assert no(answer) == (401, "Authorization")
                wrong = web.request(method, f"/_mockleo{path}", headers={"authorization": f"Bearer {TOKEN}x"})
                assert no(wrong) == (401, "Authorization")
            shown = {"authorization": f"Bearer {TOKEN}", "host": "mockleo:5360"}
            assert web.get("/_mockleo/health", headers=shown).json()["status"] == "ok"
            page = {**shown, "origin": "https://evil.example"}
            assert no(web.get("/_mockleo/health", headers=page)) == (403, "Origin")
        assert emulator.control("GET", "health")["accounts"] == 0


def test_without_a_token_it_is_not_everybodys() -> None:
    before = threading.active_count()
    with pytest.raises(BadSetting, match="set control-token as well"):
        Emulator(host=EVERYWHERE)
    assert threading.active_count() == before
    for host in (EVERYWHERE, "::", "192.168.1.1"):
        done = run("serve", "--port", "0", "--host", host)
        assert (done.returncode, "control-token" in done.stderr) == (2, True)


def test_a_process_that_is_everybodys_wants_its_token() -> None:
    with serving("--host", EVERYWHERE, "--control-token", TOKEN) as told:
        url = f"http://127.0.0.1:{told['url'].rpartition(':')[2]}/_mockleo/reset"
        assert no(httpx.post(url, trust_env=False)) == (401, "Authorization")
        shown = {"authorization": f"Bearer {TOKEN}"}
        assert httpx.post(url, headers=shown, trust_env=False).json() == {"reset": True}


# --- bad input ------------------------------------------------------------------------------------

BAD: list[tuple[str, str, Any, tuple[int, str | None]]] = [
    ("POST", "faults", {"fault": "explosion"}, (400, "fault")),
    ("POST", "faults", {"fault": "status"}, (400, "status")),
    ("POST", "faults", {"fault": "status", "status": 99}, (400, "status")),
    ("POST", "faults", {"fault": "status", "status": 500, "nth": [0]}, (400, "nth")),
    ("POST", "faults", {"fault": "status", "status": 500, "operations": ["createX"]}, (400, "operations")),
    ("POST", "faults", [{"fault": "empty-body"}, {"fault": "latency"}], (400, "[1].ms")),
    ("POST", "keys", {"key": "x", "webhook_url": "ftp://127.0.0.1"}, (400, "webhook_url")),
    ("POST", "keys", {"key": "x", "webhook_key": "y"}, (400, "webhook_key")),
    ("POST", "keys", {"account": "nobody"}, (404, "account")),
    ("POST", "clock", {"mode": "sideways"}, (400, "mode")),
    ("POST", "clock", {"mode": "real", "pace": 0}, (400, "pace")),
    ("POST", "clock/advance", b'{"by_ms":1e', (400, "body")),
    ("POST", "clock/advance", b"\xff", (400, "body")),
    ("POST", "faults", b"[" * 10_000, (400, "body")),
    ("POST", "faults", b" " * (1 << 20) + b"{}", (413, "body")),
    ("POST", "keys", b"null", (400, "body")),
    ("POST", "jobs/nobody", {"event": "FINISH"}, (404, "id")),
    ("POST", "webhooks/1/redeliver", {}, (404, "n")),
    ("POST", "requests/wait_for", {"count": 0}, (400, "count")),
    ("GET", "requests?limit=none", None, (400, "limit")),
    ("GET", "requests?limits=1", None, (400, "limits")),
    ("PUT", "faults", {}, (405, "method")),
    ("GET", "nowhere", None, (404, "path")),
]


@pytest.mark.parametrize(("method", "path", "body", "wanted"), BAD, ids=lambda value: str(value)[:60])
def test_bad_input_is_named_and_changes_nothing(
    emulator: Emulator,
    web: httpx.Client,
    method: str,
    path: str,
    body: Any,
    wanted: tuple[int, str | None],
) -> None:
    before = {path: web.get(path).json() for path in ("/clock", "/faults", "/keys", "/accounts")}
    content = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    assert no(web.request(method, f"/{path}", headers=headers, content=content)) == wanted
    assert {path: web.get(path).json() for path in before} == before


# --- two at once ----------------------------------------------------------------------------------


def test_two_in_one_process_do_not_disturb_each_other(
    emulator: Emulator, client: Client, street: Street
) -> None:
    mine, its = street.receiver(), street.receiver()
    with Emulator(seed=8, time="manual", credits=100) as other, clients(other, KEY) as (stranger,):
        make_key(emulator, KEY, mine.url)
        make_key(other, KEY, its.url)
        other.control("POST", "faults", {"fault": "status", "status": 503, "operations": ["getUserSelf"]})
        assert (client.ask("GET", "/me").status_code, stranger.ask("GET", "/me").status_code) == (200, 503)
        job = client.order()
        theirs = stranger.order()
        assert job != theirs
        assert stranger.ask("GET", f"/generations/{job}").json() == {"generations_by_pk": None}
        still_ms = emulator.control("GET", "clock")["now_ms"]
        other.advance(LONG_MS)
        assert emulator.control("GET", "clock")["now_ms"] == still_ms
        assert (stranger.status(theirs), client.status(job)) == ("COMPLETE", "PENDING")
        assert (len(its.came), len(mine.came)) == (1, 0)
        other.control("POST", "clock", {"mode": "auto"})
        other.reset()
        assert emulator.app.clock.mode is Mode.MANUAL
        assert (len(booked(emulator)), len(booked(other))) == (1, 0)
        emulator.advance(LONG_MS)
        assert (len(its.came), len(mine.came)) == (1, 1)
        assert [each["job_id"] for each in deliveries(emulator)] == [job]
    # The other one has gone, and takes nothing along.
    assert client.status(job) == "COMPLETE"


def test_two_at_once_under_load() -> None:
    """Each books what its own clients order, while both are at work."""
    with (
        Emulator(seed=7, time="auto") as one,
        Emulator(seed=7, time="manual") as other,
        ThreadPoolExecutor(4) as pool,
    ):

        def many(emulator: Emulator, key: str) -> int:
            with clients(emulator, key) as (client,):
                return sum(client.ask("POST", "/generations", json=SMALL).is_success for _ in range(25))

        orders = [
            pool.submit(many, emulator, key) for emulator in (one, other) for key in ("a-client", "b-client")
        ]
        assert [each.result(PATIENCE_S) for each in orders] == [25, 25, 25, 25]
        for emulator in (one, other):
            assert emulator.control("GET", "requests/count")["count"] == 50
            assert emulator.control("GET", "jobs")["total"] == 50


def test_what_one_says_no_to_the_other_may_allow(emulator: Emulator) -> None:
    with Emulator(seed=7, time="auto") as other:
        other.control("POST", "faults", {"fault": "outage"})
        with pytest.raises(ControlRefused, match="an outage would never end"):
            emulator.control("POST", "faults", {"fault": "outage"})
