"""Calls of the API by operationId, for parts that make a few of them in a row.

Method, path and the answer's root come from the contract.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from mockleo import contracts
from mockleo.conformance.curl import curl
from mockleo.conformance.door import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockleo.conformance.door import Answer, Door
    from mockleo.conformance.tally import Tally

# So long a finding's `seen` may be.
SEEN_CHARS_MOST = 600

# How a job is waited for: as the service advises those who poll, and far longer than an image
# takes.
POLL_MS = 5_000
POLLS_MOST = 36

_ENDED = frozenset({"COMPLETE", "FAILED"})


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One operation of the contract: where it is, and the member that its answer stands in."""

    id: str
    method: str
    path: str
    root: str
    described: dict[str, Any]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A call and what came back. `value` is what stands in the answer's root; None where the call
    was refused, or the answer is none that the contract knows.
    """

    request: Request
    answer: Answer
    value: Any = None


class Caller:
    """A client with the door's key, that counts what it is answered."""

    def __init__(self, door: Door, tally: Tally) -> None:
        self.door = door
        self.tally = tally
        self.operations = operations()

    def call(self, operation: str, body: Mapping[str, object] | None = None, *, at: str = "") -> Told:
        """Make a call; `at` fills the place in its path. Raises what `Door.send` does."""
        entry = self.operations[operation]
        path = re.sub(r"\{\w+\}", quote(at, safe=""), entry.path)
        headers = [("authorization", f"Bearer {self.door.api_key}"), ("accept", "application/json")]
        if body is not None:
            headers.append(("content-type", "application/json"))
        request = Request(
            method=entry.method,
            url=f"{self.door.base_url}{path}",
            headers=tuple(headers),
            body=b"" if body is None else msgspec.json.encode(body),
            operation=operation,
        )
        answer = self.send(request)
        value = _value(answer, entry.root)
        return Told(request=request, answer=answer, value=value)

    def send(self, request: Request) -> Answer:
        """Make a call that is spelled out, and count its answer."""
        answer = self.door.send(request)
        if request.operation:
            self.tally.statuses[request.operation, answer.status] += 1
        return answer

    def fetch(self, url: str) -> Answer:
        """Get what an address in an answer leads to, as anybody can: without the key."""
        return self.door.send(Request(method="GET", url=url))

    def curl(self, request: Request) -> str:
        return curl(request, api_key=self.door.api_key)

    def status_of(self, generation: str) -> str | None:
        """How far a generation is; None where the service does not tell."""
        value = self.call("getGenerationById", at=generation).value
        status = value.get("status") if isinstance(value, dict) else None
        return status if isinstance(status, str) else None

    def ended(self, generation: str) -> str | None:
        """Wait for a generation's end and tell its status; the last that was seen, where it has none."""
        status = self.status_of(generation)
        for _ in range(POLLS_MOST):
            if status in _ENDED:
                break
            self.door.wait(POLL_MS)
            status = self.status_of(generation)
        return status


def operations() -> Mapping[str, Entry]:
    """All operations of the contract, by operationId."""
    return {
        described["operationId"]: Entry(
            id=described["operationId"],
            method=method.upper(),
            path=path,
            root=described.get("x-root", ""),
            described=described,
        )
        for path, item in contracts.openapi()["paths"].items()
        for method, described in item.items()
        if isinstance(described, dict) and "operationId" in described
    }


def shown(answer: Answer) -> str:
    """An answer's beginning, for a finding: its status, its kind and as much of it as one reads."""
    text = answer.body[: 4 * SEEN_CHARS_MOST].decode("utf-8", "replace")
    kind = answer.header("content-type") or "no content type"
    return f"{answer.status}, {kind}: {text[:SEEN_CHARS_MOST] or 'an empty body'}"


def _value(answer: Answer, root: str) -> Any:
    if answer.status != 200:
        return None
    try:
        decoded = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return decoded.get(root) if isinstance(decoded, dict) else None
