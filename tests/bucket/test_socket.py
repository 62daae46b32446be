"""The same over a real socket, where bytes matter: paths as they are sent, bodies that wait for leave."""

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import uvicorn
from botocore.exceptions import ClientError  # type: ignore[import-untyped]  # it ships no types

from mockleo.bucket.service import Bucket
from mockleo.bucket.store import Store

from .aws import client
from .rig import CREDENTIALS, NAME, REGION
from .test_objects import HOSTILE

SIZE_BYTES_MAX = 1_000_000


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A bucket at a port of its own, on the wall's clock, as the library signs by it."""
    store = Store()
    app = Bucket(
        name=NAME,
        region=REGION,
        credentials=CREDENTIALS,
        store=store,
        now_ms=lambda: time.time_ns() // 1_000_000,
        on_stored=lambda stored: None,
        size_bytes_max=SIZE_BYTES_MAX,
    )
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        started = threading.Event()
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="warning", access_log=False))
        startup = server.startup

        async def start(sockets: Any = None) -> None:
            await startup(sockets)
            started.set()

        server.startup = start  # type: ignore[method-assign]  # to be told when it listens
        thread = threading.Thread(target=server.run, args=([listener],), name="bucket")
        thread.start()
        assert started.wait(30)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/s3"
        server.should_exit = True
        thread.join()
    store.close()


@pytest.fixture(params=["s3v4", "s3"])
def s3(request: pytest.FixtureRequest, endpoint: str) -> Iterator[Any]:
    made = client(endpoint=endpoint, version=request.param)
    yield made
    made.close()


def test_a_bucket_from_beginning_to_end(s3: Any) -> None:
    s3.create_bucket(Bucket="from-to", ACL="public-read-write")
    assert {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]} == {"from-to", NAME}
    for key in HOSTILE:
        s3.put_object(Bucket="from-to", Key=key, Body=key.encode())
    for key in HOSTILE:
        assert s3.get_object(Bucket="from-to", Key=key)["Body"].read() == key.encode()
    found = s3.list_objects_v2(Bucket="from-to")["Contents"]
    assert sorted(each["Key"] for each in found) == sorted(HOSTILE)
    for key in HOSTILE:
        s3.delete_object(Bucket="from-to", Key=key)
    s3.delete_bucket(Bucket="from-to")


def test_a_presigned_form_and_where_it_leads(s3: Any, endpoint: str) -> None:
    s3.create_bucket(Bucket="forms", ACL="public-read-write")
    leads = f"{endpoint}/forms"
    form = s3.generate_presigned_post(
        "forms",
        "u/${filename}",
        Fields={"success_action_redirect": leads},
        Conditions=[{"success_action_redirect": leads}],
    )
    with httpx.Client(trust_env=False, follow_redirects=True) as sender:
        answer = sender.post(form["url"], data=form["fields"], files={"file": ("cat.png", b"meow")})
    assert answer.status_code == 200
    found = s3.get_object(Bucket="forms", Key="u/cat.png")
    assert (found["Body"].read(), found["ContentType"]) == (b"meow", "binary/octet-stream")
    etag = found["ETag"].strip('"')
    assert str(answer.url) == f"{leads}?bucket=forms&key=u%2Fcat.png&etag=%22{etag}%22"
    assert b"<Key>u/cat.png</Key>" in answer.content
    s3.delete_object(Bucket="forms", Key="u/cat.png")
    s3.delete_bucket(Bucket="forms")


def test_a_form_in_chunks(s3: Any) -> None:
    form = s3.generate_presigned_post(NAME, "chunked")
    request = httpx.Request("POST", form["url"], data=form["fields"], files={"file": b"meow"})
    body, kind = request.read(), request.headers["content-type"]

    def pieces() -> Iterator[bytes]:
        yield body[:100]
        yield body[100:]

    with httpx.Client(trust_env=False) as sender:
        answer = sender.post(form["url"], content=pieces(), headers={"content-type": kind})
    assert (answer.request.headers["transfer-encoding"], answer.status_code) == ("chunked", 204)
    s3.delete_object(Bucket=NAME, Key="chunked")


def test_a_body_that_is_too_large_waits_for_leave_and_gets_none(s3: Any) -> None:
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=NAME, Key="k", Body=b"x" * (SIZE_BYTES_MAX + 1))
    told = caught.value.response["Error"]
    assert (told["Code"], told["ProposedSize"]) == ("EntityTooLarge", str(SIZE_BYTES_MAX + 1))


def test_ranges(s3: Any) -> None:
    s3.put_object(Bucket=NAME, Key="ten", Body=b"0123456789")
    part = s3.get_object(Bucket=NAME, Key="ten", Range="bytes=2-4")
    assert (part["Body"].read(), part["ContentRange"], part["ContentLength"]) == (b"234", "bytes 2-4/10", 3)
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=NAME, Key="ten", Range="bytes=10-")
    assert caught.value.response["Error"]["Code"] == "InvalidRange"
    s3.delete_object(Bucket=NAME, Key="ten")
