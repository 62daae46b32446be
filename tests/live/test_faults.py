"""Faults as real clients meet them on real sockets; what was booked is looked up behind their backs."""

import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from mockleo.emulator import Emulator
from mockleo.probing import ControlRefused
from tests.runtime.receivers import PATIENCE_S

from .rig import KEY, LONG_MS, SMALL, Client, booked, clients

CREATE = "createGeneration"

# So long at most does a client of a test wait for an answer that never comes.
IMPATIENT_S = 0.02


def put(emulator: Emulator, **fault: Any) -> None:
    emulator.control("POST", "faults", {"id": "trouble", **fault})


def journal(emulator: Emulator, **filters: str) -> list[tuple[int, str]]:
    """Status and outcome of each exchange, oldest first."""
    query = "".join(f"&{name}={value}" for name, value in filters.items())
    found = emulator.control("GET", f"requests?order=oldest{query}")["requests"]
    return [(each["status"], each["outcome"]) for each in found]


# --- answers --------------------------------------------------------------------------------------

# A fault, what the client sees, how many jobs are booked by the first call, what the journal says.
BROKEN: list[tuple[dict[str, Any], type[httpx.HTTPError], int, tuple[int, str]]] = [
    ({"fault": "connection-reset"}, httpx.ReadError, 0, (0, "cut")),
    ({"fault": "connection-reset", "commit": True}, httpx.ReadError, 1, (0, "cut")),
    ({"fault": "connection-reset", "where": "head"}, httpx.ReadError, 0, (200, "cut")),
    ({"fault": "connection-reset", "where": "body"}, httpx.ReadError, 0, (200, "cut")),
    ({"fault": "connection-reset", "where": "body", "commit": True}, httpx.ReadError, 1, (200, "cut")),
    ({"fault": "connection-close"}, httpx.RemoteProtocolError, 0, (0, "cut")),
    ({"fault": "connection-close", "commit": True}, httpx.RemoteProtocolError, 1, (0, "cut")),
]


@pytest.mark.parametrize(
    ("fault", "raised", "jobs", "noted"), BROKEN, ids=lambda value: str(value)[:70].replace("'", "")
)
def test_a_connection_that_breaks(
    emulator: Emulator,
    client: Client,
    fault: dict[str, Any],
    raised: type[httpx.HTTPError],
    jobs: int,
    noted: tuple[int, str],
) -> None:
    put(emulator, **fault, nth=[1], operations=[CREATE])
    with pytest.raises(raised):
        client.ask("POST", "/generations", json=SMALL)
    assert len(booked(emulator)) == jobs
    assert journal(emulator) == [noted]
    # The client who tries again gets its answer on a new connection, and perhaps a second job.
    client.order()
    assert len(booked(emulator)) == jobs + 1


def test_a_reset_in_the_middle_of_the_body_lets_its_beginning_through(
    emulator: Emulator, client: Client
) -> None:
    put(emulator, fault="connection-reset", where="body", after_bytes=20, commit=True)
    with client.web.stream("POST", "/generations", json=SMALL) as answer:
        assert answer.status_code == 200
        assert answer.headers["x-mockleo-why"] == "fault=trouble; connection-reset"
        came: list[bytes] = []
        with pytest.raises(httpx.ReadError):
            came.extend(answer.iter_raw())
    assert b"".join(came) == b'{"sdGenerationJob":{'
    assert int(answer.headers["content-length"]) > 20


# Faults whose answer is whole HTTP: status, content type, whether it is JSON, jobs booked.
SPOILT: list[tuple[dict[str, Any], int, str, bool, int]] = [
    ({"fault": "status", "status": 503}, 503, "application/json; charset=utf-8", True, 0),
    ({"fault": "status", "status": 503, "commit": True}, 503, "application/json; charset=utf-8", True, 1),
    ({"fault": "throttle", "retry_after": 7}, 429, "application/json; charset=utf-8", True, 0),
    ({"fault": "gateway-error"}, 502, "text/html; charset=utf-8", False, 0),
    ({"fault": "html-page"}, 200, "text/html; charset=utf-8", False, 0),
    ({"fault": "empty-body"}, 200, "application/json; charset=utf-8", False, 0),
    ({"fault": "truncated-json"}, 200, "application/json; charset=utf-8", False, 1),
    ({"fault": "wrong-type"}, 200, "text/plain", True, 1),
]


