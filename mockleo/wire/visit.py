"""One request on its way through the pipeline, and what is written down about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockleo.record import BODY_BYTES_MOST, CUT_MARGIN_BYTES, Exchange

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.types import Message, Receive, Scope, Send

    from mockleo.core.account import Account
    from mockleo.core.keys import ApiKey
    from mockleo.wire.call import Reply
    from mockleo.wire.contract import Operation


# Cut further where it leaves, once it has been cleaned.
_KEPT_BYTES = BODY_BYTES_MOST + CUT_MARGIN_BYTES

# A client sends the same headers with each call; one who invents them does not fill our memory.
_HEADS_MOST = 1_024


class Head:
    """The headers of a request: as they came, and as the journal keeps them."""

    __slots__ = ("all", "kept", "scheme")

    def __init__(self, raw: Iterable[tuple[bytes, bytes]]) -> None:
        self.all: Mapping[bytes, bytes] = dict(raw)
        shown = self.all.get(b"authorization")
        self.kept = {name: value for name, value in self.all.items() if name != b"authorization"}
        self.scheme = "" if shown is None else _scheme_of(shown)


class Heads:
    """Headers that have come before: to take them apart, and to keep them, costs nothing again."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[tuple[tuple[bytes, bytes], ...], Head] = {}

    def of(self, raw: Iterable[tuple[bytes, bytes]]) -> Head:
        key = tuple(raw)
        found = self._known.get(key)
        if found is None:
            found = Head(key)
            if len(self._known) < _HEADS_MOST:
                self._known[key] = found
        return found


class Visit:
    """Each step of the pipeline finds here what the ones before have left.

    `name` is what the journal calls it: the operationId once that is known, or another word for
    what stands beside the API.
    """

    __slots__ = (
        "account", "args", "asked", "at_ms", "body", "booked", "call", "client", "handler", "head", "headers",
        "key", "method", "name", "operation", "path", "path_values", "query", "reply",
    )  # fmt: skip

    def __init__(self, scope: Scope, path: str, heads: Heads) -> None:
        self.method: str = scope["method"]
        # As it was sent; `path` is how it is understood.
        self.asked: str = scope["path"]
        self.path = path
        self.query: str = scope["query_string"].decode("latin-1")
        self.head = heads.of(scope["headers"])
        self.headers = self.head.all
        self.client: tuple[str, int] | None = scope.get("client")
        self.at_ms = 0
        self.body = b""
        self.key: ApiKey | None = None
        self.account: Account | None = None
        self.name = ""
        self.operation: Operation | None = None
        self.handler: Any = None
        self.path_values: Mapping[str, str] = {}
        self.args: dict[str, Any] = {}
        # The logical call that this is an attempt of, where faults are in force.
        self.call: Any = None
        self.reply: Reply | None = None
        self.booked: tuple[str, ...] = ()

    def sent(self) -> bytes:
        """All that tells this request from others: what a client sends again when it tries again."""
        return b"%s %s?%s\n%s" % (
            self.method.encode(), self.path.encode("utf-8", "surrogateescape"), self.query.encode("latin-1"),
            self.body,
        )  # fmt: skip

    def exchange(self, n: int, *, status: int, why: str, answer: bytes, booked: tuple[str, ...]) -> Exchange:
        """What the journal keeps. The authorization is not among it; other secrets may be in what
        a client has sent, and are taken out of whatever leaves the journal.
        """
        account, key, body, head = self.account, self.key, self.body, self.head
        return Exchange(
            n, self.at_ms, self.at_ms, self.method, self.asked, self.query, self.name,
            "" if account is None else account.user_id, "" if key is None else key.id,
head.scheme, head.kept,
            body if len(body) <= _KEPT_BYTES else body[:_KEPT_BYTES], len(body), status, why,
            answer if len(answer) <= _KEPT_BYTES else answer[:_KEPT_BYTES], len(answer), self.client,
            booked,
        )  # fmt: skip


# Longer words are no schemes: a client has sent its key alone.
_SCHEME_LONGEST = 10


def _scheme_of(shown: bytes) -> str:
    """How an Authorization header begins, without telling what it says; "-" where it begins so."""
    word, blank, _ = shown.partition(b" ")
    return word.decode("latin-1") if blank and len(word) <= _SCHEME_LONGEST else "-"


class Hearing:
    """What is heard of a request while somebody else reads it by `receive`: its beginning. `behind`
    is the server's own `receive`.
    """

    __slots__ = ("beginning", "behind", "bytes_read")

    def __init__(self, receive: Receive) -> None:
        self.behind = receive
        self.beginning = bytearray()
        self.bytes_read = 0

    async def receive(self) -> Message:
        message = await self.behind()
        body: bytes = message.get("body", b"")
        self.bytes_read += len(body)
        if len(self.beginning) < _KEPT_BYTES:
            self.beginning += body[: _KEPT_BYTES - len(self.beginning)]
        return message


class Sight:
    """What is seen of an answer while somebody else sends it, behind `send`. `beginning` is that
    of a refusal's body: others are files.
    """

    __slots__ = ("_send", "beginning", "bytes_sent", "is_whole", "status", "why")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self.why = ""
        self.beginning = bytearray()
        self.bytes_sent = 0
        self.is_whole = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.why = dict(message["headers"]).get(b"x-mockleo-why", b"").decode("latin-1")
        else:
            body: bytes = message.get("body", b"")
            self.bytes_sent += len(body)
            if self.status >= _REFUSED and len(self.beginning) < _KEPT_BYTES:
                self.beginning += body[: _KEPT_BYTES - len(self.beginning)]
            self.is_whole = not message.get("more_body", False)
        await self._send(message)


_REFUSED = 400
