"""One request as the bucket's handlers see it, and what they have at hand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

from starlette.datastructures import Headers
from starlette.types import Receive, Scope

from mockleo.bucket.body import Body
from mockleo.bucket.reply import printable
from mockleo.bucket.store import Store, StoredObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What the handlers work on.

    `name` is the bucket that is always there, `on_stored` hears of each object once it is in
    place, `size_bytes_max` bounds every upload.
    """

    name: str
    region: str
    store: Store
    now_ms: Callable[[], int]
    on_stored: Callable[[StoredObject], None]
    size_bytes_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request taken apart.

    `path` is the whole one, decoded; `root` the part of it where the application is mounted.
    `bucket` and `key` may be empty. `query` has the parameters in their order, decoded.
    """

    method: str
    scheme: str
    path: str
    root: str
    bucket: str
    key: str
    query: tuple[tuple[str, str], ...]
    headers: Headers
    body: Body

    @property
    def url(self) -> str:
        """The bucket's own URL, without a slash at its end."""
        host = printable(self.headers.get("host", "localhost"))
        return f"{self.scheme}://{host}{quote(f'{self.root}/{self.bucket}')}"

    @property
    def asked(self) -> Mapping[str, str]:
        """The query by name; of one name the first."""
        return dict(reversed(self.query))


def take_apart(scope: Scope, receive: Receive, *, mount: str) -> Request:
    """Read a request of an application that is mounted at `mount`, whether or not the mount tells."""
    headers = Headers(scope=scope)
    root: str = scope.get("root_path", "")
    if not root.endswith(mount):
        root += mount
    # No server hands on what is no text; who calls in process may.
    path: str = scope["path"].encode("utf-8", "replace").decode()
    bucket, _, key = path.removeprefix(root).lstrip("/").partition("/")
    return Request(
        method=scope["method"],
        scheme=scope["scheme"],
        path=path,
        root=root,
        bucket=bucket,
        key=key,
        query=_query(scope.get("query_string", b"").decode("latin-1")),
        headers=headers,
        body=Body(receive, headers),
    )


def _query(text: str) -> tuple[tuple[str, str], ...]:
    """Take a query apart. A plus is a plus: SigV4 writes a blank as %20."""
    pairs = (part.partition("=") for part in text.split("&") if part)
    return tuple((unquote(name), unquote(value)) for name, _, value in pairs)
