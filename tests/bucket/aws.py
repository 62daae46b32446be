"""AWS's own library as the client: it signs and reads, and its requests go to a `Rig` without a socket."""

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

import boto3  # type: ignore[import-untyped]  # it ships no types
from botocore.awsrequest import AWSPreparedRequest, AWSResponse  # type: ignore[import-untyped]
from botocore.config import Config  # type: ignore[import-untyped]  # nor do these

from .rig import CREDENTIALS, REGION, Rig

ENDPOINT = "http://127.0.0.1:5360/s3"


class _Raw:
    """A body as urllib3 hands it on."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield self.read()

    def read(self, *_: object, **__: object) -> bytes:
        body, self._body = self._body, b""
        return body


@cache
def _session() -> Any:
    """One for all: it is what takes the time to make."""
    return boto3.session.Session()


def client(
    rig: Rig | None = None,
    *,
    version: str | None = None,
    session: bool = False,
    access_key_id: str = CREDENTIALS.access_key_id,
    secret_access_key: str = CREDENTIALS.secret_access_key,
    endpoint: str = ENDPOINT,
    region: str = REGION,
    **config: Any,
) -> Any:
    """A boto3 client whose requests `rig` answers; without one, it speaks to `endpoint`."""
    made = _session().client(
        "s3",
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=access_key_id,
        aws_secret_access_key=secret_access_key,
        aws_session_token=CREDENTIALS.session_token if session else None,
        config=Config(
            signature_version=version, s3={"addressing_style": "path"}, retries={"max_attempts": 0}, **config
        ),
    )
    if rig is not None:

        def answer(request: AWSPreparedRequest, **_: object) -> AWSResponse:
            return deliver(rig, request.method, request.url, request.headers, request.body)

        made.meta.events.register("before-send.s3", answer)
    return made


def deliver(
    rig: Rig, method: str, url: str, headers: Mapping[str, Any] | None = None, body: Any = None
) -> AWSResponse:
    """Send a request as it would stand on the wire."""
    parts = urlsplit(url)
    sent = {"host": parts.netloc}
    for name, value in (headers or {}).items():
        sent[name.lower()] = value.decode() if isinstance(value, bytes) else str(value)
    data = body.read() if hasattr(body, "read") else body or b""
    chunk = data.encode() if isinstance(data, str) else bytes(data)
    answer = rig.ask(
        method, unquote(parts.path), query=parts.query, headers=sent, chunks=[chunk[:3], chunk[3:]]
    )
    assert answer is not None
    return AWSResponse(url, answer.status, dict(answer.headers), _Raw(answer.body))


def ends_ms(fields: Mapping[str, str]) -> int:
    """When a form's policy ends, in epoch milliseconds: boto3 signs on a clock of its own."""
    document = json.loads(base64.b64decode(fields["policy"]))
    return int(datetime.fromisoformat(document["expiration"]).timestamp() * 1_000)
