"""Calls through the door, and the trace of them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import msgspec

from mockleo import contracts
from mockleo.conformance.door import Answer, MayNot, NoAnswer, OutOfBudget, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockleo.conformance.door import Door
    from mockleo.conformance.tally import Tally

PART = "lifecycle"

# A plain form of this kind is what storage takes; nothing in the files looks like it.
_BOUNDARY = "mockleo-conformance-2f6d1c"
_TOO_MANY = 429
_MINUTE_MS = 60_000


class Stopped(BaseException):
    """No walk can go on: no budget, no permission at all, no answer. Nothing between here and the
    part may take it for a failure, so it is no Exception.
    """

    def __init__(self, why: MayNot | NoAnswer) -> None:
        super().__init__(str(why))
        self.why = why


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """Where an operation is, and the key around its answer."""

    method: str
    path: str
    root: str


@lru_cache
def operations() -> Mapping[str, Operation]:
    """All of the contract's, by operationId."""
    return {
        told["operationId"]: Operation(method=method.upper(), path=path, root=told["x-root"])
        for path, item in contracts.openapi()["paths"].items()
        for method, told in item.items()
        if isinstance(told, dict) and "operationId" in told
    }


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """An answer, read. `data` is the JSON in it, None where there is none."""

    operation: str
    request: Request
    answer: Answer
    data: Any = None

    @property
    def status(self) -> int:
        return self.answer.status

    @property
    def told(self) -> Any:
        """What stands under the operation's key."""
        root = operations()[self.operation].root
        return self.data.get(root) if isinstance(self.data, dict) else None

    @property
    def is_given(self) -> bool:
        """Whether it is a 200 with the operation's key, be it null."""
        root = operations()[self.operation].root
        return self.status == 200 and isinstance(self.data, dict) and root in self.data

    @property
    def beginning(self) -> str:
        """Status and first words, for messages."""
        return f"{self.status} {self.answer.body[:120].decode('utf-8', 'replace')}"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A call that was made, or the milliseconds that were waited."""

    request: Request | None = None
    answer: Answer | None = None
    wait_ms: int = 0

    @property
    def acts(self) -> bool:
        """Whether it may have changed something."""
        return self.request is None or self.request.method != "GET"


class Client:
    """Calls with `api_key`, and remembers them. `now_ms` is how long it has waited in all.

    `look` is shown every exchange: the judge of single answers. `forbidden` is told of a call that
    may not be made, and has to leave the act by raising; without it, nothing is made any more.
    """

    def __init__(
        self,
        door: Door,
        tally: Tally,
        *,
        api_key: str = "",
        look: Callable[[Request, Answer], None] = lambda request, answer: None,
        forbidden: Callable[[str, MayNot], object] | None = None,
    ) -> None:
        self.door = door
        self.api_key = api_key or door.api_key
        self.steps: list[Step] = []
        self.now_ms = 0
        # Whether a call that is refused as one too many is made again after a minute.
        self.patient = True
        self._tally = tally
        self._look = look
        self.forbidden = forbidden

    def call(
        self,
        operation: str,
        *,
        at: object = None,
        query: Mapping[str, int | str] | None = None,
        body: Mapping[str, Any] | None = None,
        api_key: str = "",
    ) -> Reply:
        """Make one call; `at` is what stands in the path."""
        known = operations()[operation]
        before, brace, rest = known.path.partition("{")
        path = before + quote(str(at), safe="") + rest.partition("}")[2] if brace else before
        headers = [("authorization", f"Bearer {api_key or self.api_key}"), ("accept", "application/json")]
        content = b""
        if body is not None:
            headers.append(("content-type", "application/json"))
            content = msgspec.json.encode(body)
        request = Request(
            method=known.method,
            url=f"{self.door.base_url}{path}" + (f"?{urlencode(query)}" if query else ""),
            headers=tuple(headers),
            body=content,
            operation=operation,
        )
        answer = self.send(request)
        if answer.status == _TOO_MANY and self.patient:
            self.wait(_MINUTE_MS)
            answer = self.send(request)
        return Reply(operation=operation, request=request, answer=answer, data=_decoded(answer.body))

    def send(self, request: Request) -> Answer:
        """Make a call that is ready. Raises `Stopped`, or what `forbidden` does."""
        try:
            answer = self.door.send(request)
        except (OutOfBudget, NoAnswer) as error:
            raise Stopped(error) from error
        except MayNot as error:
            if self.forbidden is not None:
                self.forbidden(request.operation or f"{request.method} to the storage", error)
            raise Stopped(error) from error
        self._tally.cases[PART] += 1
        if request.operation:
            self._tally.statuses[request.operation, answer.status] += 1
            self._look(request, answer)
        self.steps.append(Step(request=request, answer=answer))
        return answer

    def fetch(self, url: str) -> Answer | None:
        """What lies at a URL that an answer has given; None where nobody allows the call."""
        request = Request(method="GET", url=url)
        try:
            answer = self.door.send(request)
        except (OutOfBudget, NoAnswer) as error:
            raise Stopped(error) from error
        except MayNot:
            return None
        self.steps.append(Step(request=request, answer=answer))
        return answer

    def store(self, url: str, fields: Mapping[str, str], content: bytes) -> Answer:
        """Post `content` to the storage with a presigned form, file last."""
        parts = [
            f'--{_BOUNDARY}\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        head = f'--{_BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="file"\r\n\r\n'
        body = b"".join(parts) + head.encode() + content + f"\r\n--{_BOUNDARY}--\r\n".encode()
        headers = (("content-type", f"multipart/form-data; boundary={_BOUNDARY}"),)
        return self.send(Request(method="POST", url=url, headers=headers, body=body))

    def wait(self, ms: int) -> None:
        """Let time pass for the service."""
        try:
            self.door.wait(ms)
        except (MayNot, NoAnswer) as error:
            raise Stopped(error) from error
        self.now_ms += ms
        self.steps.append(Step(wait_ms=ms))


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        return None
