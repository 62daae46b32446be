"""How schemathesis' calls get to the door, and what comes back.

schemathesis asks its schema for a transport; ours builds the call as the one for `requests` does
and hands it to the door, so no session, pool or socket of its own comes into it. Its probes of the
server's abilities, which would go past any transport, need an absolute address: the document it is
given has a path only.
"""

from __future__ import annotations

from contextlib import contextmanager
from http.client import responses as reasons
from typing import TYPE_CHECKING, Any

import requests
from hypothesis.errors import UnsatisfiedAssumption
from requests.structures import CaseInsensitiveDict
from schemathesis.core.transport import Response
from schemathesis.generation.overrides import Override
from schemathesis.specs.openapi.schemas import OpenApiSchema
from schemathesis.transport.requests import REQUESTS_TRANSPORT, RequestsTransport
from typing_extensions import override

from mockleo.conformance.door import Answer, MayNot, NoAnswer, OutOfBudget, Request
from mockleo.conformance.schema.meanwhile import Meanwhile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schemathesis.generation.case import Case

    from mockleo.conformance.door import Door

# The key that schemathesis makes up has not the form of a key: the service answers 500 and says
# nothing about who may come in. A UUID that nobody was issued is refused for what it is.
MADE_UP = "Bearer SCHEMATHESIS-INVALID-VALUE"
UNKNOWN_KEY = "3d6c8f0a-5b1e-4c7d-9a2f-0e1b2c3d4e5f"

# After so many calls in a row without an answer nobody is there any more.
SILENT_MOST = 8

# Differs from run to run, and is nobody's business.
_CASE_HEADER = "x-schemathesis-testcaseid"


class Stopped(KeyboardInterrupt):
    """Ends schemathesis' run in order, as Ctrl-C does: the one thing that it lets through."""


class NotSent(UnsatisfiedAssumption):
    """The call may not be made: something left out. A sequence is given up for another one, and not
    taken for a mistake.
    """


class Silent(requests.Timeout):
    """The door's `NoAnswer`, as schemathesis knows it: it goes on with the next operation."""


class WayOut(RequestsTransport):
    """Hands schemathesis' calls to `door`.

    `look` is shown each call with its answer, and the operationId ("" where the method is none of
    the operation's); `left` is told what may not be sent; `silent` what got no answer. `ended` is
    why nothing is sent any more.
    """

    def __init__(
        self,
        door: Door,
        *,
        look: Callable[[str, Request, Answer], None],
        left: Callable[[str, MayNot], None],
        silent: Callable[[str, Request, NoAnswer], None],
    ) -> None:
        super().__init__()
        self._copy_serializers_from(REQUESTS_TRANSPORT)
        self._door = door
        self._look = look
        self._left = left
        self._silent = silent
        self._meanwhile = Meanwhile(door)
        self._silent_in_a_row = 0
        self.ended: MayNot | NoAnswer | None = None

    @override
    def send(self, case: Case[Any], *, session: requests.Session | None = None, **kwargs: Any) -> Response:
        prepared = self._prepared(case, session, kwargs)
        answer = self.exchange(as_request(prepared, operation_of(case)))
        return _response(prepared, answer, Override.from_send_kwargs(kwargs))

    def exchange(self, request: Request) -> Answer:
        """Make a call, have its answer looked at, and go on as a client would. Raises `Stopped`,
        `NotSent`, `Silent`.
        """
        if self.ended is not None:
            raise Stopped
        with self._guarded(request):
            answer = self._door.send(request)
        self._silent_in_a_row = 0
        self._look(request.operation, request, answer)
        if request.operation:
            with self._guarded(request):
                self._meanwhile.after(request, answer)
        return answer

    @contextmanager
    def _guarded(self, request: Request) -> Iterator[None]:
        """What the door raises, as schemathesis is to take it."""
        try:
            yield
        except OutOfBudget as error:
            self.ended = error
            raise Stopped from None
        except MayNot as error:
            self._left(request.operation, error)
            raise NotSent(str(error)) from None
        except NoAnswer as error:
            self._silent_in_a_row += 1
            self._silent(request.operation, request, error)
            if self._silent_in_a_row >= SILENT_MOST:
                self.ended = error
                raise Stopped from None
            raise Silent(str(error)) from None

    def _prepared(
        self, case: Case[Any], session: requests.Session | None, kwargs: dict[str, Any]
    ) -> requests.PreparedRequest:
        headers = dict(session.headers) if session is not None else {}
        headers.update(kwargs.get("headers") or {})
        kwargs["headers"] = headers
        kwargs["base_url"] = self._door.base_url
        prepared = requests.Request(**self.serialize_case(case, **kwargs)).prepare()
        prepared.headers.pop(_CASE_HEADER, None)
        if prepared.headers.get("authorization") == MADE_UP:
            prepared.headers["authorization"] = f"Bearer {UNKNOWN_KEY}"
        return prepared


class Behind(OpenApiSchema):
    """A document whose operations are behind a door."""

    way_out: WayOut

    @property
    @override
    def transport(self) -> WayOut:
        return self.way_out


def operation_of(case: Case[Any]) -> str:
    """The operationId of a call, "" where its method is not the operation's."""
    if case.method.upper() != case.operation.method.upper():
        return ""
    return str(case.operation.definition.raw["operationId"])


def as_request(prepared: requests.PreparedRequest, operation: str) -> Request:
    """A call in the suite's own form."""
    body = prepared.body or b""
    assert prepared.method is not None, "it is prepared"
    assert prepared.url is not None, "it is prepared"
    assert isinstance(body, str | bytes), "no operation takes a file"
    return Request(
        method=prepared.method,
        url=prepared.url,
        headers=tuple((_text(name), _text(value)) for name, value in prepared.headers.items()),
        body=body.encode() if isinstance(body, str) else body,
        operation=operation,
    )


def as_answer(response: Response) -> Answer:
    """An answer in the suite's own form."""
    return Answer(
        status=response.status_code,
        headers=tuple((name, value) for name, values in response.headers.items() for value in values),
        body=response.content,
        elapsed_ms=response.elapsed * 1000,
    )


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _response(prepared: requests.PreparedRequest, answer: Answer, used: Override) -> Response:
    headers: dict[str, list[str]] = {}
    for name, value in answer.headers:
        headers.setdefault(name, []).append(value)
    content_type = answer.header("content-type")
    return Response(
        status_code=answer.status,
        headers=headers,
        content=answer.body,
        request=prepared,
        elapsed=answer.elapsed_ms / 1000,
        verify=True,
        message=reasons.get(answer.status, ""),
        encoding=_encoding(content_type) if content_type is not None else None,
        _override=used,
    )


def _encoding(content_type: str) -> str | None:
    return requests.utils.get_encoding_from_headers(CaseInsensitiveDict({"content-type": content_type}))