@pytest.mark.parametrize(("fault", "status", "content_type", "is_json", "jobs"), SPOILT, ids=str)
def test_an_answer_that_is_no_good(
    emulator: Emulator,
    client: Client,
    fault: dict[str, Any],
    status: int,
    content_type: str,
    is_json: bool,
    jobs: int,
) -> None:
    put(emulator, **fault)
    answer = client.ask("POST", "/generations", json=SMALL)
    assert (answer.status_code, answer.headers["content-type"]) == (status, content_type)
    assert answer.headers["x-mockleo-why"] == f"fault=trouble; {fault['fault']}"
    assert answer.headers.get("retry-after") == ("7" if "retry_after" in fault else None)
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert decodes(answer) == is_json
    assert len(booked(emulator)) == jobs
    # The connection is as good as ever: the same one is used again.
    assert client.ask("GET", "/me", headers={"connection": "keep-alive"}).headers["content-length"]


def decodes(answer: httpx.Response) -> bool:
    try:
        answer.json()
    except ValueError:
        return False
    return True


def test_a_client_that_does_not_wait_has_paid(emulator: Emulator, client: Client) -> None:
    """The job is booked before the answer is late: who times out and orders again has two."""
    put(emulator, fault="latency", ms=60_000, nth=[1])
    with pytest.raises(httpx.ReadTimeout):
        client.ask("POST", "/generations", json=SMALL, timeout=IMPATIENT_S)
    emulator.control("POST", "requests/wait_for", {"status": "0"})
    assert journal(emulator) == [(0, "gone")]
    client.order()
    assert len(booked(emulator)) == 2


def test_a_client_that_waits_has_its_answer(emulator: Emulator, client: Client) -> None:
    put(emulator, fault="slow-body", piece_bytes=16, piece_ms=1_000)
    with ThreadPoolExecutor(1) as pool:
        ordering = pool.submit(client.order)
        while not emulator.app.transmitter._waits:
            time.sleep(0)
        emulator.advance(1_000)
        assert not ordering.done()
        emulator.advance(60_000)
        assert [job["id"] for job in booked(emulator)] == [ordering.result(PATIENCE_S)]


@pytest.mark.parametrize("mode", ["real", "x60", "auto"])
def test_nobody_listens_for_a_while(mode: str) -> None:
    with Emulator(seed=7, time=mode) as emulator, clients(emulator, KEY) as (client,):
        put(emulator, fault="outage", for_ms=20 * (60 if mode == "x60" else 1), times=1, commit=True)
        with pytest.raises(httpx.ReadError):
            client.order()
        refusals = 0
        while True:
            try:
                client.order()
                break
            except httpx.ConnectError:
                refusals += 1
                time.sleep(0.001)
        assert refusals > 0
        assert len(booked(emulator)) == 2


def test_an_outage_cannot_be_where_it_would_never_end(emulator: Emulator) -> None:
    with pytest.raises(ControlRefused, match=r"^400: fault: an outage would never end") as told:
        put(emulator, fault="outage")
    assert told.value.field == "fault"
    assert emulator.control("GET", "faults") == {"faults": []}


def test_a_fault_is_one_accounts(emulator: Emulator, client: Client) -> None:
    with clients(emulator, "another-client") as (other,):
        put(emulator, fault="status", status=500, account=client.user_id)
        assert client.ask("GET", "/me").status_code == 500
        assert other.ask("GET", "/me").status_code == 200


def test_jobs_that_go_wrong(emulator: Emulator, client: Client) -> None:
    balance = client.credits
    faults = [
        {"fault": "job-fails", "nth": [1]},
        {"fault": "job-never-ends", "nth": [2]},
        {"fault": "fewer-images", "images": 1, "nth": [3]},
        {"fault": "job-late", "nth": [4]},
    ]
    emulator.control("POST", "faults", faults)
    jobs = [client.order(num_images=2) for _ in range(5)]
    (price,) = {job["cost"] for job in booked(emulator)}
    assert balance - client.credits == 5 * price
    emulator.advance(LONG_MS)
    assert [client.status(job) for job in jobs] == ["FAILED", "PENDING", "COMPLETE", "PENDING", "COMPLETE"]
    emulator.advance(24 * 3_600_000)
    assert [client.status(job) for job in jobs[:4]] == ["FAILED", "PENDING", "COMPLETE", "COMPLETE"]
    # What failed is paid back, the rest is not.
    assert balance - client.credits == 4 * price
    fewer = client.ask("GET", f"/generations/{jobs[2]}").json()["generations_by_pk"]["generated_images"]
    assert len(fewer) == 1


