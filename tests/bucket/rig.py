"""A bucket on a clock we hold, forms for it in any state of disrepair, and its answers taken apart."""

import asyncio
import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

from starlette.types import Message

from mockleo.bucket.presign import Presigner
from mockleo.bucket.service import SIZE_BYTES_MAX, Bucket
from mockleo.bucket.signature import Credentials, sign_v2, sign_v4
from mockleo.bucket.store import Store, StoredObject

NAME = "uploads"
REGION = "eu-west-3"
NOW_MS = 1_800_000_000_500
BOUNDARY = "0123456789abcdef"
CREDENTIALS = Credentials(
    access_key_id="AKIDEXAMPLE", secret_access_key="swordfish", session_token="session/token=="
)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An HTTP answer. `xml` holds the text of each element below the root, by its name."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def xml(self) -> dict[str, str]:
        return {element.tag: element.text or "" for element in _root(self.body)}

    @property
    def why(self) -> str:
        """The broken rule, or the status where none was."""
        return self.headers.get("x-mockleo-why", str(self.status))


@dataclass(kw_only=True)
class Rig:
    """One bucket and its surroundings. `told` are the objects `on_stored` heard of."""

    now_ms: int = NOW_MS
    seed: str = "7"
    size_bytes_max: int = SIZE_BYTES_MAX
    store: Store = field(default_factory=Store)
    told: list[StoredObject] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.app = Bucket(
            name=NAME,
            region=REGION,
            credentials=CREDENTIALS,
            store=self.store,
            now_ms=lambda: self.now_ms,
            on_stored=self.told.append,
            seed=self.seed,
            size_bytes_max=self.size_bytes_max,
        )
        self.presigner = Presigner(name=NAME, region=REGION, credentials=CREDENTIALS)

    def presign(self, *, key: str = "u/cat.png", max_bytes: int | None = None) -> dict[str, str]:
        return self.presigner.presign(
            key=key, content_type="image/png", now_ms=self.now_ms, max_bytes=max_bytes
        )

    def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        chunks: Sequence[bytes] = (b"",),
        hangs_up: bool = False,
        query: str | None = None,
    ) -> Answer | None:
        """Send a request by hand, chunk by chunk; None where no answer came.

        `path` is decoded, with the query behind it unless that is given; `query` is encoded.
        A body is said to be chunked unless `headers` tell its length, or an empty `transfer-encoding`.
        """
        sent: list[Message] = []
        if query is None:
            path, _, query = path.partition("?")
        given = {"host": "bucket.test:5360", **(headers or {})}
        if method in {"POST", "PUT"} and "content-length" not in given:
            given.setdefault("transfer-encoding", "chunked")
        given = {name: value for name, value in given.items() if value or name != "transfer-encoding"}
        coming = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
        if hangs_up:
            coming.append({"type": "http.disconnect"})
        else:
            coming[-1]["more_body"] = False
        waiting = iter(coming)

        async def receive() -> Message:
            return next(waiting)

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": method,
            "scheme": "http",
            "path": path,
            "root_path": "",
            "query_string": query.encode("latin-1"),
            "headers": [
                (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in given.items()
            ],
        }
        asyncio.run(self.app(scope, receive, send))
        self.unread = len(list(waiting))
        return _answer(sent) if sent else None

    def get(self, path: str, **headers: str) -> Answer:
        answer = self.ask("GET", path, headers=headers)
        assert answer is not None
        return answer

    def post(
        self,
        fields: Mapping[str, str],
        data: bytes | None = b"meow",
        *,
        filename: str | None = "cat.png",
        path: str = f"/s3/{NAME}",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Upload in one piece. No file part at all where `data` is None."""
        answer = self.ask(
            "POST",
            path,
            headers={"content-type": f"multipart/form-data; boundary={BOUNDARY}", **(headers or {})},
            chunks=[multipart(fields, data, filename=filename)],
        )
        assert answer is not None
        return answer


def _root(body: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(body)  # noqa: S314  our own words


def _answer(sent: list[Message]) -> Answer:
    start, *rest = sent
    assert not rest[-1].get("more_body", False)
    return Answer(
        status=start["status"],
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in start["headers"]},
        body=b"".join(message["body"] for message in rest),
    )


def part(name: str, data: str | bytes, parameters: str = "", headers: str = "") -> bytes:
    """One part, with its leading boundary and its trailing line end."""
    content = data.encode() if isinstance(data, str) else data
    disposition = f'Content-Disposition: form-data; name="{name}"{parameters}\r\n{headers}'
    return f"--{BOUNDARY}\r\n{disposition}\r\n".encode() + content + b"\r\n"


def multipart(
    fields: Mapping[str, str], data: bytes | None = b"meow", *, filename: str | None = "cat.png"
) -> bytes:
    """A whole body: the fields in their order, then the file."""
    parts = [part(name, value) for name, value in fields.items()]
    if data is not None:
        parts.append(part("file", data, "" if filename is None else f'; filename="{filename}"'))
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def policy_of(conditions: Iterable[object], *, expires_ms: int = NOW_MS + 60_000, **members: object) -> str:
    """A policy in base64. Extra `members` stand beside the two it must have."""
    ends = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=expires_ms)
    document = {
        "expiration": ends.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "conditions": list(conditions),
        **members,
    }
    return base64.b64encode(json.dumps(document).encode()).decode()


def signed_v4(
    fields: Mapping[str, str],
    conditions: Iterable[object],
    *,
    expires_ms: int = NOW_MS + 60_000,
    **members: object,
) -> dict[str, str]:
    """A form signed with SigV4: `fields` first, its own conditions added to `conditions`."""
    own = {
        "x-amz-algorithm": "AWS4-HMAC-SHA256",
        "x-amz-credential": f"{CREDENTIALS.access_key_id}/20270115/{REGION}/s3/aws4_request",
        "x-amz-date": "20270115T080000Z",
    }
    covering = [*conditions, *({name: value} for name, value in own.items())]
    return resigned({**fields, **own, "policy": policy_of(covering, expires_ms=expires_ms, **members)})


def resigned(fields: Mapping[str, str]) -> dict[str, str]:
    """The same form with the SigV4 signature that its policy should have."""
    signature = sign_v4(fields["policy"], secret=CREDENTIALS.secret_access_key, day="20270115", region=REGION)
    return {**fields, "x-amz-signature": signature}


def signed_v2(fields: Mapping[str, str], conditions: Iterable[object]) -> dict[str, str]:
    """A form signed with SigV2."""
    policy = policy_of(conditions)
    return {
        **fields,
        "AWSAccessKeyId": CREDENTIALS.access_key_id,
        "policy": policy,
        "signature": sign_v2(policy, secret=CREDENTIALS.secret_access_key),
    }


def open_form(fields: Mapping[str, str], *more: object) -> dict[str, str]:
    """A SigV4 form whose policy allows whatever `fields` say, and asks for `more`."""
    anything = [["eq", f"${name}", value] for name, value in fields.items() if name != "key"]
    return signed_v4(fields, [{"bucket": NAME}, ["starts-with", "$key", ""], *anything, *more])