# --- assets and uploads ---------------------------------------------------------------------------


@pytest.fixture
def image_url(emulator: Emulator, client: Client) -> str:
    """Where a finished image is."""
    generation = client.order()
    emulator.advance(LONG_MS)
    return client.image_url(generation)


def test_an_asset_that_is_not_there_yet(emulator: Emulator, client: Client, image_url: str) -> None:
    put(emulator, fault="asset-status", status=404, attempts=2)
    statuses = [client.fetch(image_url).status_code for _ in range(3)]
    assert statuses == [404, 404, 200]
    assert journal(emulator, operation="cdn.get") == [(status, "answered") for status in statuses]


def test_an_asset_that_ends_too_early(emulator: Emulator, client: Client, image_url: str) -> None:
    whole = client.fetch(image_url).content
    put(emulator, fault="asset-truncated", attempts=1)
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        client.fetch(image_url)
    assert client.fetch(image_url).content == whole
    emulator.control("DELETE", "faults")
    put(emulator, fault="asset-truncated", quiet=True)
    assert client.fetch(image_url).content == whole[: len(whole) // 2]


def test_an_asset_that_is_something_else(emulator: Emulator, client: Client, image_url: str) -> None:
    whole = client.fetch(image_url)
    assert Image.open(BytesIO(whole.content)).size == (64, 64)
    put(emulator, fault="asset-corrupt")
    corrupt = client.fetch(image_url)
    assert corrupt.headers["content-type"] == "image/jpeg"
    assert len(corrupt.content) == len(whole.content)
    assert corrupt.content != whole.content
    emulator.control("DELETE", "faults")
    put(emulator, fault="asset-html")
    page = client.fetch(image_url)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    emulator.control("DELETE", "faults")
    put(emulator, fault="asset-wrong-type")
    assert client.fetch(image_url).headers["content-type"] == "application/octet-stream"


def test_an_asset_that_comes_slowly(emulator: Emulator, client: Client, image_url: str) -> None:
    whole = client.fetch(image_url).content
    put(emulator, fault="asset-slow", piece_bytes=100, piece_ms=1_000)
    with ThreadPoolExecutor(1) as pool:
        fetching = pool.submit(client.fetch, image_url)
        while not emulator.app.transmitter._waits:
            time.sleep(0)
        assert not fetching.done()
        emulator.advance(60_000)
        assert fetching.result(PATIENCE_S).content == whole


@pytest.mark.parametrize(
    ("fault", "statuses", "reads"),
    [
        ({"fault": "form-expired"}, [403, 204], 200),
        ({"fault": "upload-unavailable", "operations": ["s3.post"]}, [503, 204], 200),
        ({"fault": "object-lost"}, [204, 204], 200),
        ({"fault": "object-lost", "first": None}, [204, 204], 404),
    ],
    ids=str,
)
def test_an_upload_that_goes_wrong(
    emulator: Emulator, client: Client, fault: dict[str, Any], statuses: list[int], reads: int
) -> None:
    put(emulator, **{"first": 1, **fault})
    form = client.form()
    answers = [client.upload(form, content=b"a picture") for _ in range(2)]
    assert [answer.status_code for answer in answers] == statuses
    assert answers[0].headers["x-mockleo-why"].endswith(f"fault=trouble; {fault['fault']}")
    shown = client.ask("GET", f"/init-image/{form['id']}").json()["init_images_by_pk"]
    read = client.fetch(shown["url"])
    assert (read.status_code, read.content == b"a picture") == (reads, reads == 200)


def test_a_storage_that_is_slow(emulator: Emulator, client: Client) -> None:
    put(emulator, fault="upload-slow", wait_ms=5_000)
    form = client.form()
    with ThreadPoolExecutor(1) as pool:
        uploading = pool.submit(client.upload, form)
        while not emulator.app.transmitter._waits:
            time.sleep(0)
        emulator.advance(4_999)
        assert not uploading.done()
        emulator.advance(1)
        assert uploading.result(PATIENCE_S).status_code == 204
